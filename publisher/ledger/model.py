"""The words of the ledger: what we know of the versions of a flow, and which content must not go live again."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Deed(StrEnum):
    """How a version came into the ledger."""

    PUBLISHED = "published"
    ROLLED_BACK = "rolled_back"
    ADOPTED = "adopted"


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerEntry:
    """A version that was put live by us, or adopted: put live by somebody else, and taken over. Unknown is None."""

    flow_id: str
    version_id: str
    at: datetime
    deed: Deed = Deed.PUBLISHED
    content_hash: str | None = None
    """The SHA-256 of what was sent, after values had taken the place of placeholders."""
    flow_name: str | None = None
    file: str | None = None
    commit: str | None = None
    actor: str | None = None
    environment: str | None = None
    reason: str | None = None
    """Why it was rolled back to."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """Content that must not go live in a flow until it is unblocked."""

    flow_id: str
    content_hash: str
    at: datetime
    actor: str | None = None
    reason: str | None = None
    flow_name: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FlowLedger:
    """What the ledger says of one flow."""

    flow_id: str
    entries: tuple[LedgerEntry, ...] = ()
    """The newest first."""
    blocks: tuple[Block, ...] = ()

    @property
    def last(self) -> LedgerEntry | None:
        """What was put live, or adopted, last."""
        return self.entries[0] if self.entries else None

    def entry_of(self, version_id: str) -> LedgerEntry | None:
        """The newest entry about a version."""
        return next((entry for entry in self.entries if entry.version_id == version_id), None)

    def hash_of(self, version_id: str) -> str | None:
        """The hash of a version's content, where an entry tells it."""
        hashes = (entry.content_hash for entry in self.entries if entry.version_id == version_id)
        return next((found for found in hashes if found), None)

    def block_of(self, content_hash: str) -> Block | None:
        """What keeps this content from going live."""
        return next((block for block in self.blocks if block.content_hash == content_hash), None)
