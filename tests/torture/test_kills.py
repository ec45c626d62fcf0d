"""The receiver is killed, and told to end, in the middle of its work."""

import asyncio
import signal
from pathlib import Path
from random import Random

from tests.torture.checker import Usage
from tests.torture.rounds import Torture, a_torture
from tests.torture.victim import Running

KILLS = 4


def test_kills_under_load_lose_nothing(tmp_path: Path) -> None:
    with a_torture(tmp_path) as torture:
        asyncio.run(torture.kills(KILLS, rng=Random(1)))  # noqa: S311 - moments, not secrets
        left = asyncio.run(torture.finish())

    assert left == []
    assert torture.sender.acked


def test_being_told_to_end_under_load_loses_nothing(tmp_path: Path) -> None:
    with a_torture(tmp_path) as torture:
        code = asyncio.run(ended_under_load(torture))
        left = asyncio.run(torture.finish())

    assert code == 0
    assert left == []
    assert 500 not in torture.sender.answers


def test_what_a_busy_time_took_is_given_back(tmp_path: Path) -> None:
    with a_torture(tmp_path) as torture:
        before, after = asyncio.run(usage(torture))

    assert list(after.faults_since(before)) == []


async def ended_under_load(torture: Torture) -> int:
    with torture.victim.running() as running:
        await torture.load(running, until=lambda: torture.acknowledged(20))
        running.process.send_signal(signal.SIGTERM)
        return await asyncio.to_thread(running.process.wait, 20)


async def usage(torture: Torture) -> tuple[Usage, Usage]:
    """What the process held after a first look at its work, and after much more of it."""
    with torture.victim.running() as running:
        before = await settled_usage(torture, running, events=50)
        return before, await settled_usage(torture, running, events=400)


async def settled_usage(torture: Torture, running: Running, *, events: int) -> Usage:
    await torture.load(running, until=lambda: torture.acknowledged(events))
    await torture.settled()
    return Usage.of(running.process.pid)
