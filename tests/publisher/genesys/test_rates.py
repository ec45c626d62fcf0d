"""Many calls at the same time against a real limit: what it allows is used, and no more."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

import httpx
import pytest

from publisher.genesys.auth import Credentials
from publisher.genesys.calls import get_flow
from publisher.genesys.hosts import hosts_of_url
from publisher.genesys.wire import Wire
from publisher.sandbox import FLOW_ID, SandboxSettings, create_sandbox
from publisher.sandbox.sandbox import World
from tests.publisher.virtual_time import run_in_virtual_time

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
LATENCY_S = 0.1


@dataclass
class Ended:
    """What came of it."""

    took_s: float = 0.0
    statuses: list[int] = field(default_factory=list)
    told: list[str] = field(default_factory=list)


class Distant(httpx.ASGITransport):
    """An application that is some time away."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(LATENCY_S / 2)
        answer = await super().handle_async_request(request)
        await asyncio.sleep(LATENCY_S / 2)
        return answer


async def asked(*, calls: int, at_once: int, allowed: int) -> Ended:
    """Make so many calls, so many at the same time, where so many are allowed in a minute."""
    ended, loop = Ended(), asyncio.get_running_loop()
    world = World(clock=lambda: NOON + timedelta(seconds=loop.time()), sleep=asyncio.sleep)
    app = create_sandbox(SandboxSettings(rate_per_minute=allowed), world=world)
    async with httpx.AsyncClient(transport=Distant(app)) as http:
        wire = Wire(
            http,
            hosts=hosts_of_url("http://org.test"),
            credentials=Credentials(client_id="ci", client_secret="s"),
            monotonic=loop.time,
            rng=Random(1),  # noqa: S311 - jitter, not a secret
            now=world.clock,
            on_wait=lambda reason, wait_s: ended.told.append(f"{wait_s:.0f} s: {reason}"),
        )
        await wire.authenticate()
        left = iter(range(calls))

        async def work() -> None:
            for _ in left:
                await wire.send(get_flow(FLOW_ID))

        async with asyncio.TaskGroup() as group:
            for _ in range(at_once):
                group.create_task(work())
    ended.took_s = loop.time()
    ended.statuses = [seen.status for seen in app.state.sandbox.seen if seen.path.endswith(FLOW_ID)]
    return ended


@pytest.mark.parametrize("at_once", [1, 8, 32])
def test_the_limit_is_used_up_and_never_run_into(at_once: int) -> None:
    ended = run_in_virtual_time(asked(calls=100, at_once=at_once, allowed=50))

    assert ended.statuses == [200] * 100
    assert 60 < ended.took_s < 72
    assert len(ended.told) == 1


def test_a_limit_of_fewer_calls_than_are_made_at_once_lets_each_through_in_its_time() -> None:
    ended = run_in_virtual_time(asked(calls=24, at_once=16, allowed=4))

    assert ended.statuses.count(200) == 24
    assert ended.statuses.count(429) == 12  # of the first calls, before anything is known
    assert ended.took_s < 6 * 62


def test_calls_that_are_refused_together_are_told_of_once() -> None:
    ended = run_in_virtual_time(asked(calls=16, at_once=16, allowed=8))

    assert [line.partition(": ")[2] for line in ended.told] == ["the organization's limit (too many requests)"]
    assert ended.statuses.count(200) == 16
