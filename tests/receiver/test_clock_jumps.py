"""A clock that jumps neither stalls what is due nor sets it off twice."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from structlog.testing import capture_logs

from receiver.clock import utc_now
from receiver.dispatcher import Dispatcher
from receiver.states import RunStatus, StepStatus
from tests.receiver.dispatching import LIMIT_S, Downstream, World, a_world, working
from tests.receiver.store.connecting import SQLITE_ONLY
from tests.receiver.store.makers import NOON

pytestmark = pytest.mark.anyio

JUMPS = {
    "an hour on": timedelta(hours=1),
    "to the next leap day": timedelta(days=730),
    "beyond 2038": timedelta(days=365 * 14),
    "to 2100": timedelta(days=365 * 74),
}
AHEAD = timedelta(days=1)
"""Of the present time, too: a server has a clock of its own, and that stays as it is."""
SOON = timedelta(minutes=30)
FALLS = {"an hour back": timedelta(hours=1), "to 1970": NOON - NOON.replace(year=1970)}


@pytest.mark.parametrize("jump", JUMPS.values(), ids=JUMPS.keys())
async def test_a_clock_that_jumps_ahead_has_a_step_called_once(url: str, jump: timedelta) -> None:
    async with a_world(url) as world, working(world.dispatcher()) as dispatcher:
        before = await world.record()
        await world.run_when(before, RunStatus.SUCCEEDED)
        world.clock.advance(jump.total_seconds())
        dispatcher.wake()
        await world.run_when(await world.record(), RunStatus.SUCCEEDED)

    assert len(world.downstream.calls) == 2


@pytest.mark.parametrize(*SQLITE_ONLY, indirect=True)
@pytest.mark.parametrize("fall", FALLS.values(), ids=FALLS.keys())
async def test_a_retry_follows_a_clock_that_is_set_back(url: str, fall: timedelta) -> None:
    async with a_world(url, Downstream(httpx.Response(503))) as world, working(world.dispatcher()) as dispatcher:
        run_id = await world.record()
        await world.step_when(run_id, StepStatus.DUE)
        world.clock.advance(-fall.total_seconds())
        dispatcher.wake()
        await due_soon(world, run_id)
        world.clock.advance(5)
        dispatcher.wake()
        await world.run_when(run_id, RunStatus.SUCCEEDED)

    assert len(world.downstream.calls) == 2


async def test_a_retry_follows_a_clock_that_was_ahead_of_all_others(url: str) -> None:
    async with a_world(url, Downstream(httpx.Response(503))) as world:
        world.clock.now = utc_now() + AHEAD
        async with working(world.dispatcher()) as dispatcher:
            run_id = await world.record()
            await world.step_when(run_id, StepStatus.DUE)
            world.clock.now = utc_now()
            await ends_soon(world, run_id, dispatcher)

    assert len(world.downstream.calls) == 2


async def test_a_start_after_the_clock_was_set_back_follows_it(url: str) -> None:
    async with a_world(url, Downstream(httpx.Response(503))) as world:
        world.clock.now = utc_now() + AHEAD
        async with working(world.dispatcher()):
            run_id = await world.record()
            await world.step_when(run_id, StepStatus.DUE)
        world.clock.now = utc_now()
        with capture_logs() as lines:
            async with working(world.dispatcher()) as dispatcher:
                await ends_soon(world, run_id, dispatcher)

    assert len(world.downstream.calls) == 2
    assert lines[0]["event"] == "the clock was set back before the start; what is due follows it"


async def ends_soon(world: World, run_id: str, dispatcher: Dispatcher) -> None:
    """Wait until the step of a run is due within half an hour, and then for the end of the run."""
    dispatcher.wake()
    await due_soon(world, run_id, soon=SOON)
    world.clock.advance(SOON.total_seconds())
    dispatcher.wake()
    await world.run_when(run_id, RunStatus.SUCCEEDED)


async def due_soon(world: World, run_id: str, *, soon: timedelta = timedelta(seconds=5)) -> None:
    """Wait until the step of a run is due soon."""
    async with asyncio.timeout(LIMIT_S):
        while ((await world.run(run_id)).steps[0].due_at or NOON) > world.clock() + soon:
            continue
