"""Publications: which going-live of a version an event tells of."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, func, insert, or_, select, update

from receiver.model import Event, Publication
from receiver.store import rows
from receiver.store.prepared import Parameters, Prepared, PreparedMany, as_table
from receiver.store.tables import publications

JOIN_WITHIN = timedelta(minutes=10)
"""How far apart two events may say that a version went live and still mean the same."""

_table = publications.c
_TOLD = {
    "event": _table.first_event_id.type,
    "flow": _table.flow_id.type,
    "version": _table.version_id.type,
    "operation": _table.operation.type,
    "earliest": _table.occurred_at.type,
    "latest": _table.occurred_at.type,
}


def _same_version(parameters: Sequence[Parameters]) -> Select[*tuple[Any, ...]]:
    """The publications that events may tell of once more, each with the event."""
    told = as_table(parameters, name="told").c
    return select(told.event, *rows.PUBLICATION).where(
        _table.flow_id == told.flow,
        _table.version_id == told.version,
        or_(
            _table.occurred_at.between(told.earliest, told.latest),
            and_(_table.operation == told.operation, _table.operation.is_not(None)),
        ),
    )


def _last_numbers(parameters: Sequence[Parameters]) -> Select[*tuple[Any, ...]]:
    """The number of the last publication of each event's flow, where it has one."""
    making = as_table(parameters, name="making").c
    last = func.max(_table.number).label("number")
    return select(making.event, last).where(_table.flow_id == making.flow).group_by(making.event)


_SAME_VERSION = PreparedMany(_same_version, types=_TOLD)
_LAST_NUMBERS = PreparedMany(_last_numbers, types={"event": _TOLD["event"], "flow": _TOLD["flow"]})
_ADD = PreparedMany(
    lambda parameters: insert(publications).values(parameters),
    types={column.name: column.type for column in publications.columns},
)
_OTHER_VERSION = Prepared(
    select(_table.id)
    .where(_table.flow_id == bindparam("flow"), _table.version_id != bindparam("version"))
    .where(_table.occurred_at > bindparam("after"), _table.occurred_at < bindparam("before"))
    .limit(1)
)
_NAME_OPERATION = Prepared(
    update(publications)
    .where(_table.id == bindparam("publication"), _table.operation.is_(None))
    .values(operation=bindparam("known"))
)


def joined(conn: Connection, told: Sequence[Event]) -> dict[str, Publication]:
    """The publications that events of different flows tell of once more, by the event's id.

    That is the nearest of its version with no other version between.
    """
    found: dict[str, list[Publication]] = {}
    for row in _SAME_VERSION.rows(conn, [_told(event) for event in told]):
        found.setdefault(row.pop("event"), []).append(rows.to_publication(row))
    nearest = {event.id: _nearest(conn, found[event.id], when(event)) for event in told if event.id in found}
    return {event_id: publication for event_id, publication in nearest.items() if publication is not None}


def add(conn: Connection, making: Sequence[tuple[Event, str]]) -> dict[str, Publication]:
    """The next publication of each event's flow, made by it under the id beside it; by the event's id."""
    flows = [{"event": event.id, "flow": event.flow_id} for event, _ in making]
    last = {row["event"]: row["number"] for row in _LAST_NUMBERS.rows(conn, flows)}
    made = {event.id: _next(event, publication_id, last=last.get(event.id, 0)) for event, publication_id in making}
    _ADD.change(conn, [rows.of_publication(made[event.id], operation=event.operation) for event, _ in making])
    return made


def _next(event: Event, publication_id: str, *, last: int) -> Publication:
    return Publication(
        id=publication_id,
        flow_id=event.flow_id or "",
        number=last + 1,
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


def _told(event: Event) -> rows.Values:
    at = when(event)
    return {
        "event": event.id,
        "flow": event.flow_id,
        "version": event.version_id,
        "operation": event.operation,
        "earliest": at - JOIN_WITHIN,
        "latest": at + JOIN_WITHIN,
    }


def _nearest(conn: Connection, found: Iterable[Publication], at: datetime) -> Publication | None:
    nearest_first = sorted(found, key=lambda publication: abs(publication.occurred_at - at))
    return next((one for one in nearest_first if not _is_parted(conn, one, at)), None)


def _is_parted(conn: Connection, publication: Publication, at: datetime) -> bool:
    """Whether another version went live between the two times."""
    ends = sorted((publication.occurred_at, at))
    span = {"after": ends[0], "before": ends[1]}
    wanted = {"flow": publication.flow_id, "version": publication.version_id}
    return ends[0] != ends[1] and bool(_OTHER_VERSION.rows(conn, wanted | span))
