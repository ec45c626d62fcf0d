"""What is kept of requests and answers holds no secret."""

from urllib.parse import quote

import pytest

from receiver.targets.kind import Request, Response
from receiver.targets.redaction import MASK, MAX_KEPT_BYTES, MAX_MESSAGE_CHARACTERS, Redaction

SECRET = 's3cr3t "&/+ value'


@pytest.mark.parametrize(
    "echo",
    [SECRET, quote(SECRET, safe=""), quote(SECRET), 's3cr3t \\"&/+ value', "s3cr3t &quot;&amp;/+ value"],
    ids=["plain", "in a URL", "in a path", "in JSON", "in HTML"],
)
def test_an_echoed_secret_is_taken_out(echo: str) -> None:
    assert Redaction({"CI_TOKEN": SECRET}).text(f"<{echo}>") == "<[secret CI_TOKEN]>"


def test_the_longer_of_two_secrets_wins() -> None:
    redaction = Redaction({"A": "abc", "B": "abcdef"})

    assert redaction.text("abcdef abc") == "[secret B] [secret A]"


@pytest.mark.parametrize("secrets", [{}, {"EMPTY": ""}], ids=["none", "empty"])
def test_without_secrets_text_stays_as_it_is(secrets: dict[str, str]) -> None:
    assert Redaction(secrets).text("as it is") == "as it is"


def test_a_secret_that_the_cut_goes_through_is_taken_out_too() -> None:
    body = b"x" * (MAX_KEPT_BYTES - 6) + b"hunter2hunter2"

    kept, cut = Redaction({"CI_TOKEN": "hunter2hunter2"}).body(body)

    assert cut
    assert kept.endswith("x[secret CI_TOKEN]")


@pytest.mark.parametrize(
    "name", ["Set-Cookie", "Authorization", "PRIVATE-TOKEN", "X-Api-Key", "X-Hub-Signature-256", "X-Relay-Secret"]
)
def test_headers_with_telling_names_are_masked(name: str) -> None:
    assert Redaction({}).headers({name: "whatever"}) == {name: MASK}


def test_a_header_with_a_known_secret_shows_its_name() -> None:
    redaction = Redaction({"CI_TOKEN": "hunter2"})

    assert redaction.headers({"Authorization": "Bearer hunter2"}) == {"Authorization": "Bearer [secret CI_TOKEN]"}


def test_other_headers_are_kept() -> None:
    headers = {"Idempotency-Key": '"s-1"', "Content-Type": "text/html"}

    assert Redaction({}).headers(headers) == headers


def test_a_kept_url_can_be_read() -> None:
    request = Request("GET", "https://ci.example.com/?t=%5Bsecret%20CI_TOKEN%5D")

    assert Redaction({"CI_TOKEN": "hunter2"}).request(request)["url"] == "https://ci.example.com/?t=[secret CI_TOKEN]"


def test_what_is_no_text_is_kept_as_far_as_it_goes() -> None:
    response = Response(status=200, body=b"caf\xe9", cut=True)

    kept = Redaction({}).response(response)

    assert kept == {"status": 200, "headers": {}, "body": "caf\ufffd", "cut": True}


def test_a_message_is_short() -> None:
    assert len(Redaction({}).message("x" * 10_000)) == MAX_MESSAGE_CHARACTERS + 1
