"""What a process counts for whoever draws curves of it."""

import pytest

from receiver.model import Claim, Publication, Recorded
from receiver.states import RunStatus, StepStatus
from receiver.tally import Tally
from tests.receiver.store.makers import NOON, a_settlement, an_event
from tests.receiver.web.makers import a_run, a_step, an_attempt

CLAIM = Claim(step=a_step(target="ci"), attempt=an_attempt(), run=a_run(), event=an_event(), siblings={})


def a_publication(first_event_id: str) -> Publication:
    return Publication(id="p", flow_id="f", number=1, version_id="1.0", occurred_at=NOON, first_event_id=first_event_id)


@pytest.mark.parametrize(
    ("recorded", "outcome"),
    [
        (Recorded(event_id="e"), "recorded"),
        (Recorded(event_id="e", publication=a_publication("e")), "recorded"),
        (Recorded(event_id="e", publication=a_publication("another")), "joined"),
        (Recorded(event_id="another", duplicate=True), "duplicate"),
        (Recorded(event_id="another", duplicate=True, conflict=True), "conflict"),
    ],
    ids=["no publication", "its own publication", "joined", "duplicate", "conflict"],
)
def test_an_event_counts_as_what_became_of_it(recorded: Recorded, outcome: str) -> None:
    tally = Tally()

    tally.took_in(an_event(id="e"), recorded)

    assert tally.received == {("genesys", outcome): 1}


@pytest.mark.parametrize(
    ("step", "run", "ended"),
    [
        (StepStatus.DUE, RunStatus.RUNNING, (0, 0)),
        (StepStatus.SUCCEEDED, RunStatus.RUNNING, (1, 0)),
        (StepStatus.SUCCEEDED, RunStatus.SUCCEEDED, (1, 1)),
    ],
    ids=["tried again", "with more to come", "the last of its run"],
)
def test_an_attempt_counts_with_what_it_ended(step: StepStatus, run: RunStatus, ended: tuple[int, int]) -> None:
    tally = Tally()

    tally.settled(CLAIM, a_settlement(CLAIM, step), a_run(status=run))

    assert tally.attempts.total() == 1
    assert (tally.steps.total(), tally.runs.total()) == ended


def test_durations_are_counted_by_the_bound_that_they_keep() -> None:
    tally = Tally()

    tally.took(0.0005)
    tally.took(0.001)
    tally.took(0.0011)
    tally.took(60.0)

    assert (tally.durations[0], tally.durations[1], tally.durations[-1]) == (2, 1, 1)
    assert tally.duration_s == pytest.approx(60.0026)
