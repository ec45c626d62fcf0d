"""Several nodes at work on one PostgreSQL database, each with connections of its own."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from threading import Event as Gate
from typing import TypeVar

import pytest
from sqlalchemy import Connection, text

from receiver import store
from receiver.clock import new_id, utc_now
from receiver.model import Claim, Event, EventFilter, NewRun, Recorded, RunRecord
from receiver.states import RunStatus, StepStatus
from receiver.store import Database
from tests.receiver.store.makers import NOON, a_plan, a_run, a_settlement, a_step, after, an_event

pytestmark = pytest.mark.anyio

LIMIT_S = 10
Result = TypeVar("Result")


async def recorded(node: Database, event: Event, *runs: NewRun) -> Recorded:
    return await node.write(lambda conn: store.record(conn, event, a_plan(*runs), now=NOON))


def numbers(answers: Iterable[Recorded]) -> list[int]:
    return sorted(answer.publication.number for answer in answers if answer.publication)


async def claimed(node: Database, *, limit: int) -> list[Claim]:
    return await node.write(
        lambda conn: store.claim_due(conn, limit=limit, now=after(1), lease_s=60, new_lease=new_id()), settling=True
    )


def settling(claim: Claim) -> Callable[[Connection], bool]:
    return lambda conn: store.settle(conn, claim, a_settlement(claim), now=after(2)) is not None


def recording(event: Event, *runs: NewRun) -> Callable[[Connection], Recorded]:
    return lambda conn: store.record(conn, event, a_plan(*runs), now=NOON)


async def interleaved(
    nodes: tuple[Database, Database], first: Callable[[Connection], Result], second: Callable[[Connection], Result]
) -> list[Result]:
    """Have two nodes work at once: the second begins when the first has written everything and committed nothing."""
    one, two = nodes
    written, committing = Gate(), Gate()

    def work(conn: Connection) -> Result:
        result = first(conn)
        written.set()
        committing.wait(LIMIT_S)
        return result

    doing_first = asyncio.ensure_future(one.write(work))
    await asyncio.to_thread(written.wait, LIMIT_S)
    doing_second = asyncio.ensure_future(two.write(second))
    await waiting_for_a_lock(one)
    committing.set()
    return [await doing_first, await doing_second]


async def waiting_for_a_lock(node: Database) -> None:
    """Return once somebody waits for what another transaction holds."""
    waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    async with asyncio.timeout(1.5):
        while not await node.read(lambda conn: conn.execute(waits).scalar_one()):
            continue


async def run_of(node: Database, run_id: str) -> RunRecord:
    return await node.read(lambda conn: store.get_run(conn, run_id))


async def test_two_nodes_that_end_sibling_steps_at_once_leave_nothing_waiting(
    nodes: tuple[Database, Database],
) -> None:
    run = a_run(a_step("left"), a_step("right"), a_step("both", needs=("left", "right")))
    await recorded(nodes[0], an_event(), run)
    left, right = await claimed(nodes[0], limit=2)

    held = await interleaved(nodes, settling(left), settling(right))

    found = await run_of(nodes[0], run.id)
    assert held == [True, True]
    assert [step.status for step in found.steps] == [StepStatus.SUCCEEDED, StepStatus.SUCCEEDED, StepStatus.DUE]


async def test_a_run_that_ends_on_one_node_lets_in_what_comes_to_another(nodes: tuple[Database, Database]) -> None:
    running, next_run = a_run(), a_run()
    await recorded(nodes[0], an_event(), running)
    [claim] = await claimed(nodes[0], limit=1)
    come = recording(an_event(version_id="4.0", occurred_at=after(60)), next_run)

    await interleaved(nodes, settling(claim), lambda conn: bool(come(conn)))

    assert (await run_of(nodes[0], running.id)).run.status is RunStatus.SUCCEEDED
    assert (await run_of(nodes[0], next_run.id)).run.status is RunStatus.RUNNING


async def test_one_event_that_comes_to_two_nodes_at_once_is_one_event_one_publication_and_one_run(
    nodes: tuple[Database, Database],
) -> None:
    event = an_event()
    again = replace(event, id=new_id())

    first, second = await interleaved(nodes, recording(event, a_run()), recording(again, a_run()))

    page = await nodes[0].read(lambda conn: store.list_events(conn, EventFilter(), cursor=None, limit=100))
    [kept] = page.items
    assert (first.duplicate, second.duplicate) == (False, True)
    assert first.event_id == second.event_id == kept.event.id
    assert (kept.duplicates, len(kept.runs)) == (1, 1)
    assert kept.publication == first.publication


async def test_a_note_that_comes_to_two_nodes_at_once_is_one_event(nodes: tuple[Database, Database]) -> None:
    event = an_event(type="flow.deleted", version_id=None)
    again = replace(event, id=new_id())

    first, second = await interleaved(nodes, recording(event), recording(again))

    assert (second.event_id, second.duplicate) == (first.event_id, True)


async def test_another_event_of_one_publication_joins_it_on_any_node(nodes: tuple[Database, Database]) -> None:
    first, second = await interleaved(nodes, recording(an_event(), a_run()), recording(an_event(), a_run()))

    assert second.publication == first.publication
    assert (len(first.run_ids), len(second.run_ids)) == (1, 0)


async def test_two_publications_of_a_flow_at_once_are_numbered_one_after_the_other(
    nodes: tuple[Database, Database],
) -> None:
    other = an_event(version_id="4.0", occurred_at=after(60))

    first, second = await interleaved(nodes, recording(an_event(), a_run()), recording(other, a_run()))

    counts = await nodes[0].read(store.counts)
    assert numbers([first, second]) == [1, 2]
    assert (counts.due, counts.waiting_runs) == (1, 1)


async def test_two_runs_of_a_group_at_once_run_one_after_the_other(nodes: tuple[Database, Database]) -> None:
    runs = [a_run(group_key="production") for _ in range(2)]
    come = [recording(an_event(flow_id=run.id), run) for run in runs]

    await interleaved(nodes, *come)

    statuses = [(await run_of(nodes[0], run.id)).run.status for run in runs]
    assert statuses == [RunStatus.RUNNING, RunStatus.WAITING]


async def test_nodes_that_settle_in_opposite_orders_do_not_stand_in_each_others_way(
    nodes: tuple[Database, Database],
) -> None:
    one, two = nodes
    runs = [a_run(*(a_step(name) for name in "abcdefgh"), group_key=f"group {number}") for number in range(4)]
    for run in runs:
        await recorded(one, an_event(flow_id=run.id), run)
    found = sorted(await claimed(one, limit=100), key=lambda claim: claim.step.name)

    ended = await asyncio.gather(
        *(
            node.write(settling(claim), settling=True, locks=store.settling_locks(claim))
            for node, claim in zip([one, two] * 16, found, strict=True)
        )
    )

    assert ended == [True] * 32
    assert [(await run_of(one, run.id)).run.status for run in runs] == [RunStatus.SUCCEEDED] * 4


async def test_a_step_is_claimed_by_one_node(nodes: tuple[Database, Database]) -> None:
    run = a_run(*(a_step(f"step_{number}") for number in range(40)))
    await recorded(nodes[0], an_event(), run)

    found = await asyncio.gather(*(claimed(node, limit=5) for node in nodes * 8))

    ids = [claim.step.id for claims_of_one in found for claim in claims_of_one]
    assert len(ids) == len(set(ids)) == 40


async def test_a_node_that_starts_leaves_a_step_to_the_one_that_is_just_claiming_it(
    nodes: tuple[Database, Database],
) -> None:
    run, later = a_run(), utc_now() + timedelta(days=1)  # ahead of the server's clock, too
    await nodes[0].write(lambda conn: store.record(conn, an_event(), a_plan(run), now=later))

    def claim(conn: Connection) -> int:
        return len(store.claim_due(conn, limit=1, now=later, lease_s=60, new_lease=new_id()))

    def start(conn: Connection) -> int:
        return int(bool(store.begin_anew(conn, now=utc_now())))

    assert await interleaved(nodes, claim, start) == [1, 1]
    assert (await run_of(nodes[0], run.id)).steps[0].due_at == later + timedelta(seconds=60)


async def test_a_claim_never_takes_more_than_it_asked_for(nodes: tuple[Database, Database]) -> None:
    one, _ = nodes
    run = a_run(*(a_step(f"step_{number}") for number in range(300)))
    await recorded(one, an_event(), run)
    await one.write(lambda conn: conn.execute(text("ANALYZE steps")).close())

    assert [len(await claimed(one, limit=8)) for _ in range(3)] == [8, 8, 8]


async def test_the_publications_of_a_flow_are_numbered_without_gaps(nodes: tuple[Database, Database]) -> None:
    events = [an_event(version_id=f"{number}.0", occurred_at=after(number)) for number in range(1, 41)]

    answers = await asyncio.gather(*(recorded(node, event) for node, event in zip(nodes * 20, events, strict=True)))

    assert numbers(answers) == list(range(1, 41))


async def test_what_is_settled_and_what_is_taken_in_share_no_commit(nodes: tuple[Database, Database]) -> None:
    def number(conn: Connection) -> int:
        return int(conn.execute(text("SELECT txid_current()")).scalar_one())

    taken_in, settled = await asyncio.gather(
        asyncio.gather(*(nodes[0].write(number) for _ in range(20))),
        asyncio.gather(*(nodes[0].write(number, settling=True) for _ in range(20))),
    )

    assert set(taken_in).isdisjoint(settled)
