"""What a flow went through, judged."""

from datetime import timedelta

import pytest

from receiver.model import Actor, Event, Page, Run
from receiver.silence import Absence, AbsenceKind, OpenAbsence
from receiver.states import RunStatus
from receiver.timeline import FlowRecord, FlowSummary, GoingLive, Outcome, good_of, outcome_of, still_blocked, tells_of
from tests.receiver.web.makers import NOON, a_publication, a_run, an_event


def run(status: RunStatus, *, number: int = 1, pipeline: str = "deploy") -> Run:
    return a_run(id=f"run-{number}", pipeline=pipeline, status=status)


def note(what: str, content: object, *, number: int) -> Event:
    return an_event(id=f"event-{number}", type=f"flow.content.{what}", provenance={"content_hash": content})


@pytest.mark.parametrize(
    ("runs", "outcome"),
    [
        pytest.param([], Outcome.NONE, id="no run"),
        pytest.param([run(RunStatus.SUCCEEDED)], Outcome.SUCCEEDED, id="one that succeeded"),
        pytest.param(
            [run(RunStatus.SUCCEEDED), run(RunStatus.FAILED, number=2, pipeline="report")],
            Outcome.FAILED,
            id="one of two failed",
        ),
        pytest.param([run(RunStatus.SUPERSEDED)], Outcome.FAILED, id="never came to run"),
        pytest.param([run(RunStatus.WAITING)], Outcome.RUNNING, id="one that waits"),
        pytest.param(
            [run(RunStatus.FAILED), run(RunStatus.SUCCEEDED, number=2)], Outcome.SUCCEEDED, id="repeated with success"
        ),
    ],
)
def test_runs_have_an_outcome_together(runs: list[Run], outcome: Outcome) -> None:
    assert outcome_of(runs) is outcome


@pytest.mark.parametrize(
    ("versions", "good"),
    [
        pytest.param([("17.0", RunStatus.FAILED), ("16.0", RunStatus.SUCCEEDED)], "16.0", id="the one before"),
        pytest.param([("17.0", RunStatus.RUNNING), ("16.0", RunStatus.SUCCEEDED)], "16.0", id="not yet known"),
        pytest.param([("17.0", None), ("16.0", RunStatus.SUCCEEDED)], "16.0", id="nothing was tried"),
        pytest.param(
            [("17.0", RunStatus.FAILED), ("16.0", RunStatus.FAILED), ("17.0", RunStatus.SUCCEEDED)],
            None,
            id="good once, not any more",
        ),
        pytest.param([], None, id="nothing was ever live"),
    ],
)
def test_good_is_the_newest_version_whose_runs_succeeded(
    versions: list[tuple[str, RunStatus | None]], good: str | None
) -> None:
    history = [(a_publication(version_id=version), [run(status)] if status else []) for version, status in versions]

    found = good_of(history)

    assert (found and found.version_id) == good


def test_what_was_unblocked_is_blocked_no_more() -> None:
    notes = [
        note("blocked", "sha256:a", number=1),
        note("blocked", "sha256:b", number=2),
        note("unblocked", "sha256:a", number=3),
        note("blocked", "sha256:c", number=4),
        note("blocked", None, number=5),
        note("unblocked", "sha256:never", number=6),
    ]

    assert [each.id for each in still_blocked(notes)] == ["event-4", "event-2"]


@pytest.mark.parametrize(
    ("minutes", "version", "tells"), [(1, "16.0", True), (11, "16.0", False), (-1, "16.0", False), (1, "15.0", False)]
)
def test_an_announcement_belongs_to_what_follows_shortly(minutes: float, version: str, tells: bool) -> None:
    announced = an_event(
        type="flow.version.publishing", version_id=version, occurred_at=NOON - timedelta(minutes=minutes)
    )

    assert tells_of(announced, a_publication(version_id="16.0", occurred_at=NOON)) is tells


def test_who_put_it_live_is_the_one_with_a_name() -> None:
    events = (
        an_event(actor=Actor(id="client-1")),
        an_event(actor=Actor(id="u-1", name="J. Weber")),
        an_event(actor=None),
    )

    assert GoingLive(publication=a_publication(), events=events).actor == Actor(id="u-1", name="J. Weber")
    assert GoingLive(publication=a_publication(), events=events[:1]).actor == Actor(id="client-1")
    assert GoingLive(publication=a_publication()).actor is None


@pytest.mark.parametrize(
    ("kind", "subject", "missing"),
    [
        pytest.param(AbsenceKind.CONFIRMATION, "e", AbsenceKind.CONFIRMATION, id="its own announcement"),
        pytest.param(AbsenceKind.CONFIRMATION, "another", None, id="that of another"),
        pytest.param(AbsenceKind.PUBLICATION, "e", None, id="that it was to come, and here it is"),
    ],
)
def test_a_publication_lacks_what_its_announcement_lacks(
    kind: AbsenceKind, subject: str, missing: AbsenceKind | None
) -> None:
    lived = GoingLive(publication=a_publication(), events=(an_event(id="e"),))
    absent = OpenAbsence(absence=Absence(kind=kind, subject=subject, since=NOON))
    record = FlowRecord(
        summary=FlowSummary(flow_id="f", last_event_at=NOON), timeline=Page(items=(lived,)), absences=(absent,)
    )

    assert record.missing(lived) is missing
