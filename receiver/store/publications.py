"""Publications: which going-live of a version an event tells of."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, bindparam, func, insert, literal, or_, select, update

from receiver.model import Event, Publication
from receiver.store import rows
from receiver.store.dialect import lock
from receiver.store.prepared import Prepared
from receiver.store.tables import publications

JOIN_WITHIN = timedelta(minutes=10)
"""How far apart two events may say that a version went live and still mean the same."""

_table = publications.c
_SAME_VERSION = Prepared(
    select(*rows.PUBLICATION)
    .where(_table.flow_id == bindparam("flow"), _table.version_id == bindparam("version"))
    .where(
        or_(
            _table.occurred_at.between(bindparam("earliest"), bindparam("latest")),
            and_(_table.operation == bindparam("operation"), _table.operation.is_not(None)),
        )
    )
)
_OTHER_VERSION = Prepared(
    select(_table.id)
    .where(_table.flow_id == bindparam("flow"), _table.version_id != bindparam("version"))
    .where(_table.occurred_at > bindparam("after"), _table.occurred_at < bindparam("before"))
    .limit(1)
)
_LAST = select(func.coalesce(func.max(_table.number), 0)).where(_table.flow_id == bindparam("flow"))
_ADD = Prepared(
    insert(publications)
    .from_select(
        ["id", "flow_id", "number", "version_id", "operation", "occurred_at", "first_event_id"],
        select(
            bindparam("id", type_=_table.id.type),
            bindparam("flow", type_=_table.flow_id.type),
            _LAST.scalar_subquery() + literal(1),
            bindparam("version", type_=_table.version_id.type),
            bindparam("operation", type_=_table.operation.type),
            bindparam("occurred_at", type_=_table.occurred_at.type),
            bindparam("event", type_=_table.first_event_id.type),
        ),
    )
    .returning(_table.number)
)
_NAME_OPERATION = Prepared(
    update(publications)
    .where(_table.id == bindparam("publication"), _table.operation.is_(None))
    .values(operation=bindparam("known"))
)


def joined(conn: Connection, event: Event) -> Publication | None:
    """The publication that an event tells of once more: the nearest of its version with no other version between."""
    lock(conn, f"flow {event.flow_id}")
    at = when(event)
    wanted = {"flow": event.flow_id, "version": event.version_id, "operation": event.operation}
    span = {"earliest": at - JOIN_WITHIN, "latest": at + JOIN_WITHIN}
    found = [rows.to_publication(row) for row in _SAME_VERSION.rows(conn, wanted | span)]
    return next((one for one in _nearest_first(found, at) if not _is_parted(conn, one, at)), None)


def add(conn: Connection, event: Event, *, publication_id: str) -> Publication:
    """The flow's next publication, made by this event."""
    values = {
        "id": publication_id,
        "flow": event.flow_id,
        "version": event.version_id,
        "operation": event.operation,
        "occurred_at": when(event),
        "event": event.id,
    }
    return Publication(
        id=publication_id,
        flow_id=event.flow_id or "",
        number=_ADD.rows(conn, values)[0]["number"],
        version_id=event.version_id or "",
        occurred_at=when(event),
        first_event_id=event.id,
    )


def name_operation(conn: Connection, publication: Publication, operation: str | None) -> None:
    """Let a publication take its operation from a later event, when its first did not know it."""
    if operation is not None:
        _NAME_OPERATION.change(conn, {"publication": publication.id, "known": operation})


def when(event: Event) -> datetime:
    """When a version went live, as far as the event knows."""
    return event.occurred_at or event.received_at


def _nearest_first(found: Iterable[Publication], at: datetime) -> list[Publication]:
    return sorted(found, key=lambda publication: abs(publication.occurred_at - at))


def _is_parted(conn: Connection, publication: Publication, at: datetime) -> bool:
    """Whether another version went live between the two times."""
    ends = sorted((publication.occurred_at, at))
    span = {"after": ends[0], "before": ends[1]}
    wanted = {"flow": publication.flow_id, "version": publication.version_id}
    return ends[0] != ends[1] and bool(_OTHER_VERSION.rows(conn, wanted | span))
