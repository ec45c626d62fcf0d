"""Gates, and requests that knock at them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from receiver.config import Source
from receiver.verify import Gates, Headers, Pending, Proof

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HEADER = b"x-genesys-webhook-secret"
SECRETS = {"CI_WEBHOOK_SECRET": "the present one", "CI_WEBHOOK_SECRET_PREVIOUS": "the previous one"}
PEER = "192.0.2.1"


def gates_of(*sources: Source, secrets: Mapping[str, str] = SECRETS, revoked: Sequence[str] = ()) -> Gates:
    return Gates(sources or [Source(name="genesys")], secrets, unknown_secret="drawn at the start", revoked=revoked)


def knock(
    headers: Headers,
    *,
    body: bytes = b"",
    source: str = "genesys",
    gates: Gates | None = None,
    address: str = PEER,
    now: datetime = NOON,
) -> Proof:
    """The proof that a whole request is; raises VerificationError where it is none."""
    found = (gates or gates_of()).of(source).verify(headers, address=address, now=now)
    return found.verify(body) if isinstance(found, Pending) else found
