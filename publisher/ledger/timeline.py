"""Reads what a receiver's API tells of flows (docs/api.md), tolerantly: what is not what it should be is left out."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from publisher.ledger.model import Block, Deed, FlowLedger, LedgerEntry

Object = Mapping[str, Any]


def read_list(page: Object) -> tuple[list[str], str | None]:
    """The ids of the flows on one page of the list, and the cursor that asks for the next."""
    ids = [_text(item, "flow_id") for item in _objects(page.get("items"))]
    return [flow_id for flow_id in ids if flow_id], _text(page, "next_cursor")


def read_flow(flow: Object) -> FlowLedger:
    """What we put live in a flow: what the publisher has told of; versions that others put live are not ours."""
    items = _objects(_object(flow.get("timeline")).get("items"))
    lived = [_entry(flow, item, at="occurred_at") for item in items if item.get("provenance")]
    adopted = [_entry(flow, item, at="at", deed=Deed.ADOPTED) for item in _objects(flow.get("adopted"))]
    blocks = [_block(flow, item) for item in _objects(flow.get("blocked"))]
    entries = [entry for entry in (*lived, *adopted) if entry is not None]
    return FlowLedger(
        flow_id=_text(flow, "flow_id") or "",
        entries=tuple(sorted(entries, key=lambda entry: entry.at, reverse=True)),
        blocks=tuple(block for block in blocks if block is not None),
    )


def read_good(flow: Object) -> str | None:
    """The newest version all of whose runs succeeded."""
    return _text(_object(flow.get("good")), "version_id")


def _entry(flow: Object, item: Object, *, at: str, deed: Deed = Deed.PUBLISHED) -> LedgerEntry | None:
    version_id, moment, told = _text(item, "version_id"), _moment(item, at), _object(item.get("provenance"))
    if version_id is None or moment is None:
        return None
    reason = _text(told, "reason")
    return LedgerEntry(
        flow_id=_text(flow, "flow_id") or "",
        flow_name=_text(flow, "flow_name"),
        version_id=version_id,
        at=moment,
        deed=Deed.ROLLED_BACK if reason and deed is Deed.PUBLISHED else deed,
        content_hash=_text(told, "content_hash"),
        file=_text(told, "file"),
        commit=_text(told, "commit"),
        actor=_text(told, "actor"),
        environment=_text(told, "environment"),
        reason=reason,
    )


def _block(flow: Object, item: Object) -> Block | None:
    content_hash, moment, told = _text(item, "content_hash"), _moment(item, "at"), _object(item.get("provenance"))
    if content_hash is None or moment is None:
        return None
    return Block(
        flow_id=_text(flow, "flow_id") or "",
        flow_name=_text(flow, "flow_name"),
        content_hash=content_hash,
        at=moment,
        actor=_text(told, "actor"),
        reason=_text(told, "reason"),
    )


def _moment(item: Object, key: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(_text(item, key) or "")
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _text(item: Object, key: str) -> str | None:
    value = item.get(key)
    return value if isinstance(value, str) and value else None


def _object(value: object) -> Object:
    return value if isinstance(value, dict) else {}


def _objects(value: object) -> list[Object]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
