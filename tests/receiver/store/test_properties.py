"""No order of recording, claiming, settling and dying leaves a run stuck, or two running in one group."""

from collections import Counter
from contextlib import ExitStack
from datetime import datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from receiver import store
from receiver.model import Claim, Condition, GroupPolicy, NewRun, NewStep, Run, RunFilter
from receiver.states import RunStatus, StepStatus, is_final
from receiver.store import tables, upgrade_database
from tests.receiver.store.connecting import writing
from tests.receiver.store.makers import NOON, a_plan, a_run, a_settlement, a_step, an_event, counting

POLICIES = st.sampled_from([GroupPolicy.LATEST, GroupPolicy.QUEUE])
ENDS = st.sampled_from([StepStatus.SUCCEEDED, StepStatus.FAILED, StepStatus.DUE, StepStatus.UNKNOWN])
NAMES = ("a", "b", "c", "d")


@st.composite
def some_steps(draw: st.DrawFn) -> tuple[NewStep, ...]:
    """Up to four steps, each needing some of those before it."""
    names = NAMES[: draw(st.integers(0, 4))]
    return tuple(
        a_step(
            name,
            needs=tuple(draw(st.sets(st.sampled_from(names[:position])))) if position else (),
            condition=draw(st.sampled_from(Condition)),
            timeout_s=draw(st.sampled_from([30.0, 3600.0])),
        )
        for position, name in enumerate(names)
    )


class Crashes(RuleBasedStateMachine):
    """A receiver that may forget at any moment what it has claimed."""

    url: str

    @initialize()
    def open(self) -> None:
        self.opened = ExitStack()
        self.conn = self.opened.enter_context(writing(self.url)).connect()
        self.opened.callback(self.conn.close)
        with self.conn.begin():
            for table in reversed(tables.metadata.sorted_tables):
                self.conn.execute(table.delete())
        self.now = NOON
        self.held: list[Claim] = []
        self.new_id = counting("id")

    @rule(
        version=st.integers(1, 3),
        group=st.sampled_from(["one", "two"]),
        policy=POLICIES,
        pipeline=st.sampled_from(["deploy", "report"]),
        steps=some_steps(),
    )
    def record(self, version: int, group: str, policy: GroupPolicy, pipeline: str, steps: tuple[NewStep, ...]) -> None:
        event = an_event(version_id=f"{version}.0", occurred_at=self.now)
        run: NewRun = a_run(id=self.new_id(), group_key=group, policy=policy, pipeline=pipeline, steps=steps)
        with self.conn.begin():
            store.record(self.conn, event, a_plan(run), now=self.now)

    @rule(limit=st.integers(1, 3))
    def claim(self, limit: int) -> None:
        with self.conn.begin():
            self.held += store.claim_due(
                self.conn, limit=limit, now=self.now, lease_s=60, new_lease=self.new_id(), new_id=self.new_id
            )

    @precondition(lambda self: self.held)
    @rule(data=st.data(), status=ENDS)
    def settle(self, data: st.DataObject, status: StepStatus) -> None:
        claim = self.held.pop(data.draw(st.integers(0, len(self.held) - 1)))
        with self.conn.begin():
            store.settle(self.conn, claim, a_settlement(claim, status), now=self.now)

    @rule()
    def die(self) -> None:
        self.held.clear()

    @rule()
    def die_and_end_leases(self) -> None:
        self.held.clear()
        with self.conn.begin():
            store.end_leases(self.conn, now=self.now)

    @rule(seconds=st.sampled_from([1, 61, 4000]))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @invariant()
    def no_group_has_two_running_or_waits_for_nothing(self) -> None:
        running = Counter(run.group_key for run in self.runs() if run.status is RunStatus.RUNNING)
        waiting = {run.group_key for run in self.runs() if run.status is RunStatus.WAITING}

        assert not running or max(running.values()) == 1
        assert waiting <= set(running)

    @invariant()
    def every_running_run_has_a_step_that_will_be_claimed(self) -> None:
        with self.conn.begin():
            open_ids = [run.id for run in self._runs() if run.status is RunStatus.RUNNING]
            steps = [store.get_run(self.conn, run_id).steps for run_id in open_ids]

        assert all(any(step.due_at is not None for step in of_run) for of_run in steps)

    @invariant()
    def what_has_ended_stays_ended(self) -> None:
        with self.conn.begin():
            ended = [store.get_run(self.conn, run.id) for run in self._runs() if is_final(run.status)]

        assert all(is_final(step.status) and step.due_at is None for record in ended for step in record.steps)

    def teardown(self) -> None:
        """Drain: whatever happened before, everything ends."""
        self.held.clear()
        limit = self.now + timedelta(days=2)
        while (due_at := self.next_due_at()) is not None and self.now < limit:
            self.now = max(self.now, due_at)
            self.claim(limit=3)
            for claim in self.held:
                with self.conn.begin():
                    store.settle(self.conn, claim, a_settlement(claim), now=self.now)
            self.held.clear()
        left = [run for run in self.runs() if not is_final(run.status)]
        self.opened.close()
        assert left == []

    def next_due_at(self) -> datetime | None:
        with self.conn.begin():
            return store.next_due_at(self.conn)

    def runs(self) -> list[Run]:
        with self.conn.begin():
            return self._runs()

    def _runs(self) -> list[Run]:
        return [record.run for record in store.list_runs(self.conn, RunFilter(), cursor=None, limit=1000).items]


EXAMPLES = {"sqlite": 25, "postgresql": 10}


def test_no_order_of_crashes_leaves_a_run_stuck(url: str, engine: str) -> None:
    class OnThisDatabase(Crashes):
        pass

    upgrade_database(url)
    OnThisDatabase.url = url
    chosen = settings(
        max_examples=EXAMPLES[engine], stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
    )

    run_state_machine_as_test(OnThisDatabase, settings=chosen)
