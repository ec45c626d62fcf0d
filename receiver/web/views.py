"""Records as JSON: the one place that says how an event or a run looks to the API and to `--json`.

A list shows an item without what is large (bodies, attempts); asking for one item shows all of it. A key is always
there: what is absent is null. Times are RFC 3339 in UTC.
"""

import base64
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar

from receiver.clock import rfc3339
from receiver.model import (
    Actor,
    Attempt,
    Event,
    EventRecord,
    Json,
    Page,
    Publication,
    Run,
    RunRecord,
    Step,
    Verdict,
)
from receiver.silence import AbsenceKind, OpenAbsence
from receiver.states import is_final
from receiver.timeline import FlowRecord, FlowSummary, GoingLive, content_of

JsonObject = dict[str, Json]
Item = TypeVar("Item")


def page_view(page: Page[Item], view: Callable[[Item], JsonObject]) -> JsonObject:
    """A part of a list: its items, and the cursor that asks for the rest."""
    return {"items": [view(item) for item in page.items], "next_cursor": page.next_cursor}


def event_summary(record: EventRecord) -> JsonObject:
    """An event as lists show it: everything but its body and headers."""
    return {
        **_canonical(record.event),
        "duplicates": record.duplicates,
        "conflicts": record.conflicts,
        "publication": publication_view(record.publication) if record.publication else None,
        "verdicts": [verdict_view(verdict) for verdict in record.verdicts],
        "runs": [_run(run) for run in record.runs],
        "missing": _kind(record.missing),
    }


def event_view(record: EventRecord) -> JsonObject:
    """An event with all that is kept of it; a body that is no UTF-8 text is shown as base64, and says so.

    One that retention has let go is null, and its digest stays.
    """
    event = record.event
    text, encoding = body_text(event.body) if event.body else (None, None)
    return {
        **event_summary(record),
        "secret": event.secret,
        "headers": dict(event.headers),
        "body": text,
        "body_encoding": encoding,
        "body_digest": event.body_digest,
    }


def run_summary(record: RunRecord, event: Event | None = None) -> JsonObject:
    """A run as lists show it: with the event that set it off and its steps, without their attempts."""
    return {
        **_run(record.run),
        "event": _canonical(event) if event else None,
        "steps": [_step(step) for step in record.steps],
    }


def run_view(record: RunRecord, event: Event | None = None) -> JsonObject:
    """A run with the event that set it off, its steps, and every attempt with its request and response."""
    return {
        **_run(record.run),
        "event": _canonical(event) if event else None,
        "steps": [
            {
                **_step(step),
                "definition": dict(step.definition),
                "attempts": [_attempt(attempt) for attempt in record.attempts.get(step.id, ())],
            }
            for step in record.steps
        ],
    }


def flow_summary(flow: FlowSummary) -> JsonObject:
    """A flow as lists show it."""
    return {
        "flow_id": flow.flow_id,
        "flow_name": flow.flow_name,
        "flow_type": flow.flow_type,
        "org_id": flow.org_id,
        "environment": flow.environment,
        "last_event_at": rfc3339(flow.last_event_at),
        "live": publication_view(flow.live) if flow.live else None,
    }


def flow_view(record: FlowRecord) -> JsonObject:
    """A flow with a part of its timeline, and what the publisher has told of it beside."""
    return {
        **flow_summary(record.summary),
        "good": publication_view(record.good) if record.good else None,
        "timeline": page_view(record.timeline, lambda lived: _going_live(lived, missing=record.missing(lived))),
        "absences": [absence_view(one) for one in record.absences],
        "adopted": [_note(event) for event in record.adopted],
        "blocked": [_note(event) for event in record.blocked],
    }


def absence_view(one: OpenAbsence) -> JsonObject:
    """Something that is absent; what belongs to an announcement is null where it is a source that is silent."""
    is_source = one.absence.kind is AbsenceKind.EVENTS
    told = one.announcement
    return {
        "kind": one.absence.kind.value,
        "since": rfc3339(one.absence.since),
        "source": one.absence.subject if is_source else told and told.source,
        "event_id": None if is_source else one.absence.subject,
        "environment": told and told.environment,
        "flow_id": told and told.flow_id,
        "flow_name": told and told.flow_name,
        "version_id": told and told.version_id,
    }


