"""A delivery: a body that has come in at a door, authenticated, before it is read as the event that it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """What is known of it, and the body as it came."""

    id: str
    """That of the event, unless the event came before."""
    source: str
    environment: str | None = None
    """That of the source, where it has one."""
    received_at: datetime
    headers: Mapping[str, str] = field(default_factory=dict)
    secret: str | None = None
    message_id: str | None = None
    """The sender's id of the message, where a signature vouches for it."""
    body: bytes
