"""Waiting for the writer has a limit."""

import asyncio

import pytest

from receiver.errors import StoreBusyError
from receiver.store.patience import Patience

pytestmark = pytest.mark.anyio


def a_patience(*, limit_s: float, shared_s: float = 60.0) -> Patience:
    return Patience(limit_s, shared_s=shared_s, fault=lambda: StoreBusyError("It took too long."))


async def test_a_result_that_comes_in_time_is_given() -> None:
    future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    waiting = asyncio.ensure_future(a_patience(limit_s=60).wait(future))
    await asyncio.sleep(0)

    future.set_result("done")

    assert await waiting == "done"


async def test_whoever_waits_too_long_is_told() -> None:
    patience = a_patience(limit_s=0, shared_s=0)
    futures = [asyncio.get_running_loop().create_future() for _ in range(2)]

    answers = await asyncio.gather(*map(patience.wait, futures), return_exceptions=True)

    assert [str(answer) for answer in answers] == ["It took too long."] * 2
