"""Makers of what the store keeps, with good defaults."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from receiver.clock import new_id
from receiver.model import (
    Attempt,
    AttemptResult,
    Claim,
    Event,
    GroupPolicy,
    Json,
    NewRun,
    NewStep,
    Plan,
    Settlement,
    Verdict,
    VerdictKind,
)
from receiver.states import StepStatus

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
FLOW = "7c0d1f3e-5a2b-4c6d-8e9f-0a1b2c3d4e5f"

_numbers = itertools.count(1)


def after(seconds: float) -> datetime:
    """A time so many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


def an_event(**changes: Json) -> Event:
    """An event that tells of a publication."""
    number = next(_numbers)
    plain = Event(
        id=new_id(),
        source="genesys",
        dedupe_key=f"key-{number}",
        type="flow.version.published",
        flow_id=FLOW,
        flow_name="Main menu",
        version_id="3.0",
        version_number=3,
        occurred_at=NOON,
        received_at=NOON,
        body=b'{"event": "flow.version.published"}',
        body_digest=f"digest-{number}",
        headers={"content-type": "application/json"},
        secret="CI_WEBHOOK_SECRET",
    )
    return replace(plain, **changes)


def a_step(name: str = "deploy", **changes: Json) -> NewStep:
    """A planned call of the http kind."""
    return replace(NewStep(name=name, target="http", kind="http", definition={"url": "http://ci.test/"}), **changes)


def a_run(*steps: NewStep, **changes: Json) -> NewRun:
    """A planned run of one step, in the group of its flow."""
    plain = NewRun(
        id=new_id(),
        pipeline="deploy",
        group_key=f"deploy {FLOW}",
        policy=GroupPolicy.LATEST,
        steps=steps or (a_step(),),
        config_digest="c0ffee",
    )
    return replace(plain, **changes)


def a_plan(*runs: NewRun) -> Plan:
    """A plan whose pipelines all matched."""
    verdicts = tuple(
        Verdict(pipeline=run.pipeline, kind=VerdictKind.MATCHED, reason="matched", run_id=run.id) for run in runs
    )
    return Plan(verdicts=verdicts, runs=runs)


def a_settlement(claim: Claim, status: StepStatus = StepStatus.SUCCEEDED, **changes: Json) -> Settlement:
    """What becomes of a claimed step whose call was answered."""
    results = {StepStatus.FAILED: AttemptResult.FAILED, StepStatus.DUE: AttemptResult.RETRY}
    plain = Settlement(status=status, attempt=ended(claim.attempt, results.get(status, AttemptResult.SUCCEEDED)))
    return replace(plain, **changes)


def ended(attempt: Attempt, result: AttemptResult) -> Attempt:
    """An attempt with its request and its answer."""
    return replace(
        attempt,
        result=result,
        ended_at=attempt.started_at + timedelta(seconds=1),
        request={"method": "POST", "url": "http://ci.test/"},
        response={"status": 204},
    )


def counting(prefix: str) -> Callable[[], str]:
    """Ids that sort in the order in which they were made."""
    numbers = itertools.count(1)
    return lambda: f"{prefix}-{next(numbers):04}"
