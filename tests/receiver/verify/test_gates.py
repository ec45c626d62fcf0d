"""Every way in by its name, and that the closed ones cannot be told apart."""

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.config import Source
from receiver.errors import VerificationError
from receiver.verify import Gates, Pending, Proof, fingerprint
from tests.receiver.verify import HEADER, NOON, PEER, SECRETS, gates_of, knock

SIGNATURE = (b"x-hub-signature-256", b"0" * 64)
RIGHT = (HEADER, b"the present one")
SOURCES = (
    Source(name="genesys"),
    Source(name="signed", scheme="hmac-sha256", header="X-Hub-Signature-256", secrets=("KEY",)),
)


def reason_of(found: Proof | Pending) -> str:
    """Why a signed request is not let in, once its body is there."""
    assert isinstance(found, Pending)
    with pytest.raises(VerificationError) as refused:
        found.verify(b"")
    return str(refused.value)


def test_a_secret_that_is_not_set_lets_nobody_in() -> None:
    with pytest.raises(VerificationError, match="the secret is wrong"):
        knock([(HEADER, b"")], gates=gates_of(secrets={"CI_WEBHOOK_SECRET": "the present one"}))


def test_every_source_has_its_own_gate_and_header() -> None:
    ci = Source(name="ci", header="X-CI-Key", secrets=("KEY",))
    gates = gates_of(Source(name="genesys"), ci, secrets={**SECRETS, "KEY": "k"})

    assert knock([(b"x-ci-key", b"k")], gates=gates, source="ci").secret == "KEY"
    assert gates.of("ci").source == ci


@given(value=st.binary(max_size=200))
def test_nothing_opens_a_source_that_is_not_there(value: bytes) -> None:
    with pytest.raises(VerificationError, match="no such source"):
        knock([(HEADER, value)], source="genesis")


def test_not_even_what_stands_in_for_its_secret_opens_it() -> None:
    with pytest.raises(VerificationError, match="no such source"):
        knock([(HEADER, b"drawn at the start")], source="genesis")


@pytest.mark.parametrize("source", ["genesys", "nobody", "signed"])
def test_where_a_signature_is_looked_at_anywhere_every_refusal_waits_for_the_body(source: str) -> None:
    gates = gates_of(*SOURCES, secrets={**SECRETS, "KEY": "k"})

    found = gates.of(source).verify([(HEADER, b"wrong"), SIGNATURE], address=PEER, now=NOON)

    assert isinstance(found, Pending)
    assert len(found.signed.keys) == 2  # as many everywhere
    with pytest.raises(VerificationError):
        found.verify(b"")


@pytest.mark.parametrize("source", ["genesys", "nobody", "signed"])
def test_without_a_signature_none_does(source: str) -> None:
    with pytest.raises(VerificationError):
        gates_of(*SOURCES, secrets={**SECRETS, "KEY": "k"}).of(source).verify([], address=PEER, now=NOON)


def test_a_right_secret_waits_for_nothing() -> None:
    found = gates_of(*SOURCES).of("genesys").verify([RIGHT, SIGNATURE], address=PEER, now=NOON)

    assert found == Proof(secret="CI_WEBHOOK_SECRET")


def test_a_right_signature_opens_no_other_gate() -> None:
    gates = gates_of(*SOURCES, secrets={**SECRETS, "KEY": "k"})
    headers = [(b"x-hub-signature-256", hmac.digest(b"k", b"{}", "sha256").hex().encode())]

    assert knock(headers, body=b"{}", gates=gates, source="signed").secret == "KEY"
    with pytest.raises(VerificationError, match="no secret header"):
        knock(headers, body=b"{}", gates=gates)


@pytest.mark.parametrize("address", ["10.1.2.3", "::ffff:10.1.2.3", "2001:db8::1", "2001:db8::1%eth0"])
def test_an_address_of_the_networks_is_let_in(address: str) -> None:
    gates = gates_of(Source(name="genesys", networks=("10.0.0.0/8", "2001:db8::/32")))

    assert knock([RIGHT], gates=gates, address=address).secret == "CI_WEBHOOK_SECRET"


@pytest.mark.parametrize("address", ["11.1.2.3", "::ffff:11.1.2.3", "2001:db9::1", "", "unknown", "10.1.2.3, 10.1.2.4"])
def test_no_other_address_is(address: str) -> None:
    gates = gates_of(Source(name="genesys", networks=("10.0.0.0/8", "2001:db8::/32")))

    with pytest.raises(VerificationError, match="in none of the networks"):
        knock([RIGHT], gates=gates, address=address)


def test_a_signed_request_from_elsewhere_is_refused_after_the_same_work() -> None:
    source = Source(name="s", scheme="hmac-sha256", header="X-Hub-Signature-256", networks=("10.0.0.0/8",))

    found = gates_of(source).of("s").verify([SIGNATURE], address=PEER, now=NOON)

    assert "in none of the networks" in reason_of(found)


def test_a_revoked_value_lets_nobody_in_whatever_it_is_called() -> None:
    secrets = {"CI_WEBHOOK_SECRET": "leaked", "CI_WEBHOOK_SECRET_PREVIOUS": "leaked"}
    gates = gates_of(secrets=secrets, revoked=[fingerprint("leaked")])

    with pytest.raises(VerificationError, match="the secret is wrong"):
        knock([(HEADER, b"leaked")], gates=gates)


def test_what_is_not_revoked_goes_on_letting_in() -> None:
    gates = gates_of(revoked=[fingerprint("the previous one")])

    assert knock([RIGHT], gates=gates).secret == "CI_WEBHOOK_SECRET"


def test_no_key_shows_in_a_gate() -> None:
    gates = Gates([*SOURCES], {**SECRETS, "KEY": "canary"}, unknown_secret="canary")
    shown = [repr(gates.of(name)) for name in ("genesys", "signed", "nobody")]

    assert "canary" not in "".join(shown)
    assert "value=" not in "".join(shown)
