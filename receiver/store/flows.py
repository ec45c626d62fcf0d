"""Reading what flows went through: a list of all that events have named, and one with its timeline."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    ScalarSelect,
    Select,
    Subquery,
    bindparam,
    func,
    literal,
    or_,
    select,
)

from receiver.errors import CursorError, NotFoundError
from receiver.model import FLOW_VERSION_PUBLISHING, Page, Publication, Run
from receiver.store import rows
from receiver.store.absences import open_absences_of
from receiver.store.history import cursor_of, events_by_id, place_of, publications_by_id, runs_of
from receiver.store.tables import events, publications, runs
from receiver.timeline import (
    FLOW_VERSION_ADOPTED,
    NOTES,
    FlowFilter,
    FlowRecord,
    FlowSummary,
    GoingLive,
    good_of,
    still_blocked,
    tells_of,
)

_EVENT = select(*rows.EVENT_WITHOUT_BODY)
_OF_FLOW = select(*rows.PUBLICATION).where(publications.c.flow_id == bindparam("flow"))
_NEWEST = (
    _OF_FLOW.where(publications.c.number < bindparam("before"))
    .order_by(publications.c.number.desc())
    .limit(bindparam("limit"))
)
_TOLD = (
    _EVENT.add_columns(events.c.publication_id)
    .where(events.c.flow_id == bindparam("flow"))
    .where(
        or_(
            events.c.publication_id.in_(bindparam("publications", expanding=True)),
            (events.c.type == FLOW_VERSION_PUBLISHING) & events.c.version_id.in_(bindparam("versions", expanding=True)),
        )
    )
    .order_by(events.c.id)
)
_NOTES = _EVENT.where(events.c.flow_id == bindparam("flow"), events.c.type.in_(NOTES)).order_by(events.c.id)
_FOLLOWED = (
    select(*rows.RUN, *(column.label(f"of_{column.name}") for column in rows.PUBLICATION))
    .join(events, events.c.id == runs.c.event_id)
    .join(publications, publications.c.id == events.c.publication_id)
    .where(events.c.flow_id == bindparam("flow"))
    .order_by(publications.c.number.desc(), runs.c.id)
)
"""Every run of a flow's publications, those of the newest first."""

_BEYOND_ALL = 2**31 - 1


def list_flows(conn: Connection, wanted: FlowFilter, *, cursor: str | None, limit: int) -> Page[FlowSummary]:
    """Flows, those that something was told of last first."""
    query = _listing(wanted)
    if cursor is not None:
        query = query.where(query.selected_columns.last_event_id < place_of(cursor))
    found = conn.execute(query.limit(limit + 1)).mappings().all()
    items = _summaries(conn, found[:limit])
    more = cursor_of(found[limit - 1]["last_event_id"]) if len(found) > limit else None
    return Page(items=tuple(items), next_cursor=more)


def get_flow(conn: Connection, flow_id: str, *, cursor: str | None, limit: int) -> FlowRecord:
    """One flow with a part of its timeline, the newest publication first."""
    found = conn.execute(_listing(FlowFilter(), flow_id=flow_id)).mappings().all()
    if not found:
        raise NotFoundError(f"No event has told of a flow {flow_id!r}.")
    notes = [rows.to_event(row) for row in conn.execute(_NOTES, {"flow": flow_id}).mappings()]
    adopted = [note for note in reversed(notes) if note.type == FLOW_VERSION_ADOPTED]
    return FlowRecord(
        summary=_summaries(conn, found)[0],
        timeline=_timeline(conn, flow_id, before=_number(cursor), limit=limit),
        good=good_of(_with_runs(conn, flow_id)),
        adopted=tuple(adopted),
        blocked=still_blocked(notes),
        absences=tuple(open_absences_of(conn, flow_id)),
    )


def _listing(wanted: FlowFilter, *, flow_id: str | None = None) -> Select[Any]:
    """Each flow with the ids of what is shown of it."""
    flows = (
        _flow_ids() if flow_id is None else select(literal(flow_id, events.c.flow_id.type).label("flow_id")).subquery()
    )
    of = flows.c.flow_id
    last = _last_event(of)
    named = func.coalesce(_last_event(of, events.c.flow_name.is_not(None)), last)
    placed = func.coalesce(_last_event(of, events.c.environment.is_not(None)), last)
    live = select(publications.c.id).where(publications.c.flow_id == of).order_by(publications.c.number.desc()).limit(1)
    listed = select(
        of,
        last.label("last_event_id"),
        named.label("named_id"),
        placed.label("placed_id"),
        live.scalar_subquery().label("live_id"),
    ).subquery()
    query = select(listed).where(listed.c.last_event_id.is_not(None)).order_by(listed.c.last_event_id.desc())
    return query.where(*_conditions(wanted, listed))


