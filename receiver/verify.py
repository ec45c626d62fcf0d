"""Does a request come from its source? Raw bytes, every active secret, in constant time."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from receiver.config import Source
from receiver.errors import VerificationError

Headers = Iterable[tuple[bytes, bytes]]
"""A request's headers as the server gives them: names in lower case, values raw."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Verifier:
    """Checks the secret header of one source."""

    header: bytes
    """Its name, in lower case."""
    digests: tuple[tuple[str, bytes], ...] = field(repr=False)
    """The name of each active secret, and its SHA-256: digests have one length, so no length shows in the time."""

    def verify(self, headers: Headers) -> str:
        """The name of the secret that the request carries."""
        values = [value for name, value in headers if name == self.header]
        if len(values) != 1:
            # Never joined, never the first one: what stands in between may have checked the other.
            raise VerificationError("the secret header came more than once" if values else "no secret header")
        presented = hashlib.sha256(values[0].strip(b" \t")).digest()
        # All of them, always: to stop at the first match would tell which secret it was.
        matches = [name for name, digest in self.digests if hmac.compare_digest(presented, digest)]
        if not matches:
            raise VerificationError("the secret is wrong")
        return matches[0]


def verifier_for(source: Source, secrets: Mapping[str, str]) -> Verifier:
    """The verifier of a source, with those of its secrets that are set."""
    active = [(name, secrets[name]) for name in source.secrets if name in secrets]
    return Verifier(
        header=source.header.lower().encode("ascii"),
        digests=tuple((name, hashlib.sha256(value.encode("ascii")).digest()) for name, value in active),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Gate:
    """A way in and its verifier; without a source nothing gets through, after the same work."""

    source: Source | None
    verifier: Verifier


class Gates:
    """The ways in by name. A name that is none of them has a gate too, which nobody's secret opens."""

    def __init__(self, sources: Iterable[Source], secrets: Mapping[str, str], *, unknown_secret: str) -> None:
        self._by_name = {source.name: Gate(source=source, verifier=verifier_for(source, secrets)) for source in sources}
        # Of the default shape: it looks for the same header and compares as often.
        stand_in = Source(name="")
        self._unknown = Gate(
            source=None, verifier=verifier_for(stand_in, dict.fromkeys(stand_in.secrets, unknown_secret))
        )

    def of(self, name: str) -> Gate:
        """The gate of a source."""
        return self._by_name.get(name, self._unknown)
