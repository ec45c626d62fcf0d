"""What is made of a secret: the key of its scheme, a fault where it can be none, a name that gives nothing away."""

import base64
import binascii
import hashlib
from dataclasses import dataclass, field
from typing import Final

LONGEST: Final = 512
"""The characters of a secret. What is presented and longer is not even hashed: its length would show in the time."""
WHSEC: Final = "whsec_"
SHORTEST_WHSEC_BYTES: Final = 16


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """An active secret, as its scheme compares it."""

    name: str
    """The variable that holds the secret; empty where the key stands in for one that is not there."""
    value: bytes = field(repr=False)


def key_of(name: str, value: str, *, scheme: str) -> Key:
    """The key of a secret: of a plain one its SHA-256, for digests have one length, so that no length shows."""
    match scheme:
        case "hmac-sha256":
            return Key(name=name, value=value.encode("ascii"))
        case "standard-webhooks":
            return Key(name=name, value=_decoded(value))
    return Key(name=name, value=hashlib.sha256(value.encode("ascii")).digest())


def secret_fault(value: str, *, scheme: str) -> str | None:
    """Why a value cannot be a secret of a scheme; None where it can."""
    if len(value) > LONGEST:
        return f"has {len(value)} characters; at most {LONGEST} are taken"
    if scheme != "standard-webhooks":
        return None
    try:
        size = len(_decoded(value))
    except binascii.Error:
        size = 0
    if size < SHORTEST_WHSEC_BYTES:
        return f"is no secret of Standard Webhooks; give 'whsec_' and {SHORTEST_WHSEC_BYTES} or more bytes in base64"
    return None


def fingerprint(value: str) -> str:
    """By which people tell values apart without seeing them: the first 8 hex digits of the SHA-256."""
    return hashlib.sha256(value.encode()).hexdigest()[:8]


def _decoded(value: str) -> bytes:
    text = value.removeprefix(WHSEC)
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
