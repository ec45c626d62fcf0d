"""Entries of a ledger, with good defaults."""

from datetime import UTC, datetime, timedelta
from typing import Any

from publisher.genesys.model import Flow
from publisher.ledger import Block, FlowLedger, LedgerEntry

MONDAY = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
OURS = "sha256:0a11"
OTHER = "sha256:0b22"


def an_entry(version_id: str = "16.0", *, day: int = 0, **more: Any) -> LedgerEntry:  # noqa: ANN401 - passed on
    """A version of ours; `day` counts from Monday."""
    given = {"flow_id": "f-1", "flow_name": "Main IVR", "at": MONDAY + timedelta(days=day), "content_hash": OURS}
    return LedgerEntry(version_id=version_id, **{**given, **more})


def a_block(content_hash: str = OURS, **more: Any) -> Block:  # noqa: ANN401 - passed on
    """Content that must not go live."""
    given = {"flow_id": "f-1", "flow_name": "Main IVR", "at": MONDAY, "actor": "kim", "reason": "calls drop"}
    return Block(content_hash=content_hash, **{**given, **more})


def a_ledger(*entries: LedgerEntry, blocks: tuple[Block, ...] = ()) -> FlowLedger:
    """What the ledger says of the flow; the newest entry comes first."""
    return FlowLedger(flow_id="f-1", entries=entries, blocks=blocks)


def a_flow(live: str | None = "16.0", *, by: str | None = None, name: str = "Main IVR") -> Flow:
    """The flow as the organization has it."""
    return Flow(id="f-1", name=name, type="INBOUNDCALL", published_version_id=live, published_by=by)
