"""How a request can prove where it comes from. The headers are looked at first; a signature waits for the body.

Whatever is wrong, the same work is done: every key is compared, and none is the last one for having matched.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from receiver.errors import VerificationError
from receiver.verify.keys import LONGEST, Key

Headers = Iterable[tuple[bytes, bytes]]
"""A request's headers as the server gives them: names in lower case, values raw."""

TOLERANCE: Final = timedelta(minutes=5)
"""How far the time of a signature may lie from ours, on either side: what every library of Standard Webhooks takes."""

_HEX: Final = re.compile(rb"[0-9A-Fa-f]{64}")
_MESSAGE_ID: Final = re.compile(rb"[!-\-/-~]{1,200}")
"""Printable and without a full stop: those part what is signed."""
_SECONDS: Final = re.compile(rb"[0-9]{1,11}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """That a request comes from its source."""

    secret: str
    """The name of the secret that it was made with."""
    message_id: str | None = None
    """The sender's own id of the message, where the signature vouches for it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Signed:
    """A request that brings signatures, to be compared once its body is there."""

    keys: Sequence[Key]
    signatures: Sequence[bytes]
    before: bytes = b""
    """What is signed before the body."""
    message_id: str | None = None

    def verify(self, body: bytes) -> Proof:
        """The proof that a signature is, if one is."""
        wanted = [(key.name, _signature(key, self.before, body)) for key in self.keys]
        matches = [name for name, ours in wanted for given in self.signatures if hmac.compare_digest(ours, given)]
        if not matches:
            raise VerificationError("the signature is wrong")
        return Proof(secret=matches[0], message_id=self.message_id)


class Scheme(Protocol):
    """A way of proving where a request comes from."""

    def verify(self, headers: Headers, *, now: datetime) -> Proof | Signed:
        """The proof that the headers are, or what is to be compared with the body."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class PlainSecret:
    """The secret itself stands in a header, after a word or not (`header`, `bearer`)."""

    header: bytes
    """Its name, in lower case."""
    keys: Sequence[Key]
    word: bytes = b""
    """What stands before the secret, in lower case."""

    def verify(self, headers: Headers, *, now: datetime) -> Proof:  # noqa: ARG002 - as any scheme
        """The proof that the secret is."""
        values = [value for name, value in headers if name == self.header]
        presented = hashlib.sha256(self._secret_in(values)).digest()
        # All of them, always: to stop at the first match would tell which secret it was.
        matches = [key.name for key in self.keys if hmac.compare_digest(presented, key.value)]
        if len(values) != 1:
            # Never joined, never the first one: what stands in between may have checked the other.
            raise VerificationError("the secret header came more than once" if values else "no secret header")
        if not matches:
            raise VerificationError("the secret is wrong")
        return Proof(secret=matches[0])

    def _secret_in(self, values: Sequence[bytes]) -> bytes:
        value = values[0].strip(b" \t") if len(values) == 1 else b""
        if self.word:
            value = value[len(self.word) :].lstrip(b" ") if value.lower().startswith(self.word) else b""
        return value if len(value) <= LONGEST else b""


@dataclass(frozen=True, kw_only=True, slots=True)
class HmacSha256:
    """A header holds the HMAC-SHA-256 of the body, in hex or base64, with `sha256=` before it or not."""

    header: bytes
    keys: Sequence[Key]

    def verify(self, headers: Headers, *, now: datetime) -> Signed:  # noqa: ARG002 - as any scheme
        """What is to be compared with the body."""
        signature = _one(headers, self.header).removeprefix(b"sha256=")
        return Signed(keys=self.keys, signatures=(_digest(signature),))


@dataclass(frozen=True, kw_only=True, slots=True)
class StandardWebhooks:
    """The three headers of https://www.standardwebhooks.com; each of several signatures may be the one that counts."""

    keys: Sequence[Key]

    def verify(self, headers: Headers, *, now: datetime) -> Signed:
        """What is to be compared with the body; the message must be of these minutes."""
        headers = list(headers)
        message_id, seconds = _one(headers, b"webhook-id"), _one(headers, b"webhook-timestamp")
        signatures = _versioned(_one(headers, b"webhook-signature"))
        if _MESSAGE_ID.fullmatch(message_id) is None:
            raise VerificationError("webhook-id is no id: printable, without a full stop, of at most 200 characters")
        if _SECONDS.fullmatch(seconds) is None:
            raise VerificationError("webhook-timestamp is no time: whole seconds since 1970")
        if abs(int(seconds) - now.timestamp()) > TOLERANCE.total_seconds():
            raise VerificationError("webhook-timestamp is more than 5 minutes away from now")
        return Signed(
            keys=self.keys,
            signatures=signatures,
            before=message_id + b"." + seconds + b".",
            message_id=message_id.decode("ascii"),
        )


def scheme_of(scheme: str, *, header: str, keys: Sequence[Key]) -> Scheme:
    """The scheme that a source is configured with."""
    match scheme:
        case "bearer":
            return PlainSecret(header=b"authorization", keys=keys, word=b"bearer ")
        case "hmac-sha256":
            return HmacSha256(header=_lower(header), keys=keys)
        case "standard-webhooks":
            return StandardWebhooks(keys=keys)
    return PlainSecret(header=_lower(header), keys=keys)


def _lower(header: str) -> bytes:
    return header.lower().encode("ascii")


def _one(headers: Headers, wanted: bytes) -> bytes:
    values = [value for name, value in headers if name == wanted]
    if len(values) != 1:
        told = wanted.decode("ascii")
        raise VerificationError(f"the header {told} came more than once" if values else f"no header {told}")
    return values[0].strip(b" \t")


def _digest(text: bytes) -> bytes:
    """The 32 bytes that a signature writes in hex or base64."""
    if _HEX.fullmatch(text):
        return bytes.fromhex(text.decode("ascii"))
    digest = _from_base64(text)
    if len(digest) != hashlib.sha256().digest_size:
        raise VerificationError("the signature is no SHA-256 in hex or base64")
    return digest


def _versioned(text: bytes) -> Sequence[bytes]:
    """The signatures of a list that are of the version that is known here; others may stand beside them."""
    found = [part.removeprefix(b"v1,") for part in text.split(b" ") if part.startswith(b"v1,")]
    if not found:
        raise VerificationError("webhook-signature holds no signature of the version v1")
    return tuple(_from_base64(signature) for signature in found)


def _from_base64(text: bytes) -> bytes:
    """The bytes; none where the text is no base64."""
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""


def _signature(key: Key, before: bytes, body: bytes) -> bytes:
    signing = hmac.new(key.value, before, hashlib.sha256)
    signing.update(body)
    return signing.digest()
