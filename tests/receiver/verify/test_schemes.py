"""What lets a request in under each scheme, and what does not."""

import base64
import hmac
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from receiver.config import Source
from receiver.errors import VerificationError
from receiver.verify import Proof, secret_fault
from tests.receiver.verify import HEADER, NOON, SECRETS, gates_of, knock

BODY = b'{"event": "flow.version.published", "note": "\xc3\xa9"}'
WHSEC = {
    "NEW": "whsec_" + base64.b64encode(b"a new secret of 24 bytes").decode(),
    "OLD": "whsec_" + base64.b64encode(b"an old secret of 24 byte").decode(),
}
STANDARD = gates_of(Source(name="genesys", scheme="standard-webhooks", secrets=("NEW", "OLD")), secrets=WHSEC)
HMAC = gates_of(
    Source(name="genesys", scheme="hmac-sha256", header="X-Hub-Signature-256", secrets=tuple(SECRETS)), secrets=SECRETS
)
BEARER = gates_of(Source(name="genesys", scheme="bearer"))


def signed(key: str = "the present one", body: bytes = BODY) -> bytes:
    return hmac.digest(key.encode(), body, "sha256")


def standard(key: str = "NEW", *, message_id: str = "msg_1", late_s: float = 0, body: bytes = BODY) -> dict[str, bytes]:
    """The headers of a message as the official library signs it."""
    at = NOON + timedelta(seconds=late_s)
    signature = Webhook(WHSEC[key]).sign(message_id, at, body.decode())
    return {
        "webhook-id": message_id.encode(),
        "webhook-timestamp": str(int(at.timestamp())).encode(),
        "webhook-signature": signature.encode(),
    }


def listed(headers: dict[str, bytes]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value) for name, value in headers.items()]


@pytest.mark.parametrize("value", [b"the present one", b" \tthe present one \t"], ids=["plain", "white space around"])
def test_the_secret_lets_in_and_is_told_by_its_name(value: bytes) -> None:
    assert knock([(b"host", b"relay"), (HEADER, value)]) == Proof(secret="CI_WEBHOOK_SECRET")


def test_the_previous_secret_lets_in_too() -> None:
    assert knock([(HEADER, b"the previous one")]).secret == "CI_WEBHOOK_SECRET_PREVIOUS"


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(HEADER, b"")],
        [(HEADER, b"   ")],
        [(HEADER, b"the present on")],
        [(HEADER, b"the present one\n")],
        [(HEADER, b"THE PRESENT ONE")],
        [(HEADER, b"\xe9")],
        [(HEADER, bytes(range(128, 256)))],
        [(HEADER, b"x" * 30_000)],
        [(HEADER, b"the present one,the present one")],
        [(HEADER, b"the present one"), (HEADER, b"the present one")],
        [(HEADER, b"the present one"), (HEADER, b"wrong")],
        [(b"x_genesys_webhook_secret", b"the present one")],
        [(b"authorization", b"Bearer the present one")],
    ],
    ids=[
        *("none", "empty", "blank", "shorter", "line end", "capitals", "latin-1 byte", "high bytes", "endless"),
        *("joined", "twice the same", "twice", "underscores", "another header"),
    ],
)
def test_anything_else_does_not(headers: list[tuple[bytes, bytes]]) -> None:
    with pytest.raises(VerificationError):
        knock(headers)


@pytest.mark.parametrize("value", [b"Bearer the present one", b"bearer  the present one", b"BEARER the present one "])
def test_a_bearer_token_lets_in(value: bytes) -> None:
    assert knock([(b"authorization", value)], gates=BEARER).secret == "CI_WEBHOOK_SECRET"


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"authorization", b"the present one")],
        [(b"authorization", b"Basic the present one")],
        [(b"authorization", b"Bearer")],
        [(b"authorization", b"Bearerthe present one")],
        [(b"authorization", b"Bearer the present one")] * 2,
        [(HEADER, b"the present one")],
    ],
    ids=["none", "bare", "basic", "empty", "no blank", "twice", "another header"],
)
def test_no_other_token_does(headers: list[tuple[bytes, bytes]]) -> None:
    with pytest.raises(VerificationError):
        knock(headers, gates=BEARER)


@pytest.mark.parametrize(
    "value",
    [
        signed().hex().encode(),
        signed().hex().upper().encode(),
        b"sha256=" + signed().hex().encode(),
        base64.b64encode(signed()),
        b" sha256=" + base64.b64encode(signed()) + b" ",
    ],
    ids=["hex", "capitals", "sha256 hex", "base64", "sha256 base64"],
)
def test_a_signature_of_the_body_lets_in_however_it_is_written(value: bytes) -> None:
    assert knock([(b"x-hub-signature-256", value)], body=BODY, gates=HMAC).secret == "CI_WEBHOOK_SECRET"


