"""The ways in by name, each with its scheme and its networks. From outside, no two closed ones can be told apart."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from receiver.config import Source
from receiver.errors import VerificationError
from receiver.networks import is_within
from receiver.verify.keys import fingerprint, key_of
from receiver.verify.schemes import Headers, Proof, Scheme, Signed, scheme_of

NO_SOURCE = "no such source"
_NOBODY = Source(name="")


@dataclass(frozen=True, kw_only=True, slots=True)
class Pending:
    """A request that cannot be judged before its body is there, or that is not to seem to be."""

    signed: Signed
    refusal: str | None
    """Why it is not let in, whatever its signatures are worth."""

    def verify(self, body: bytes) -> Proof:
        """The proof that the body comes from the source; a signature is compared in any case."""
        try:
            proof = self.signed.verify(body)
        except VerificationError as exc:
            raise VerificationError(self.refusal or str(exc)) from exc
        if self.refusal is not None:
            raise VerificationError(self.refusal)
        return proof


@dataclass(frozen=True, kw_only=True, slots=True)
class Gate:
    """A way in; without a source nothing gets through.

    The same work is done at every gate: one plain secret is compared, its own or one that stands in, and where some
    source is signed, signatures are looked for as that source would.
    """

    source: Source | None
    plain: Scheme
    signing: Sequence[Scheme] = ()
    """Those of all signed sources; that of the source itself is the first."""

    def verify(self, headers: Headers, *, address: str, now: datetime) -> Proof | Pending:
        """The proof that a request comes from the source, or what is to be compared with its body first.

        Where one source would need the body to say no, every other one waits for it too: else an answer that comes
        before the body would tell that there is no such source, or that it is verified in another way.
        """
        plain = _tried(self.plain, headers, now)
        found = [_tried(scheme, headers, now) for scheme in self.signing]
        own = found[0] if self.source and self.source.is_signed else plain
        refusal = self._refusal(address) or (str(own) if isinstance(own, VerificationError) else None)
        if refusal is None and isinstance(own, Proof):
            return own
        for each in found:
            if isinstance(each, Signed):
                return Pending(signed=each, refusal=refusal)
        raise VerificationError(refusal)

    def _refusal(self, address: str) -> str | None:
        """Why nobody comes in from an address."""
        if self.source is None:
            return NO_SOURCE
        if self.source.networks and not is_within(address, self.source.networks):
            return "the address is in none of the networks of the source"
        return None


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
        # One of each manner of signing, with no secret of anybody.
        self._signing = {
            (source.scheme, source.header): self._scheme(source, {}) for source in sources if source.is_signed
        }
        self._by_name = {source.name: self._gate(source, values) for source, values in zip(sources, named, strict=True)}
        self._unknown = self._gate(None, {})

    def of(self, name: str) -> Gate:
        """The gate of a source."""
        return self._by_name.get(name, self._unknown)

    def _gate(self, source: Source | None, values: Mapping[str, str]) -> Gate:
        if source is None or not source.is_signed:
            plain = self._scheme(source or _NOBODY, values)
            return Gate(source=source, plain=plain, signing=tuple(self._signing.values()))
        manner = source.scheme, source.header
        others = [scheme for known, scheme in self._signing.items() if known != manner]
        return Gate(source=source, plain=self._scheme(_NOBODY, {}), signing=(self._scheme(source, values), *others))

    def _scheme(self, source: Source, values: Mapping[str, str]) -> Scheme:
        keys = [key_of(name, value, scheme=source.scheme) for name, value in values.items()]
        keys += [self._stand_in] * (self._width - len(keys))
        return scheme_of(source.scheme, header=source.header, keys=tuple(keys))


def _tried(scheme: Scheme, headers: Headers, now: datetime) -> Proof | Signed | VerificationError:
    try:
        return scheme.verify(headers, now=now)
    except VerificationError as exc:
        return exc