def _conditions(wanted: FlowFilter, listed: Subquery) -> Iterator[ColumnElement[bool]]:
    if wanted.flow is not None:
        name = select(events.c.flow_name_folded).where(events.c.id == listed.c.named_id).scalar_subquery()
        has_name = name.contains(wanted.flow.casefold(), autoescape=True)
        yield or_(listed.c.flow_id == wanted.flow, has_name)
    if wanted.environment is not None:
        place = select(events.c.environment).where(events.c.id == listed.c.placed_id).scalar_subquery()
        yield place == wanted.environment


def _flow_ids() -> Subquery:
    """Every flow id, each found by one step in the index from the one before: the events are not read through."""
    first = select(func.min(events.c.flow_id).label("flow_id"))
    ids = first.cte("ids", recursive=True)
    following = select(func.min(events.c.flow_id)).where(events.c.flow_id > ids.c.flow_id).scalar_subquery()
    ids = ids.union_all(select(following).where(ids.c.flow_id.is_not(None)))
    return select(ids.c.flow_id).where(ids.c.flow_id.is_not(None)).subquery()


def _last_event(flow: ColumnElement[str], *conditions: ColumnElement[bool]) -> ScalarSelect[Any]:
    newest = select(events.c.id).where(events.c.flow_id == flow, *conditions).order_by(events.c.id.desc())
    return newest.limit(1).scalar_subquery()


def _summaries(conn: Connection, found: Sequence[RowMapping]) -> list[FlowSummary]:
    shown = events_by_id(conn, {row[name] for row in found for name in ("last_event_id", "named_id", "placed_id")})
    live = publications_by_id(conn, [row["live_id"] for row in found if row["live_id"]])
    return [
        FlowSummary(
            flow_id=row["flow_id"],
            flow_name=shown[row["named_id"]].flow_name,
            flow_type=shown[row["named_id"]].flow_type,
            org_id=shown[row["named_id"]].org_id,
            environment=shown[row["placed_id"]].environment,
            last_event_at=shown[row["last_event_id"]].received_at,
            live=live.get(row["live_id"]),
        )
        for row in found
    ]


def _timeline(conn: Connection, flow_id: str, *, before: int, limit: int) -> Page[GoingLive]:
    found = _newest(conn, flow_id, before=before, limit=limit + 1)
    shown = found[:limit]
    more = cursor_of(str(shown[-1].number)) if len(found) > limit else None
    return Page(items=tuple(_going_live(conn, flow_id, shown)), next_cursor=more)


def _going_live(conn: Connection, flow_id: str, shown: Sequence[Publication]) -> Iterator[GoingLive]:
    if not shown:
        return
    wanted = {"publications": [one.id for one in shown], "versions": [one.version_id for one in shown]}
    told = [
        (row["publication_id"], rows.to_event(row))
        for row in conn.execute(_TOLD, {"flow": flow_id, **wanted}).mappings()
    ]
    followed = runs_of(conn, [event.id for _, event in told], wanted["publications"])
    for publication in shown:
        mine = tuple(event for of, event in told if of == publication.id or tells_of(event, publication))
        causes = {publication.id, *(event.id for event in mine)}
        yield GoingLive(
            publication=publication,
            events=mine,
            runs=tuple(run for run in followed if run.cause == publication.id or run.event_id in causes),
        )


def _with_runs(conn: Connection, flow_id: str) -> Iterator[tuple[Publication, Sequence[Run]]]:
    """The flow's publications that set off runs, with these, the newest first."""
    found = conn.execute(_FOLLOWED, {"flow": flow_id}).mappings()
    for _, group in groupby(found, key=lambda row: row["of_id"]):
        together = list(group)
        publication = {column.name: together[0][f"of_{column.name}"] for column in rows.PUBLICATION}
        runs_of_it = [rows.to_run({column.name: row[column.name] for column in rows.RUN}) for row in together]
        yield rows.to_publication(publication), runs_of_it


def _newest(conn: Connection, flow_id: str, *, before: int, limit: int) -> list[Publication]:
    wanted = {"flow": flow_id, "before": before, "limit": limit}
    return [rows.to_publication(row) for row in conn.execute(_NEWEST, wanted).mappings()]


def _number(cursor: str | None) -> int:
    """The number of the publication that a part of the timeline ended with."""
    if cursor is None:
        return _BEYOND_ALL
    place = place_of(cursor)
    if not place.isascii() or not place.isdigit() or len(place) > 9:
        raise CursorError(f"The cursor {cursor[:40]!r} is none of this list's; ask again without it.")
    return int(place)
