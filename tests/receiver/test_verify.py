"""The secret header: what lets a request in, and what does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.config import Source
from receiver.errors import VerificationError
from receiver.verify import Gates, Verifier, verifier_for

HEADER = b"x-genesys-webhook-secret"
SECRETS = {"CI_WEBHOOK_SECRET": "the present one", "CI_WEBHOOK_SECRET_PREVIOUS": "the previous one"}


def a_verifier(**secrets: str) -> Verifier:
    return verifier_for(Source(name="genesys"), secrets or SECRETS)


@pytest.mark.parametrize("value", [b"the present one", b" \tthe present one \t"], ids=["plain", "white space around"])
def test_the_secret_lets_in_and_is_told_by_its_name(value: bytes) -> None:
    assert a_verifier().verify([(b"host", b"relay"), (HEADER, value)]) == "CI_WEBHOOK_SECRET"


def test_the_previous_secret_lets_in_too() -> None:
    assert a_verifier().verify([(HEADER, b"the previous one")]) == "CI_WEBHOOK_SECRET_PREVIOUS"


def test_a_secret_that_is_not_set_lets_nobody_in() -> None:
    verifier = a_verifier(CI_WEBHOOK_SECRET="the present one")

    with pytest.raises(VerificationError, match="the secret is wrong"):
        verifier.verify([(HEADER, b"")])


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
        [(HEADER, b"the present one,the present one")],
        [(HEADER, b"the present one"), (HEADER, b"the present one")],
        [(HEADER, b"the present one"), (HEADER, b"wrong")],
        [(b"x_genesys_webhook_secret", b"the present one")],
        [(b"authorization", b"Bearer the present one")],
    ],
    ids=[
        "none",
        "empty",
        "blank",
        "shorter",
        "line end",
        "capitals",
        "latin-1 byte",
        "high bytes",
        "joined",
        "twice the same",
        "twice",
        "underscores",
        "another header",
    ],
)
def test_anything_else_does_not(headers: list[tuple[bytes, bytes]]) -> None:
    with pytest.raises(VerificationError):
        a_verifier().verify(headers)


def test_the_header_is_the_sources_own() -> None:
    verifier = verifier_for(Source(name="ci", header="X-CI-Key", secrets=("KEY",)), {"KEY": "k"})

    assert verifier.verify([(b"x-ci-key", b"k")]) == "KEY"


def test_every_source_has_its_own_gate() -> None:
    ci = Source(name="ci", header="X-CI-Key", secrets=("KEY",))
    gates = Gates([Source(name="genesys"), ci], {**SECRETS, "KEY": "k"}, unknown_secret="u")

    gate = gates.of("ci")

    assert gate.source == ci
    assert gate.verifier.verify([(b"x-ci-key", b"k")]) == "KEY"


@given(value=st.binary(max_size=200))
def test_nothing_opens_a_source_that_is_not_there(value: bytes) -> None:
    gate = Gates([Source(name="genesys")], SECRETS, unknown_secret="drawn at the start").of("genesis")

    with pytest.raises(VerificationError):
        gate.verifier.verify([(HEADER, value)])


def test_no_digest_shows_in_a_verifier() -> None:
    assert "digests" not in repr(a_verifier())
