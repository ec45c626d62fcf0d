"""What an answer other than a success means, and what to do about it."""

import json

import pytest

from publisher.genesys.calls import create_registration, create_version, get_flow
from publisher.genesys.errors import (
    CredentialsError,
    GenesysError,
    LimitedError,
    LockedError,
    MissingError,
    NotAllowedError,
    RefusedError,
    UnavailableError,
    UnreadableError,
)
from publisher.genesys.exchange import Request, Response
from publisher.genesys.faults import fault, said_by
from publisher.genesys.model import RegistrationDraft
from tests.publisher.genesys.wires import CORRELATION_ID, HTML

CREATE = create_version("f1", {})


def a_response(status: int, *, message: str = "so it is", **headers: str) -> Response:
    told = {"inin-correlation-id": CORRELATION_ID} | {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status=status, headers=told, body=json.dumps({"message": message, "code": "x"}).encode())


@pytest.mark.parametrize(
    ("status", "kind", "advice"),
    [
        (400, RefusedError, "publisher validate"),
        (401, CredentialsError, "Check that id and secret"),
        (403, NotAllowedError, "architect:flow:edit"),
        (404, MissingError, "Check the id"),
        (409, LockedError, "check it in or unlock it"),
        (418, GenesysError, "does not know such a call"),
        (422, RefusedError, "no trigger node"),
        (429, LimitedError, "Try again in a minute"),
        (500, UnavailableError, "Try again later"),
        (501, GenesysError, "does not know such a call"),
        (503, UnavailableError, "Try again later"),
    ],
    ids=str,
)
def test_every_status_has_its_class_and_its_advice(status: int, kind: type[GenesysError], advice: str) -> None:
    error = fault(CREATE, a_response(status))

    assert type(error) is kind
    assert str(error).startswith("Could not create a version of flow 'f1': so it is. ")
    assert advice in str(error)
    assert f"(HTTP {status}) (correlation id {CORRELATION_ID})" in str(error)
    assert (error.code, error.status, error.correlation_id) == (f"http.{status}", status, CORRELATION_ID)


def test_a_refused_permission_names_the_scope_too() -> None:
    assert "the scope flow:write" in str(fault(CREATE, a_response(403)))


def test_a_limit_tells_how_long_to_wait() -> None:
    assert "Try again in 42 s" in str(fault(CREATE, a_response(429, retry_after="42")))


@pytest.mark.parametrize("status", [200, 400, 403, 404], ids=str)
def test_a_page_for_people_is_unreadable_whatever_its_status(status: int) -> None:
    error = fault(CREATE, Response(status=status, headers={"content-type": "text/html"}, body=HTML.encode()))

    assert isinstance(error, UnreadableError)
    assert error.code == "not-json"
    assert "An HTML page came back where JSON should" in str(error)


def test_a_failed_gateway_is_unavailable_though_it_sends_a_page() -> None:
    error = fault(CREATE, Response(status=502, headers={"content-type": "text/html"}, body=HTML.encode()))

    assert isinstance(error, UnavailableError)


def test_a_redirect_is_not_followed_but_told() -> None:
    error = fault(CREATE, Response(status=302, headers={"location": "https://login.test/"}))

    assert isinstance(error, UnreadableError)
    assert "A redirect to https://login.test/ came back" in str(error)


@pytest.mark.parametrize(
    ("request_", "status", "doubt"),
    [(CREATE, 503, True), (CREATE, 409, False), (get_flow("f1"), 503, False)],
    ids=["effect", "refused effect", "no effect"],
)
def test_a_failure_of_the_server_leaves_an_effect_in_doubt(request_: Request, status: int, doubt: bool) -> None:
    assert fault(request_, a_response(status)).may_have_happened is doubt


def test_a_server_that_echoes_a_secret_does_not_make_us_tell_it() -> None:
    draft = RegistrationDraft(name="n", description="", type="web", endpoint_url="u", events=(), secret="t0psecret")

    error = fault(create_registration(draft), a_response(400, message="bad secret t0psecret"))

    assert "t0psecret" not in str(error)
    assert "bad secret [secret]" in str(error)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"message": "no", "errors": [{"message": "one"}, {"message": "two"}]}', "no; one; two"),
        (b'{"error": "invalid_client", "description": "client not found"}', "client not found"),
        (b'{"error": "invalid_client"}', "invalid_client"),
        (b'{"message": "two\\nlines\\u0007"}', "two lines"),
        (b"[1]", ""),
        (b"", ""),
        (b"{", ""),
    ],
    ids=["error body", "oauth", "bare oauth", "control characters", "list", "empty", "broken"],
)
def test_the_servers_own_words_are_found(body: bytes, said: str) -> None:
    assert said_by(Response(status=400, body=body)) == said


def test_the_servers_own_words_are_cut() -> None:
    said = said_by(Response(status=400, body=json.dumps({"message": "x" * 10_000}).encode()))

    assert len(said) == 300
    assert said.endswith("…")
