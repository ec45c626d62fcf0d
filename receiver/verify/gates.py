"""The ways in by name, each with its scheme and its networks. From outside, no two closed ones can be told apart."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

from receiver.config import Source
from receiver.errors import VerificationError
from receiver.verify.keys import fingerprint, key_of
from receiver.verify.schemes import Headers, Proof, Scheme, Signed, scheme_of

NO_SOURCE = "no such source"


@dataclass(frozen=True, kw_only=True, slots=True)
class Gate:
    """A way in; without a source nothing gets through, after the same work."""

    source: Source | None
    scheme: Scheme
    decoys: Sequence[Scheme] = ()
    """What a refused request is held against as well: every signature that some source would have looked at."""

    def verify(self, headers: Headers, *, address: str, now: datetime) -> Proof | Signed:
        """The proof that a request comes from the source, or what is to be compared with its body first.

        Where one source would need the body to say no, every other one waits for it too: else an answer that comes
        before the body would tell that there is no such source, or that it is verified in another way.
        """
        try:
            found = self.scheme.verify(headers, now=now)
        except VerificationError as exc:
            return self._refused(str(exc), headers, now=now)
        refusal = self._refusal(address)
        if refusal is None:
            return found
        return (
            replace(found, refusal=refusal) if isinstance(found, Signed) else self._refused(refusal, headers, now=now)
        )

    def _refusal(self, address: str) -> str | None:
        """Why nobody comes in from an address."""
        if self.source is None:
            return NO_SOURCE
        if self.source.networks and not _is_within(address, self.source.networks):
            return "the address is in none of the networks of the source"
        return None

    def _refused(self, reason: str, headers: Headers, *, now: datetime) -> Signed:
        reason = reason if self.source else NO_SOURCE
        for decoy in self.decoys:
            with suppress(VerificationError):
                found = decoy.verify(headers, now=now)
                if isinstance(found, Signed):
                    return replace(found, refusal=reason)
        raise VerificationError(reason)


class Gates:
    """The ways in. A name that is none of them has a gate too, which nobody's secret opens."""

    def __init__(
        self,
        sources: Iterable[Source],
        secrets: Mapping[str, str],
        *,
        unknown_secret: str,
        revoked: Collection[str] = (),
    ) -> None:
        sources = tuple(sources)
        active = {name: value for name, value in secrets.items() if fingerprint(value) not in revoked}
        named = [{name: active[name] for name in source.secrets if name in active} for source in sources]
        # As many keys at every gate: how many a source has is nobody's business either.
        self._width = max([1, *map(len, named)])
        self._stand_in = key_of("", unknown_secret, scheme="header")
        self._decoys = tuple(
            self._scheme(source, {})
            for source in {_manner(source): source for source in sources}.values()
            if source.is_signed
        )
        self._by_name = {
            source.name: Gate(source=source, scheme=self._scheme(source, values), decoys=self._decoys)
            for source, values in zip(sources, named, strict=True)
        }
        self._unknown = Gate(source=None, scheme=self._scheme(Source(name=""), {}), decoys=self._decoys)

    def of(self, name: str) -> Gate:
        """The gate of a source."""
        return self._by_name.get(name, self._unknown)

    def _scheme(self, source: Source, values: Mapping[str, str]) -> Scheme:
        keys = [key_of(name, value, scheme=source.scheme) for name, value in values.items()]
        keys += [self._stand_in] * (self._width - len(keys))
        return scheme_of(source.scheme, header=source.header, keys=tuple(keys))


def _manner(source: Source) -> tuple[str, str]:
    return source.scheme, source.header


@lru_cache(maxsize=4096)
def _is_within(address: str, networks: tuple[str, ...]) -> bool:
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        found = found.ipv4_mapped or found
    return any(found in ip_network(network) for network in networks)
