"""Records as the store gives them, made up: a flow version that went live, and a pipeline that ran."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from receiver.model import (
    Actor,
    Attempt,
    AttemptResult,
    Event,
    EventRecord,
    GroupPolicy,
    Json,
    Publication,
    Run,
    RunRecord,
    Step,
    Verdict,
    VerdictKind,
)
from receiver.states import RunStatus, StepStatus

NOON = datetime(2026, 11, 23, 12, 0, 0, 250_000, tzinfo=UTC)
EVENT_ID = "019a9c3e-5a00-7c31-9a55-1c3a4b5d6e7f"
RUN_ID = "019a9c3e-5a01-7c31-9a55-1c3a4b5d6e80"
STEP_ID = "019a9c3e-5a02-7c31-9a55-1c3a4b5d6e81"
FLOW_ID = "2f6f1c1e-0d5b-4f6e-9d0a-3c1b5a7e8f90"


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def an_event(**fields: Json) -> Event:
    body = {
        "id": "evt-1",
        "event": "flow.version.published",
        "data": {"flowId": FLOW_ID, "flowName": "Automated IVR Flow v2", "versionId": "16.0"},
    }
    defaults: dict[str, Any] = {
        "id": EVENT_ID,
        "source": "genesys",
        "dedupe_key": "evt-1",
        "type": "flow.version.published",
        "environment": "prod",
        "flow_id": FLOW_ID,
        "flow_name": "Automated IVR Flow v2",
        "flow_type": "INBOUNDCALL",
        "version_id": "16.0",
        "version_number": 16,
        "actor": Actor(id="u-7", name="Dana Reyes", type="USER"),
        "occurred_at": after(-2),
        "received_at": NOON,
        "body": json.dumps(body).encode(),
        "body_digest": "ab" * 32,
        "headers": {"content-type": "application/json", "user-agent": "genesys-webhooks/1.0"},
        "secret": "CI_WEBHOOK_SECRET",
    }
    return Event(**defaults | fields)


def a_run(**fields: Json) -> Run:
    defaults: dict[str, Any] = {
        "id": RUN_ID,
        "pipeline": "deploy-ivr",
        "event_id": EVENT_ID,
        "cause": "019a9c3e-5a03-7c31-9a55-1c3a4b5d6e82",
        "publication_number": 3,
        "group_key": FLOW_ID,
        "policy": GroupPolicy.LATEST,
        "status": RunStatus.SUCCEEDED,
        "config_digest": "c0ffee" * 8,
        "created_at": NOON,
        "started_at": NOON,
        "ended_at": after(3.25),
    }
    return Run(**defaults | fields)


def a_step(**fields: Json) -> Step:
    defaults: dict[str, Any] = {
        "id": STEP_ID,
        "run_id": RUN_ID,
        "position": 0,
        "name": "deploy",
        "target": "ci",
        "kind": "http",
        "status": StepStatus.SUCCEEDED,
        "attempts": 1,
        "started_at": NOON,
        "ended_at": after(3.2),
    }
    return Step(**defaults | fields)


def an_attempt(**fields: Json) -> Attempt:
    defaults: dict[str, Any] = {
        "id": "019a9c3e-5a04-7c31-9a55-1c3a4b5d6e83",
        "step_id": STEP_ID,
        "number": 1,
        "result": AttemptResult.SUCCEEDED,
        "started_at": NOON,
        "ended_at": after(0.14),
        "request": {
            "method": "POST",
            "url": "https://ci.example.com/deploy",
            "headers": {"Authorization": "Bearer [secret CI_TOKEN]", "Idempotency-Key": f'"{STEP_ID}"'},
            "body": '{"flow": "' + FLOW_ID + '", "version": "16.0"}',
        },
        "response": {"status": 202, "headers": {"content-type": "application/json"}, "body": '{"build": 812}'},
    }
    return Attempt(**defaults | fields)


def a_publication(**fields: Json) -> Publication:
    defaults: dict[str, Any] = {
        "id": "019a9c3e-5a03-7c31-9a55-1c3a4b5d6e82",
        "flow_id": FLOW_ID,
        "number": 3,
        "version_id": "16.0",
        "occurred_at": after(-2),
        "first_event_id": EVENT_ID,
    }
    return Publication(**defaults | fields)


def a_verdict(**fields: Json) -> Verdict:
    defaults: dict[str, Any] = {
        "pipeline": "deploy-ivr",
        "kind": VerdictKind.MATCHED,
        "reason": "type 'flow.version.published', flow 'Automated IVR Flow v2'",
        "run_id": RUN_ID,
    }
    return Verdict(**defaults | fields)


def an_event_record(**fields: Json) -> EventRecord:
    defaults: dict[str, Any] = {
        "event": an_event(),
        "verdicts": (a_verdict(),),
        "publication": a_publication(),
        "runs": (a_run(),),
    }
    return EventRecord(**defaults | fields)


def a_run_record(
    *,
    run: Run | None = None,
    steps: Sequence[Step] | None = None,
    attempts: Mapping[str, Sequence[Attempt]] | None = None,
) -> RunRecord:
    return RunRecord(
        run=run or a_run(),
        steps=(a_step(),) if steps is None else tuple(steps),
        attempts={STEP_ID: [an_attempt()]} if attempts is None else attempts,
    )
