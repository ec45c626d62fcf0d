"""Calls with good defaults."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from receiver.config import SecretRule
from receiver.expressions.names import call_names
from receiver.model import (
    Attempt,
    AttemptResult,
    Claim,
    Event,
    GroupPolicy,
    Json,
    Run,
    Step,
)
from receiver.states import RunStatus, StepStatus
from receiver.targets.kind import Call

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def an_event(*, flow_name: str = "Main IVR") -> Event:
    return Event(
        id="e-1",
        source="genesys",
        dedupe_key="d-1",
        type="flow.version.published",
        flow_id="f-1",
        flow_name=flow_name,
        version_id="16.0",
        version_number=16,
        received_at=NOON,
        body=b'{"id": "d-1"}',
    )


def a_run() -> Run:
    return Run(
        id="r-1",
        pipeline="deploy-ivr",
        event_id="e-1",
        cause="p-1",
        publication_number=3,
        group_key="deploy-ivr f-1",
        policy=GroupPolicy.LATEST,
        status=RunStatus.RUNNING,
        config_digest="c-1",
        created_at=NOON,
    )


def a_step(
    *, definition: Mapping[str, Json] | None = None, kind: str = "http", status: StepStatus = StepStatus.IN_FLIGHT
) -> Step:
    return Step(
        id="s-1",
        run_id="r-1",
        position=0,
        name="deploy",
        target="http",
        kind=kind,
        definition=definition if definition is not None else {"url": "https://ci.example.com/deploy"},
        status=status,
        attempts=1,
        started_at=NOON,
    )


def a_claim(*, step: Step | None = None, event: Event | None = None) -> Claim:
    attempt = Attempt(id="a-1", step_id="s-1", number=1, result=AttemptResult.IN_FLIGHT, started_at=NOON)
    return Claim(step=step or a_step(), attempt=attempt, run=a_run(), event=event or an_event(), siblings={})


def a_call(
    *,
    definition: Mapping[str, Json] | None = None,
    event: Event | None = None,
    secrets: Mapping[str, str] | None = None,
    hosts: Sequence[str] = ("ci.example.com",),
) -> Call:
    given = secrets or {}
    step = a_step(definition=definition)
    return Call(
        step=step,
        facts=call_names(a_claim(step=step, event=event), secrets={}),
        secrets=given,
        rules={name: SecretRule(name=name, hosts=tuple(hosts)) for name in given},
    )
