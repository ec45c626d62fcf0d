"""What expressions see of an event, a run and its steps."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from receiver.expressions import call_names, compile_expression, event_names, render
from receiver.expressions.names import EVENT, MAX_BODY_BYTES, RUN, STEP
from receiver.model import (
    Actor,
    Attempt,
    AttemptResult,
    Claim,
    Event,
    Fault,
    GroupPolicy,
    Json,
    Run,
    Step,
)
from receiver.states import RunStatus, StepStatus

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def an_event(**fields: Json) -> Event:
    known = Event(id="e-1", source="genesys", dedupe_key="k", type="t", received_at=NOON)
    return replace(known, **fields)


def a_step(**fields: Json) -> Step:
    known = Step(
        id="s-1",
        run_id="r-1",
        position=0,
        name="smoke",
        target="http",
        kind="http",
        status=StepStatus.SUCCEEDED,
        outputs={"status": 200},
        attempts=2,
    )
    return replace(known, **fields)


def a_claim(event: Event) -> Claim:
    return Claim(
        step=a_step(id="s-2", name="deploy"),
        attempt=Attempt(id="a-1", step_id="s-2", number=1, result=AttemptResult.IN_FLIGHT, started_at=NOON),
        run=Run(
            id="r-1",
            pipeline="deploy-ivr",
            event_id="e-1",
            cause="p-1",
            publication_number=7,
            group_key="g",
            policy=GroupPolicy.LATEST,
            status=RunStatus.RUNNING,
            config_digest="",
            created_at=NOON,
        ),
        event=event,
        siblings={"smoke": a_step()},
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${{ event.type }} of ${{ event.source }}", "t of genesys"),
        ("${{ event.origin }}", "webhook"),
        ("${{ event.flow_id }}", None),
        ("${{ event.actor.name }}", "Ada"),
        ("${{ event.received_at }}", "2026-03-01T12:00:00Z"),
        ("${{ event.received_at.getHours() }}", 12),
        ("${{ event.faults }}", [{"field": "f", "message": "m"}]),
        ("${{ event.body.a[0] }}", 1),
        ("${{ run.pipeline }} ${{ run.publication_number }}", "deploy-ivr 7"),
        ("${{ steps.smoke.status }} after ${{ steps.smoke.attempts }}", "succeeded after 2"),
        ("${{ steps.smoke.outputs.status }}", 200),
        ("${{ secrets.CI_TOKEN }}", "hunter2"),
    ],
)
def test_templates_of_a_step_see_what_is_known(text: str, value: object) -> None:
    event = an_event(actor=Actor(name="Ada"), faults=(Fault(field="f", message="m"),), body=b'{"a": [1]}')

    assert render(text, call_names(a_claim(event), secrets={"CI_TOKEN": "hunter2"})) == value


def test_the_names_that_are_known_are_those_that_are_there() -> None:
    names = call_names(a_claim(an_event(body=b"{}")), secrets={})

    assert list(names["event"]) == list(EVENT)
    assert set(names["run"]) == set(RUN)
    assert set(names["steps"]["smoke"]) == set(STEP)


def test_a_large_body_is_not_shown() -> None:
    fits, too_large = (event_names(an_event(body=b" " * (size - 2) + b"{}")) for size in (MAX_BODY_BYTES, 16385))

    assert fits["body"] == {}
    assert "body" not in too_large
    assert len(too_large) == len(list(too_large)) == len(fits) - 1


def test_a_body_that_is_no_json_is_null() -> None:
    assert event_names(an_event(body=b"{"))["body"] is None


def test_half_a_character_is_replaced() -> None:
    event = an_event(flow_name="a\ud83d", body=b'{"k\\ud83d": ["\\ude00"]}')

    assert compile_expression("event").evaluate({"event": event_names(event)})["flow_name"] == "a\ufffd"
    assert event_names(event)["body"] == {"k\ufffd": ["\ufffd"]}
