"""Rows to the model's values, and back. Columns have the names of the fields."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Table

from receiver.delivery import Delivery
from receiver.model import Actor, Attempt, Event, Fault, Publication, Run, Step, Verdict, VerdictKind
from receiver.store import tables

Values = dict[str, Any]
Found = RowMapping | Mapping[str, Any]
"""A row as a query gives it: by the names of its columns."""


def columns_of(
    table: Table, kind: type[Any], *, leave_out: frozenset[str] = frozenset()
) -> tuple[ColumnElement[Any], ...]:
    """The columns of a table that are fields of a kind."""
    return tuple(table.c[field.name] for field in fields(kind) if field.name not in leave_out)


EVENT = columns_of(tables.events, Event)
DELIVERY = columns_of(tables.inbox, Delivery)
EVENT_WITHOUT_BODY = columns_of(tables.events, Event, leave_out=frozenset({"body"}))
EVENT_MORE = tuple(tables.events.c[name] for name in ("verdicts", "publication_id", "duplicates", "conflicts"))
PUBLICATION = columns_of(tables.publications, Publication)
RUN = columns_of(tables.runs, Run)
STEP = columns_of(tables.steps, Step)
ATTEMPT = columns_of(tables.attempts, Attempt)
DELIVERY_NAMES = frozenset(field.name for field in fields(Delivery))
EVENT_NAMES = frozenset(field.name for field in fields(Event))
PUBLICATION_NAMES = tuple(field.name for field in fields(Publication))
RUN_NAMES = tuple(field.name for field in fields(Run))
STEP_NAMES = tuple(field.name for field in fields(Step))
ATTEMPT_NAMES = tuple(field.name for field in fields(Attempt))


def of_delivery(delivery: Delivery, *, dedupe_key: str) -> Values:
    """The row of a delivery."""
    return {
        "id": delivery.id,
        "source": delivery.source,
        "environment": delivery.environment,
        "dedupe_key": dedupe_key,
        "received_at": delivery.received_at,
        "headers": delivery.headers,
        "secret": delivery.secret,
        "message_id": delivery.message_id,
        "body": delivery.body,
    }


def to_delivery(row: Found) -> Delivery:
    """A delivery."""
    return Delivery(**picked(row, DELIVERY_NAMES))


def of_event(event: Event, *, verdicts: tuple[Verdict, ...], publication_id: str | None) -> Values:
    """The row of an event that has just come in."""
    return {
        "id": event.id,
        "source": event.source,
        "dedupe_key": event.dedupe_key,
        "type": event.type,
        "origin": event.origin,
        "org_id": event.org_id,
        "environment": event.environment,
        "flow_id": event.flow_id,
        "flow_name": event.flow_name,
        "flow_name_folded": None if event.flow_name is None else event.flow_name.casefold(),
        "flow_type": event.flow_type,
        "version_id": event.version_id,
        "version_number": event.version_number,
        "actor": None if event.actor is None else plain(event.actor),
        "operation": event.operation,
        "provenance": None if event.provenance is None else dict(event.provenance),
        "occurred_at": event.occurred_at,
        "received_at": event.received_at,
        "faults": [plain(fault) for fault in event.faults],
        "body": event.body,
        "body_digest": event.body_digest,
        "headers": dict(event.headers),
        "secret": event.secret,
        "verdicts": [plain(verdict) for verdict in verdicts],
        "publication_id": publication_id,
        "duplicates": 0,
        "conflicts": 0,
    }


def plain(value: Actor | Fault | Verdict) -> Values:
    """A small value as JSON keeps it."""
    return {field.name: getattr(value, field.name) for field in fields(value)}


def to_event(row: Found) -> Event:
    """An event; its body is empty where the query left it out."""
    values = picked(row, EVENT_NAMES)
    actor = values["actor"]
    values["actor"] = None if actor is None else Actor(**actor)
    values["faults"] = tuple(Fault(**fault) for fault in values["faults"])
    return Event(**values)


def to_verdicts(row: Found) -> tuple[Verdict, ...]:
    """The verdicts kept with an event."""
    return tuple(Verdict(**{**kept, "kind": VerdictKind(kept["kind"])}) for kept in row["verdicts"])


def to_publication(row: Found) -> Publication:
    """A publication."""
    return Publication(**row)


def of_publication(publication: Publication, *, operation: str | None) -> Values:
    """The row of a publication."""
    return {name: getattr(publication, name) for name in PUBLICATION_NAMES} | {"operation": operation}


def of_run(run: Run) -> Values:
    """The row of a run."""
    return {name: getattr(run, name) for name in RUN_NAMES}


def to_run(row: Found) -> Run:
    """A run."""
    return Run(**row)


def of_step(step: Step) -> Values:
    """The row of a step."""
    values = {name: getattr(step, name) for name in STEP_NAMES}
    return {**values, "definition": dict(step.definition), "outputs": dict(step.outputs)}


def to_step(row: Found) -> Step:
    """A step."""
    return Step(**{**row, "needs": tuple(row["needs"])})


def of_attempt(attempt: Attempt) -> Values:
    """The row of an attempt."""
    return {name: getattr(attempt, name) for name in ATTEMPT_NAMES}


def to_attempt(row: Found) -> Attempt:
    """An attempt."""
    return Attempt(**row)


def picked(row: Found, names: frozenset[str]) -> Values:
    """The values of a row that have one of these names."""
    return {name: value for name, value in row.items() if name in names}
