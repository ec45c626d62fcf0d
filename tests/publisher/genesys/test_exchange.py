"""One request to Genesys Cloud and its answer, as values."""

import pytest

from publisher.genesys.errors import UnreadableError
from publisher.genesys.exchange import Response
from tests.publisher.genesys.wires import CORRELATION_ID, HTML


@pytest.mark.parametrize(
    ("body", "content_type", "fault"),
    [
        (HTML.encode(), "text/html; charset=utf-8", "is an HTML page"),
        (HTML.encode(), "", "is an HTML page"),
        (b'{"id": ', "application/json", "is not JSON"),
        (b"", "application/json", "is not JSON"),
        (b"\xff\xfe\xff", "application/json", "is not JSON"),
        (b"[" * 100_000, "application/json", "is not JSON"),
        (b"[]", "application/json", "is a JSON list, no object"),
        (b"null", "application/json", "is a JSON NoneType, no object"),
    ],
    ids=["html", "unmarked html", "broken", "empty", "not text", "too deep", "list", "null"],
)
def test_what_is_no_object_is_unreadable_and_says_what_it_is(body: bytes, content_type: str, fault: str) -> None:
    response = Response(
        status=200, headers={"content-type": content_type, "inin-correlation-id": CORRELATION_ID}, body=body
    )

    with pytest.raises(UnreadableError, match=f"HTTP 200\\) {fault}.*API URL or region.*{CORRELATION_ID}") as caught:
        response.object()

    assert caught.value.code == "not-json"


def test_the_body_is_not_shown() -> None:
    assert "s3cret" not in repr(Response(status=200, body=b'{"secret": "s3cret"}'))