def publication_view(publication: Publication) -> JsonObject:
    """One going-live of a version of a flow."""
    return {
        "id": publication.id,
        "flow_id": publication.flow_id,
        "number": publication.number,
        "version_id": publication.version_id,
        "occurred_at": rfc3339(publication.occurred_at),
        "first_event_id": publication.first_event_id,
    }


def verdict_view(verdict: Verdict) -> JsonObject:
    """What a pipeline's rule said of an event, and why."""
    return {
        "pipeline": verdict.pipeline,
        "kind": verdict.kind.value,
        "reason": verdict.reason,
        "run_id": verdict.run_id,
    }


def body_text(body: bytes) -> tuple[str, str]:
    """A body as text, and how: `utf-8`, or `base64` where it is no UTF-8."""
    try:
        return body.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return base64.b64encode(body).decode("ascii"), "base64"


def _canonical(event: Event) -> JsonObject:
    return {
        "id": event.id,
        "source": event.source,
        "type": event.type,
        "origin": event.origin.value,
        "org_id": event.org_id,
        "environment": event.environment,
        "flow_id": event.flow_id,
        "flow_name": event.flow_name,
        "flow_type": event.flow_type,
        "version_id": event.version_id,
        "version_number": event.version_number,
        "actor": _actor(event.actor) if event.actor else None,
        "operation": event.operation,
        "provenance": _mapping(event.provenance),
        "occurred_at": _time(event.occurred_at),
        "received_at": rfc3339(event.received_at),
        "dedupe_key": event.dedupe_key,
        "faults": [{"field": fault.field, "message": fault.message} for fault in event.faults],
    }


def _going_live(lived: GoingLive, *, missing: AbsenceKind | None) -> JsonObject:
    return {
        **publication_view(lived.publication),
        "version_number": lived.version_number,
        "published_by": _actor(lived.actor) if lived.actor else None,
        "provenance": _mapping(lived.provenance),
        "event_ids": [event.id for event in lived.events],
        "missing": _kind(missing),
        "outcome": lived.outcome.value,
        "runs": [_run(run) for run in lived.runs],
    }


def _note(event: Event) -> JsonObject:
    return {
        "event_id": event.id,
        "version_id": event.version_id,
        "content_hash": content_of(event),
        "provenance": _mapping(event.provenance),
        "at": rfc3339(event.occurred_at or event.received_at),
    }


def _actor(actor: Actor) -> JsonObject:
    return {"id": actor.id, "name": actor.name, "type": actor.type}


def _run(run: Run) -> JsonObject:
    return {
        "id": run.id,
        "pipeline": run.pipeline,
        "status": run.status.value,
        "is_final": is_final(run.status),
        "reason": run.reason,
        "event_id": run.event_id,
        "cause": run.cause,
        "publication_number": run.publication_number,
        "group_key": run.group_key,
        "policy": run.policy.value,
        "config_digest": run.config_digest,
        "created_at": rfc3339(run.created_at),
        "started_at": _time(run.started_at),
        "ended_at": _time(run.ended_at),
    }


def _step(step: Step) -> JsonObject:
    return {
        "id": step.id,
        "name": step.name,
        "position": step.position,
        "target": step.target,
        "kind": step.kind,
        "needs": list(step.needs),
        "condition": step.condition.value,
        "status": step.status.value,
        "message": step.message,
        "attempt_count": step.attempts,
        "is_dead_letter": step.is_dead_letter,
        "reference": step.reference,
        "url": step.url,
        "outputs": dict(step.outputs),
        "timeout_s": step.timeout_s,
        "due_at": _time(step.due_at),
        "deadline_at": _time(step.deadline_at),
        "started_at": _time(step.started_at),
        "ended_at": _time(step.ended_at),
    }


def _attempt(attempt: Attempt) -> JsonObject:
    return {
        "id": attempt.id,
        "number": attempt.number,
        "result": attempt.result.value,
        "message": attempt.message,
        "started_at": rfc3339(attempt.started_at),
        "ended_at": _time(attempt.ended_at),
        "request": _mapping(attempt.request),
        "response": _mapping(attempt.response),
    }


def _kind(missing: AbsenceKind | None) -> str | None:
    return missing.value if missing else None


def _time(moment: datetime | None) -> str | None:
    return rfc3339(moment) if moment else None


def _mapping(value: Mapping[str, Json] | None) -> JsonObject | None:
    return None if value is None else dict(value)
