"""Which pipelines an event sets off, and why not the others.

`plan` runs for every event that comes in, so everything in a rule is compiled when the config is read, and an event
is shown to expressions only where a rule has a `when`.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from receiver.config import Config, Pipeline, Rule
from receiver.errors import ExpressionError
from receiver.expressions import Expression, event_names, shortened
from receiver.expressions.results import to_json
from receiver.model import Event, GroupPolicy, NewRun, Plan, Verdict, VerdictKind

MAX_GROUP_CHARACTERS = 200
"""A longer group is told apart by its digest: indexes take no keys of any length."""

Names = Mapping[str, Any]


def plan(event: Event, config: Config, *, new_id: Callable[[], str]) -> Plan:
    """Every pipeline's verdict on an event, and a run of each that it sets off."""
    names = {"event": event_names(event)}
    verdicts: list[Verdict] = []
    runs: list[NewRun] = []
    for pipeline in config.pipelines:
        judged = _judged(pipeline, event, names)
        if judged.kind is VerdictKind.MATCHED:
            judged, run = _set_off(pipeline, event, names, run_id=new_id(), digest=config.digest, judged=judged)
            runs += [run] if run else []
        verdicts.append(judged)
    return Plan(verdicts=tuple(verdicts), runs=tuple(runs))


def verdict(pipeline: Pipeline, event: Event) -> Verdict:
    """What a pipeline's rule says of an event, and why."""
    return _judged(pipeline, event, {"event": event_names(event)})


def group_key(pipeline: Pipeline, event: Event, *, run_id: str) -> str:
    """What at most one running run may have: the pipeline and the flow, unless the pipeline names a group itself.

    Pipelines share a group only where each of them names the same one. An event without a flow has a group of its own.
    """
    return _group_key(pipeline, event, {"event": event_names(event)}, run_id=run_id)


def _judged(pipeline: Pipeline, event: Event, names: Names) -> Verdict:
    if event.faults:
        faults = "; ".join(f"{fault.field}: {fault.message}" for fault in event.faults)
        return Verdict(pipeline=pipeline.name, kind=VerdictKind.FAULTY, reason=f"the event could not be read: {faults}")
    misses = "; ".join(_misses(pipeline.rule, event))
    if misses:
        return Verdict(pipeline=pipeline.name, kind=VerdictKind.NOT_MATCHED, reason=misses)
    kind, reason = _answer(pipeline.rule.when, names)
    if kind is VerdictKind.MATCHED:
        reason = f"{_matches(event)}{reason}"
    return Verdict(pipeline=pipeline.name, kind=kind, reason=reason)


def _set_off(
    pipeline: Pipeline, event: Event, names: Names, *, run_id: str, digest: str, judged: Verdict
) -> tuple[Verdict, NewRun | None]:
    try:
        key = _group_key(pipeline, event, names, run_id=run_id)
    except ExpressionError as exc:
        return Verdict(pipeline=pipeline.name, kind=VerdictKind.ERROR, reason=f"concurrency.group: {exc}"), None
    run = NewRun(
        id=run_id,
        pipeline=pipeline.name,
        group_key=key,
        policy=pipeline.policy,
        steps=pipeline.steps,
        config_digest=digest,
    )
    return Verdict(pipeline=judged.pipeline, kind=judged.kind, reason=judged.reason, run_id=run_id), run


def _misses(rule: Rule, event: Event) -> Iterator[str]:
    """What of a rule does not hold, `when` left out."""
    if rule.types and not rule.type_pattern.fullmatch(event.type):
        yield f"type {shortened(event.type)} is not among {_quoted(rule.types)}"
    if rule.sources and event.source not in rule.sources:
        yield f"source {shortened(event.source)} is not among {_quoted(rule.sources)}"
    if rule.environments and event.environment not in rule.environments:
        yield f"{_named('environment', event.environment)} is not among {_quoted(rule.environments)}"
    if rule.flows and not any(_is_among(rule, flow) for flow in (event.flow_name, event.flow_id)):
        yield f"{_named('flow', event.flow_name or event.flow_id)} is not among {_quoted(rule.flows)}"


def _is_among(rule: Rule, flow: str | None) -> bool:
    """Whether a flow's name or id is meant; a name with brackets can be written as it is."""
    return flow is not None and (flow in rule.flows or rule.flow_pattern.fullmatch(flow) is not None)


def _answer(when: Expression | None, names: Names) -> tuple[VerdictKind, str]:
    if when is None:
        return VerdictKind.MATCHED, ""
    try:
        value = when.evaluate(names)
    except ExpressionError as exc:
        return VerdictKind.ERROR, f"when: {str(exc).rstrip('.')}{_seen(when, names)}"
    match value:
        case True:
            return VerdictKind.MATCHED, f", when {shortened(when.source)}"
        case False:
            return VerdictKind.NOT_MATCHED, f"when {shortened(when.source)} is false{_seen(when, names)}"
    return VerdictKind.ERROR, f"when {shortened(when.source)} gave {_cut(value)}; it must be true or false"


def _seen(when: Expression, names: Names) -> str:
    """The event's fields that an expression read, and what stood there."""
    fields = dict.fromkeys(chain[1] for chain in when.chains if chain[0] == "event" and len(chain) > 1)
    found = [f"event.{field} is {_cut(to_json(names['event'][field]))}" for field in fields if field in names["event"]]
    hidden = [f"event.{field} is too large to be seen" for field in fields if field not in names["event"]]
    return f" ({', '.join([*found, *hidden][:4])})" if fields else ""


def _matches(event: Event) -> str:
    flow = event.flow_name or event.flow_id
    return f"type {shortened(event.type)}" + (f", {_named('flow', flow)}" if flow else "")


def _named(what: str, value: str | None) -> str:
    return f"no {what}" if value is None else f"{what} {shortened(value)}"


def _cut(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:79]}…"


@lru_cache(maxsize=256)
def _quoted(globs: tuple[str, ...]) -> str:
    return json.dumps(list(globs), ensure_ascii=False)


def _group_key(pipeline: Pipeline, event: Event, names: Names, *, run_id: str) -> str:
    if pipeline.policy is GroupPolicy.PARALLEL:
        return run_id
    if pipeline.group is None:
        return run_id if event.flow_id is None else _short_key(f"pipeline:{pipeline.name}:{event.flow_id}")
    value = pipeline.group.render(names)
    if value is None:
        return run_id
    if not isinstance(value, str | int | float):
        raise ExpressionError(f"the group is {_cut(value)}; give text.")
    return _short_key(f"group:{value}")


def _short_key(key: str) -> str:
    if len(key) <= MAX_GROUP_CHARACTERS:
        return key
    digest = hashlib.sha256(key.encode("utf-8", "backslashreplace")).hexdigest()
    return f"{key[: MAX_GROUP_CHARACTERS - 65]}:{digest}"