def test_the_previous_secret_signs_too() -> None:
    value = signed("the previous one").hex().encode()

    assert knock([(b"x-hub-signature-256", value)], body=BODY, gates=HMAC).secret == "CI_WEBHOOK_SECRET_PREVIOUS"


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"x-hub-signature-256", b"")],
        [(b"x-hub-signature-256", b"sha256=")],
        [(b"x-hub-signature-256", b"sha1=" + signed().hex().encode())],
        [(b"x-hub-signature-256", signed().hex()[:-2].encode())],
        [(b"x-hub-signature-256", signed(body=BODY + b" ").hex().encode())],
        [(b"x-hub-signature-256", signed("wrong").hex().encode())],
        [(b"x-hub-signature-256", b"\xff" * 64)],
        [(b"x-hub-signature-256", b"=" * 44)],
        [(b"x-hub-signature-256", signed().hex().encode())] * 2,
        [(b"x-hub-signature-256", b"the present one")],
    ],
    ids=[
        "none",
        "empty",
        "no value",
        "sha1",
        "short",
        "another body",
        "another key",
        "bytes",
        "base64",
        "twice",
        "plain",
    ],
)
def test_no_other_signature_does(headers: list[tuple[bytes, bytes]]) -> None:
    with pytest.raises(VerificationError):
        knock(headers, body=BODY, gates=HMAC)


@given(body=st.binary(max_size=200), other=st.binary(max_size=200), secret=st.sampled_from(sorted(SECRETS)))
def test_what_is_signed_is_the_body_and_nothing_else(body: bytes, other: bytes, secret: str) -> None:
    headers = [(b"x-hub-signature-256", signed(SECRETS[secret], body).hex().encode())]

    assert knock(headers, body=body, gates=HMAC).secret == secret
    with pytest.raises(VerificationError, match="the signature is wrong"):
        knock(headers, body=other + b"x" + body, gates=HMAC)


@pytest.mark.parametrize("secret", ["NEW", "OLD"])
@pytest.mark.parametrize("late_s", [0, 299, -299], ids=["now", "late", "early"])
def test_what_the_official_library_signs_is_let_in(secret: str, late_s: float) -> None:
    headers = listed(standard(secret, late_s=-late_s))

    assert knock(headers, body=BODY, gates=STANDARD) == Proof(secret=secret, message_id="msg_1")


def test_one_of_several_signatures_is_enough() -> None:
    headers = standard("OLD")
    others = b"v1a,c2lnbmVk v1,### " + standard("NEW", body=b"other")["webhook-signature"]
    headers["webhook-signature"] = others + b"  " + headers["webhook-signature"]

    assert knock(listed(headers), body=BODY, gates=STANDARD).secret == "OLD"


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": b"msg_2"},
        {"webhook-id": b""},
        {"webhook-id": b"a.b"},
        {"webhook-id": b"\xff"},
        {"webhook-id": b"x" * 201},
        {"webhook-timestamp": b"0"},
        {"webhook-timestamp": b"-1"},
        {"webhook-timestamp": b"nan"},
        {"webhook-timestamp": b"9" * 40},
        {"webhook-timestamp": b"1e9"},
        {"webhook-signature": b""},
        {"webhook-signature": b"v1,"},
        {"webhook-signature": b"v1"},
        {"webhook-signature": b"v1a,c2lnbmVk"},
        {"webhook-signature": b",,, v1,\xff\xfe"},
        standard(late_s=301),
        standard(late_s=-301),
        standard(body=b"another body"),
    ],
    ids=str,
)
def test_no_other_message_is(change: dict[str, bytes]) -> None:
    with pytest.raises(VerificationError):
        knock(listed(standard() | change), body=BODY, gates=STANDARD)


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
@pytest.mark.parametrize("times", [0, 2], ids=["missing", "twice"])
def test_each_of_the_three_headers_comes_once(name: str, times: int) -> None:
    headers = standard()
    value = headers.pop(name)

    with pytest.raises(VerificationError, match=name):
        knock(listed(headers) + [(name.encode(), value)] * times, body=BODY, gates=STANDARD)


def test_the_bytes_are_signed_and_no_text() -> None:
    body = b"\xff\xfe"
    seconds = str(int(NOON.timestamp())).encode()
    signature = hmac.digest(b"a new secret of 24 bytes", b"m." + seconds + b"." + body, "sha256")
    headers = {
        "webhook-id": b"m",
        "webhook-timestamp": seconds,
        "webhook-signature": b"v1," + base64.b64encode(signature),
    }

    assert knock(listed(headers), body=body, gates=STANDARD).secret == "NEW"


@pytest.mark.parametrize(
    ("value", "scheme", "said"),
    [
        ("x" * 513, "header", "has 513 characters; at most 512 are taken"),
        ("whsec_short", "standard-webhooks", "give 'whsec_' and 16 or more bytes in base64"),
        ("whsec_###", "standard-webhooks", "is no secret of Standard Webhooks"),
    ],
)
def test_a_value_that_can_be_no_secret_is_told(value: str, scheme: str, said: str) -> None:
    assert said in str(secret_fault(value, scheme=scheme))


@pytest.mark.parametrize(
    ("value", "scheme"),
    [
        ("x" * 512, "bearer"),
        (WHSEC["NEW"], "standard-webhooks"),
        (WHSEC["NEW"].removeprefix("whsec_"), "standard-webhooks"),
    ],
    ids=["plain", "whsec", "base64"],
)
def test_any_other_can_be_one(value: str, scheme: str) -> None:
    assert secret_fault(value, scheme=scheme) is None
