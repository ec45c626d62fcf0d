"""What was heard from each source and when, what the publisher announced, and what is absent."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, Select, bindparam, case, delete, func, or_, select, update

from receiver.clock import first_id
from receiver.envelopes.eventbridge import PUBLISH_FAILED
from receiver.model import FLOW_VERSION_PUBLISHED, FLOW_VERSION_PUBLISHING, Origin
from receiver.silence import Absence, AbsenceKind, Announcement, Heard, OpenAbsence
from receiver.store.dialect import insert_if_new
from receiver.store.tables import ANNOUNCED, absences, events, hearings

RECENT_EVENTS: Final = 1_000
"""So many of the newest events are looked at for what no process has noted yet."""
MOST_ANNOUNCEMENTS: Final = 500
TOLD_BEFORE: Final = timedelta(hours=1)
"""How long before its announcement another source may have told of a publication."""

_WATCH = insert_if_new(hearings, "source")
_LATER = {
    name: update(hearings)
    .where(hearings.c.source == bindparam("of"), or_(hearings.c[name].is_(None), hearings.c[name] < bindparam("at")))
    .values({name: bindparam("at")})
    for name in ("last_event_at", "last_told_at")
}
_recent = (
    select(events.c.source, events.c.origin, events.c.received_at)
    .order_by(events.c.id.desc())
    .limit(RECENT_EVENTS)
    .subquery()
)
_RECENT = select(
    _recent.c.source,
    func.min(_recent.c.received_at).label("watched_since"),
    func.max(_recent.c.received_at).label("last_event_at"),
    func.max(case((_recent.c.origin != Origin.ANNOUNCE, _recent.c.received_at))).label("last_told_at"),
).group_by(_recent.c.source)

_told = events.alias("told")
_is_confirmed = (
    select(_told.c.id)
    .where(_told.c.flow_id == events.c.flow_id, _told.c.publication_id == events.c.publication_id)
    .where(_told.c.origin != Origin.ANNOUNCE, _told.c.id > bindparam("first_id"))
    .exists()
)
_is_followed = (
    select(_told.c.id)
    .where(_told.c.flow_id == events.c.flow_id, _told.c.id > events.c.id)
    .where(_told.c.type.in_((FLOW_VERSION_PUBLISHED, PUBLISH_FAILED)))
    .where(or_(_told.c.version_id == events.c.version_id, _told.c.version_id.is_(None), events.c.version_id.is_(None)))
    .exists()
)
_IS_UNFINISHED = (events.c.type == FLOW_VERSION_PUBLISHING) & events.c.flow_id.is_not(None) & ~_is_followed
_IS_UNCONFIRMED = (events.c.type == FLOW_VERSION_PUBLISHED) & events.c.publication_id.is_not(None) & ~_is_confirmed
_ANNOUNCEMENT: Final = (
    events.c.id.label("event_id"),
    *(events.c[name] for name in ("type", "source", "environment", "flow_id", "flow_name", "version_id")),
    events.c.received_at.label("announced_at"),
)
_UNANSWERED = (
    select(*_ANNOUNCEMENT)
    .where(ANNOUNCED, events.c.received_at > bindparam("after"), events.c.received_at <= bindparam("before"))
    .where(or_(_IS_UNFINISHED, _IS_UNCONFIRMED))
    .order_by(events.c.received_at.desc())
    .limit(MOST_ANNOUNCEMENTS)
)
_BEGIN = {
    dialect: insert.returning(absences.c.subject)
    for dialect, insert in insert_if_new(absences, "kind", "subject").items()
}
_END = (
    delete(absences)
    .where(absences.c.kind == bindparam("of_kind"), absences.c.subject == bindparam("of"))
    .returning(absences.c.subject)
)
_OPEN: Select[Any] = (
    select(*absences.c, *_ANNOUNCEMENT)
    .join_from(absences, events, events.c.id == absences.c.subject, isouter=True)
    .order_by(absences.c.since.desc(), absences.c.subject)
)
_OPEN_OF_FLOW = _OPEN.where(events.c.flow_id == bindparam("flow"))
_NUMBERS = select(absences.c.kind, func.count()).group_by(absences.c.kind)
_MISSING = select(absences.c.subject, absences.c.kind).where(
    absences.c.subject.in_(bindparam("announcements", expanding=True))
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Changes:
    """What a look has changed."""

    begun: Sequence[Absence] = ()
    ended: Sequence[Absence] = ()


def note_hearings(conn: Connection, heard: Iterable[Heard]) -> None:
    """Keep when sources were heard from; what is known to be later stays, and so does since when one is watched."""
    for one in heard:
        conn.execute(_WATCH[conn.dialect.name], {"source": one.source, "watched_since": one.watched_since})
        for name, statement in _LATER.items():
            at = getattr(one, name)
            if at is not None:
                conn.execute(statement, {"of": one.source, "at": at})


def hearings_of(conn: Connection) -> Mapping[str, Heard]:
    """When each source was heard from, by its name; the newest events tell what nobody has noted yet."""
    found = {row["source"]: Heard(**row) for row in conn.execute(select(*hearings.c)).mappings()}
    for row in conn.execute(_RECENT).mappings():
        recent = Heard(**row)
        found[recent.source] = together(found[recent.source], recent) if recent.source in found else recent
    return found


def together(one: Heard, other: Heard) -> Heard:
    """What two have heard from the same source."""
    return Heard(
        source=one.source,
        watched_since=min(one.watched_since, other.watched_since),
        last_event_at=_later(one.last_event_at, other.last_event_at),
        last_told_at=_later(one.last_told_at, other.last_told_at),
    )


def unanswered(conn: Connection, *, after: datetime, before: datetime) -> Sequence[Announcement]:
    """Announcements of that time that no other source has confirmed, or that nothing followed; the newest 500."""
    # With the id, what is old in the history of a flow is not read again each time.
    span = {"after": after, "before": before, "first_id": first_id(after - TOLD_BEFORE)}
    return [Announcement(**row) for row in conn.execute(_UNANSWERED, span).mappings()]


def open_absences(conn: Connection) -> Sequence[OpenAbsence]:
    """What is absent, the latest first."""
    return [_to_open(row) for row in conn.execute(_OPEN).mappings()]


def count_absences(conn: Connection) -> Counter[AbsenceKind]:
    """How much is absent, by its kind."""
    return Counter({AbsenceKind(kind): number for kind, number in conn.execute(_NUMBERS)})


def open_absences_of(conn: Connection, flow_id: str) -> Sequence[OpenAbsence]:
    """What is absent after announcements of a flow, the latest first."""
    return [_to_open(row) for row in conn.execute(_OPEN_OF_FLOW, {"flow": flow_id}).mappings()]


def missing_after(conn: Connection, event_ids: Collection[str]) -> Mapping[str, AbsenceKind]:
    """What is absent after those of these events that are announcements, by their ids."""
    if not event_ids:
        return {}
    found = conn.execute(_MISSING, {"announcements": list(event_ids)})
    return {event_id: AbsenceKind(kind) for event_id, kind in found}


def keep_absences(conn: Connection, *, begun: Collection[Absence], ended: Collection[Absence]) -> Changes:
    """Keep what is absent from now on and what is so no more; what another node has not kept before."""
    return Changes(
        begun=[one for one in begun if conn.execute(_BEGIN[conn.dialect.name], _row(one)).first()],
        ended=[one for one in ended if conn.execute(_END, {"of_kind": one.kind, "of": one.subject}).first()],
    )


def _row(absence: Absence) -> dict[str, object]:
    return {"kind": absence.kind, "subject": absence.subject, "since": absence.since}


def _to_open(row: RowMapping) -> OpenAbsence:
    absence = Absence(kind=AbsenceKind(row["kind"]), subject=row["subject"], since=row["since"])
    if row["event_id"] is None:
        return OpenAbsence(absence=absence)
    told = {column.name: row[column.name] for column in _ANNOUNCEMENT}
    return OpenAbsence(absence=absence, announcement=Announcement(**told))


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((at for at in (one, other) if at is not None), default=None)
