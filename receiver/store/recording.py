"""Recording an event: itself, its publication, its runs and their steps, in one transaction."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, case, update

from receiver import clock
from receiver.model import Event, Plan, Publication, Recorded, Verdict, VerdictKind
from receiver.store import publications, rows, runs
from receiver.store.dialect import insert_if_new
from receiver.store.prepared import Prepared
from receiver.store.tables import events

_ADD = Prepared(insert_if_new(events, "source", "dedupe_key"), columns=events.columns.keys())
_IS_SAME = events.c.body_digest == bindparam("digest")
_COUNT = Prepared(
    update(events)
    .where(events.c.source == bindparam("from_source"), events.c.dedupe_key == bindparam("key"))
    .values(
        duplicates=events.c.duplicates + case((_IS_SAME, 1), else_=0),
        conflicts=events.c.conflicts + case((_IS_SAME, 0), else_=1),
    )
    .returning(events.c.id, events.c.body_digest)
)


def record(
    conn: Connection, event: Event, plan: Plan, *, now: datetime, new_id: Callable[[], str] = clock.new_id
) -> Recorded:
    """Keep an event and what it sets off: nothing, when it came before or tells of a publication that is known."""
    told = publications.joined(conn, event) if event.tells_of_publication else None
    publication_id = told.id if told else new_id() if event.tells_of_publication else None
    verdicts = _as_joined(plan.verdicts, told) if told else plan.verdicts
    values = rows.of_event(event, verdicts=verdicts, publication_id=publication_id)
    if _ADD.change(conn, values) == 0:
        return _count(conn, event)
    if told is not None:
        publications.name_operation(conn, told, event.operation)
        return Recorded(event_id=event.id, publication=told)
    publication = publications.add(conn, event, publication_id=publication_id) if publication_id else None
    run_ids = runs.add(conn, plan.runs, event=event, publication=publication, now=now, new_id=new_id)
    return Recorded(event_id=event.id, publication=publication, run_ids=run_ids)


def _as_joined(verdicts: tuple[Verdict, ...], told: Publication) -> tuple[Verdict, ...]:
    """The verdicts on an event whose publication has already set off what it sets off."""
    reason = f"same publication as event {told.first_event_id}"
    return tuple(
        replace(verdict, kind=VerdictKind.SAME_PUBLICATION, reason=reason, run_id=None)
        if verdict.kind is VerdictKind.MATCHED
        else verdict
        for verdict in verdicts
    )


def _count(conn: Connection, event: Event) -> Recorded:
    """Count an event that came before: as a duplicate, or as a conflict when its content differs."""
    wanted = {"from_source": event.source, "key": event.dedupe_key, "digest": event.body_digest}
    first = _COUNT.rows(conn, wanted)[0]
    return Recorded(event_id=first["id"], duplicate=True, conflict=first["body_digest"] != event.body_digest)
