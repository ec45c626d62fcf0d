"""Which pipelines an event sets off, and what is said of the others."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from receiver.config import Config, parse_config
from receiver.model import Actor, Event, Fault, GroupPolicy, Json, Origin, Verdict, VerdictKind
from receiver.pipelines import MAX_GROUP_CHARACTERS, group_key, plan, verdict

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def an_event(**fields: Json) -> Event:
    event = Event(
        id="e-1",
        source="genesys",
        dedupe_key="k",
        type="flow.version.published",
        origin=Origin.WEBHOOK,
        environment="prod",
        flow_id="f-1",
        flow_name="Main Sales",
        version_id="3.0",
        version_number=3,
        actor=Actor(id="u-1", name="Ada"),
        received_at=NOON,
        body=b'{"id": "1", "data": {"tags": ["a", "b"]}}',
    )
    return replace(event, **fields)


def a_config(**pipelines: dict[str, Any]) -> Config:
    step = {"id": "go", "target": "http", "url": "http://ci"}
    whole = {name.replace("_", "-"): {"on": {}, "steps": [step]} | keys for name, keys in pipelines.items()}
    return parse_config(json.dumps({"pipelines": whole}), file="receiver.yaml")


def ids() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"run-{next(numbers)}"


def judged(on: dict[str, Any], event: Event) -> Verdict:
    (pipeline,) = a_config(deploy={"on": on}).pipelines
    return verdict(pipeline, event)


def group_of(event: Event, **concurrency: str) -> str:
    (pipeline,) = a_config(deploy={"concurrency": concurrency}).pipelines
    return group_key(pipeline, event, run_id="run-1")


@pytest.mark.parametrize(
    ("on", "reason"),
    [
        pytest.param({}, "type 'flow.version.published', flow 'Main Sales'", id="by the type it has by default"),
        pytest.param({"type": ["a", "flow.*"]}, "type 'flow.version.published', flow 'Main Sales'", id="type"),
        pytest.param({"flow": ["Sales *", "Main *"]}, "type 'flow.version.published', flow 'Main Sales'", id="name"),
        pytest.param({"flow": "f-1"}, "type 'flow.version.published', flow 'Main Sales'", id="id"),
        pytest.param(
            {"environment": "prod", "source": "genesys"},
            "type 'flow.version.published', flow 'Main Sales'",
            id="environment and source",
        ),
        pytest.param(
            {"when": "event.version_number > 1"},
            "type 'flow.version.published', flow 'Main Sales', when 'event.version_number > 1'",
            id="when",
        ),
        pytest.param(
            {"when": "event.body.data.tags.exists(tag, tag == 'b')"},
            "type 'flow.version.published', flow 'Main Sales', when \"event.body.data.tags.exists(tag, tag == 'b')\"",
            id="when of the body",
        ),
    ],
)
def test_an_event_that_fits_matches(on: dict[str, Any], reason: str) -> None:
    assert judged(on, an_event()) == Verdict(pipeline="deploy", kind=VerdictKind.MATCHED, reason=reason)


@pytest.mark.parametrize(
    ("on", "reason"),
    [
        pytest.param({"type": "a"}, "type 'flow.version.published' is not among [\"a\"]", id="type"),
        pytest.param({"flow": "Sales *"}, "flow 'Main Sales' is not among [\"Sales *\"]", id="flow"),
        pytest.param({"flow": "main *"}, "flow 'Main Sales' is not among [\"main *\"]", id="upper and lower case"),
        pytest.param({"environment": "dev"}, "environment 'prod' is not among [\"dev\"]", id="environment"),
        pytest.param(
            {"type": "a", "flow": "b"},
            "type 'flow.version.published' is not among [\"a\"]; flow 'Main Sales' is not among [\"b\"]",
            id="both",
        ),
        pytest.param(
            {"when": "event.version_number > 5 && event.actor.name == 'Ada'"},
            "when \"event.version_number > 5 && event.actor.name == 'Ada'\" is false "
            '(event.version_number is 3, event.actor is {"id": "u-1", "name": "Ada", "type": null})',
            id="when",
        ),
        pytest.param({"when": "false"}, "when 'false' is false", id="a when of nothing"),
    ],
)
def test_an_event_that_does_not_fit_is_told_what_was_wanted(on: dict[str, Any], reason: str) -> None:
    assert judged(on, an_event()) == Verdict(pipeline="deploy", kind=VerdictKind.NOT_MATCHED, reason=reason)


def test_an_event_of_another_source_does_not_match() -> None:
    found = judged({"source": "genesys"}, an_event(source="other"))

    assert found.reason == "source 'other' is not among [\"genesys\"]"


@pytest.mark.parametrize(
    ("event", "on", "reason"),
    [
        pytest.param(an_event(environment=None), {"environment": "p"}, 'no environment is not among ["p"]', id="none"),
        pytest.param(an_event(flow_name=None), {"flow": "x"}, "flow 'f-1' is not among [\"x\"]", id="no name"),
        pytest.param(an_event(flow_name=None, flow_id=None), {"flow": "*"}, 'no flow is not among ["*"]', id="no flow"),
    ],
)
def test_what_an_event_lacks_is_said(event: Event, on: dict[str, Any], reason: str) -> None:
    assert judged(on, event).reason == reason


def test_a_name_with_brackets_can_be_written_as_it_is() -> None:
    assert judged({"flow": "Main [EU]"}, an_event(flow_name="Main [EU]")).kind is VerdictKind.MATCHED


@pytest.mark.parametrize(
    ("event", "when", "reason"),
    [
        pytest.param(
            an_event(version_number=None),
            "event.version_number > 1",
            "when: 'event.version_number > 1' failed: the types do not fit (null where there is nothing; "
            "whole numbers and decimals do not mix) (event.version_number is null)",
            id="null",
        ),
        pytest.param(
            an_event(),
            "event.version_number",
            "when 'event.version_number' gave 3; it must be true or false",
            id="no truth",
        ),
        pytest.param(
            an_event(body=b'{"a": "' + b"x" * 20_000 + b'"}'),
            "event.body.a == 'x'",
            "when: \"event.body.a == 'x'\" failed: there is no 'body' there (event.body is too large to be seen)",
            id="a large body",
        ),
    ],
)
def test_a_when_that_raises_is_an_error_and_sets_nothing_off(event: Event, when: str, reason: str) -> None:
    found = plan(event, a_config(deploy={"on": {"when": when}}), new_id=ids())

    assert found.verdicts == (Verdict(pipeline="deploy", kind=VerdictKind.ERROR, reason=reason),)
    assert found.runs == ()


def test_an_event_with_faults_sets_nothing_off() -> None:
    event = an_event(faults=(Fault(field="timestamp", message="'soon' is no time"),))

    found = plan(event, a_config(deploy={}, other={}), new_id=ids())

    assert [(verdict.kind, verdict.reason) for verdict in found.verdicts] == [
        (VerdictKind.FAULTY, "the event could not be read: timestamp: 'soon' is no time")
    ] * 2
    assert found.runs == ()


def test_each_pipeline_that_matches_gets_a_run_and_each_gets_a_verdict() -> None:
    config = a_config(deploy={}, sales={"on": {"flow": "Sales"}}, tell={})

    found = plan(an_event(), config, new_id=ids())

    assert [(verdict.pipeline, verdict.kind, verdict.run_id) for verdict in found.verdicts] == [
        ("deploy", VerdictKind.MATCHED, "run-1"),
        ("sales", VerdictKind.NOT_MATCHED, None),
        ("tell", VerdictKind.MATCHED, "run-2"),
    ]
    assert [(run.id, run.pipeline) for run in found.runs] == [("run-1", "deploy"), ("run-2", "tell")]


def test_a_run_carries_its_plan() -> None:
    config = a_config(deploy={})

    (run,) = plan(an_event(), config, new_id=ids()).runs

    assert run.steps == config.pipelines[0].steps
    assert run.config_digest == config.digest
    assert run.policy is GroupPolicy.LATEST


def test_no_pipelines_is_no_verdicts() -> None:
    assert plan(an_event(), a_config(), new_id=ids()).verdicts == ()


def test_runs_of_a_pipeline_and_a_flow_are_a_group() -> None:
    assert group_of(an_event()) == "pipeline:deploy:f-1"


def test_pipelines_share_no_group_unless_each_names_the_same() -> None:
    group = {"concurrency": {"group": "${{ event.flow_id }}"}}
    config = a_config(a={}, b={}, c=group, d=group)

    runs = plan(an_event(), config, new_id=ids()).runs

    assert [run.group_key for run in runs] == ["pipeline:a:f-1", "pipeline:b:f-1", "group:f-1", "group:f-1"]


def test_an_event_without_a_flow_waits_for_nothing() -> None:
    event = an_event(flow_id=None)

    assert group_of(event) == "run-1"
    assert group_of(event, group="${{ event.flow_id }}") == "run-1"


def test_a_group_can_be_text() -> None:
    assert group_of(an_event(), group="${{ event.environment }}-lock", policy="queue") == "group:prod-lock"


def test_parallel_runs_have_a_group_of_their_own() -> None:
    assert group_of(an_event(), policy="parallel") == "run-1"


def test_a_long_group_is_told_apart_by_its_digest() -> None:
    one, other = (group_of(an_event(flow_id="x" * 5000 + end)) for end in "ab")

    assert one != other
    assert len(one) == MAX_GROUP_CHARACTERS


def test_a_group_that_cannot_be_worked_out_is_an_error() -> None:
    config = a_config(deploy={"concurrency": {"group": "${{ event.actor }}"}})

    found = plan(an_event(), config, new_id=ids())

    assert found.runs == ()
    assert found.verdicts[0].kind is VerdictKind.ERROR
    assert found.verdicts[0].reason.startswith("concurrency.group: the group is {")


def test_half_a_character_in_an_event_is_no_error() -> None:
    event = an_event(flow_name="Main \ud83d", body=b'{"a": "\\ud83d"}')

    assert judged({"when": "event.body.a != '' && event.flow_name != ''"}, event).kind is VerdictKind.MATCHED
