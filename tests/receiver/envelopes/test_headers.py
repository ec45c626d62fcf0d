"""What the headers say, and which are kept."""

import pytest

from receiver.envelopes import is_json, kept_headers


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "application/json",
        "application/json; charset=utf-8",
        'Application/JSON;charset="UTF-8"',
        "application/cloudevents+json",
        "application/vnd.acme.v1+json; profile=x",
        "application/json;",
    ],
)
def test_json_by_any_name_is_json(content_type: str | None) -> None:
    assert is_json(content_type)


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/json",
        "text/plain",
        "application/xml",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
        "application/json; charset=utf-16",
        "application/json; profile=x; charset=latin-1",
        "application/jsonp",
        "application/json, text/plain",
        "\xe9",
    ],
)
def test_other_types_are_not(content_type: str) -> None:
    assert not is_json(content_type)


def test_only_headers_of_the_list_are_kept() -> None:
    headers = [(b"user-agent", b"curl/8"), (b"x-genesys-webhook-secret", b"canary"), (b"cookie", b"canary")]

    assert kept_headers(headers) == {"user-agent": "curl/8"}


def test_a_kept_header_is_short_and_printable() -> None:
    headers = [(b"user-agent", b"\x1b[2J" + b"x" * 600)]

    assert kept_headers(headers)["user-agent"] == "\ufffd[2J" + "x" * 496
