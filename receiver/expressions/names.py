"""What expressions see: the event, the run, and the run's other steps."""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from operator import attrgetter
from typing import Any

from receiver.expressions.expression import Names
from receiver.model import Claim, Event, Json, Run, Step

MAX_BODY_BYTES = 16 * 1024
"""Expressions cannot be limited in time, so they see small bodies only."""

Reader = Callable[[Event], Json]


def _actor(event: Event) -> Json:
    actor = event.actor
    return None if actor is None else {"id": actor.id, "name": actor.name, "type": actor.type}


def _faults(event: Event) -> Json:
    return [{"field": fault.field, "message": fault.message} for fault in event.faults]


_PLAIN = (
    *("id", "source", "type", "org_id", "environment", "flow_id", "flow_name", "flow_type", "version_id"),
    *("version_number", "origin", "operation", "provenance", "occurred_at", "received_at"),
)
_READERS: Mapping[str, Reader] = {
    **{name: attrgetter(name) for name in _PLAIN},
    "origin": lambda event: event.origin.value,
    "actor": _actor,
    "faults": _faults,
}
_FIELDS = (*_READERS, "body")

_ACTOR: Names = dict.fromkeys(("id", "name", "type"))
EVENT: Names = {**dict.fromkeys(_FIELDS), "actor": _ACTOR}
RUN: Names = dict.fromkeys(("id", "pipeline", "publication_number", "created_at"))
STEP: Names = dict.fromkeys(("id", "status", "attempts", "outputs", "reference", "url", "message"))


class EventNames(Mapping[str, Json]):
    """An event as expressions see it; a field is worked out when it is read, and only then."""

    def __init__(self, event: Event) -> None:
        self._event = event

    def __getitem__(self, name: str) -> Json:
        if name == "body" and self._shows_body:
            return self._body
        return _whole(_READERS[name](self._event))

    def __iter__(self) -> Iterator[str]:
        return iter(_FIELDS if self._shows_body else _READERS)

    def __len__(self) -> int:
        return len(_READERS) + self._shows_body

    @property
    def _shows_body(self) -> bool:
        return len(self._event.body) <= MAX_BODY_BYTES

    @cached_property
    def _body(self) -> Json:
        try:
            return _whole(json.loads(self._event.body))
        except ValueError:
            return None  # the sample of a test, or an event made by hand: the door lets in JSON only


def event_names(event: Event) -> Mapping[str, Json]:
    """The `event` of expressions: the canonical fields, and `body` where it has at most 16 KiB."""
    return EventNames(event)


def run_names(run: Run) -> Mapping[str, Json]:
    """The `run` of expressions."""
    return {name: getattr(run, name) for name in RUN}


def step_names(step: Step) -> Mapping[str, Json]:
    """One of the `steps` of expressions."""
    return {name: getattr(step, name) for name in STEP} | {"status": step.status.value, "outputs": dict(step.outputs)}


def call_names(claim: Claim, *, secrets: Mapping[str, str]) -> Mapping[str, Any]:
    """Everything that the templates of a claimed step may name."""
    return {
        "event": event_names(claim.event),
        "run": run_names(claim.run),
        "steps": {name: step_names(step) for name, step in claim.siblings.items()},
        "vars": {},
        "secrets": secrets,
    }


def _whole(value: Json) -> Json:
    """The value with half characters (a lone surrogate, which JSON can write and CEL cannot read) replaced."""
    match value:
        case str():
            return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case Mapping():
            return {_whole(key): _whole(item) for key, item in value.items()}
        case list():
            return [_whole(item) for item in value]
    return value
