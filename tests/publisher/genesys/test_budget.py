"""One rate budget for every call that is under way at the same time."""

import asyncio

import pytest

from publisher.genesys.budget import RateBudget, RateLimit, read_limit
from publisher.genesys.calls import get_flow
from tests.publisher.genesys.wires import Answer, Host, Time, a_wire, an_answer

READ = get_flow("f1")


def headers(*, allowed: int = 300, count: int = 1, reset: int = 30) -> dict[str, str]:
    return {
        "inin-ratelimit-allowed": str(allowed),
        "inin-ratelimit-count": str(count),
        "inin-ratelimit-reset": str(reset),
    }


def an_ok(**limit: int) -> Answer:
    return an_answer(json={"id": "f1"}, headers=headers(**limit))


def a_budget(time: Time | None = None) -> RateBudget:
    return RateBudget(monotonic=(time or Time()).monotonic)


def test_the_limit_is_read_from_the_headers() -> None:
    limit = read_limit(headers(allowed=180, count=3, reset=7))

    assert limit == RateLimit(allowed=180, count=3, reset_s=7)
    assert limit.remaining == 177


@pytest.mark.parametrize(
    "told",
    [{}, headers() | {"inin-ratelimit-count": "many"}, headers() | {"inin-ratelimit-reset": "9" * 40}],
    ids=["none", "odd", "endless"],
)
def test_headers_that_tell_no_limit_are_passed_over(told: dict[str, str]) -> None:
    assert read_limit(told) is None


def test_calls_go_until_the_limit_is_used_up_and_again_when_it_begins_anew() -> None:
    time = Time()
    budget = a_budget(time)
    with budget.call() as told:
        told.update(headers(allowed=3, count=2, reset=30))
    before = budget.wait_s()
    with budget.call():
        pass

    used_up_s = budget.wait_s()
    time.now_s += 30

    assert (before, used_up_s, budget.wait_s()) == (0, 30, 0)


def test_calls_under_way_count_before_they_are_answered() -> None:
    budget = a_budget()
    with budget.call() as first, budget.call(), budget.call():
        first.update(headers(allowed=10, count=8))
    with budget.call() as last:
        last.update(headers(allowed=10, count=9))

    assert budget.limit is not None
    assert budget.limit.remaining == 1
    assert budget.wait_s() == 0


def test_a_wait_is_news_once_and_a_longer_one_is_news_again() -> None:
    time = Time()
    budget = a_budget(time)
    with budget.call() as told:
        told.update(headers(allowed=1, count=1, reset=30))
    news = [budget.is_news(), budget.is_news()]
    time.now_s += 30
    with budget.call() as told:
        told.update(headers(allowed=1, count=1, reset=30))

    assert [*news, budget.is_news()] == [True, False, True]


def test_an_answer_that_comes_late_does_not_widen_the_budget() -> None:
    budget = a_budget()
    with budget.call() as slow:
        with budget.call() as fast:
            fast.update(headers(allowed=3, count=3))
        slow.update(headers(allowed=3, count=1))

    assert budget.wait_s() == 30


@pytest.mark.anyio
async def test_a_wait_that_one_call_is_asked_for_holds_the_others_back() -> None:
    host, time = Host(answers=[an_answer(429, headers={"Retry-After": "75"}), an_ok()]), Time()
    wire = a_wire(host, time=time)
    await wire.authenticate()

    await asyncio.gather(*(wire.send(READ) for _ in range(4)))

    assert time.naps[0] == 75
    assert len(host.calls) == 5
    assert time.now_s >= 1075


@pytest.mark.anyio
async def test_a_used_up_limit_is_waited_out_instead_of_being_run_into() -> None:
    time, told = Time(), list[tuple[str, float]]()
    host = Host(answers=[an_ok(allowed=2, count=2, reset=42), an_ok(allowed=2, count=1, reset=60)])
    wire = a_wire(host, time=time, on_wait=lambda reason, wait_s: told.append((reason, wait_s)))
    await wire.send(READ)

    await wire.send(READ)

    assert time.naps == [42]
    assert told == [("the organization's limit (all the requests that it allows were made)", 42)]


@pytest.mark.anyio
async def test_a_wait_is_told_once_however_many_wait() -> None:
    time, told = Time(), list[str]()
    host = Host(answers=[an_ok(allowed=9, count=9), an_ok(allowed=9, count=1)])
    wire = a_wire(host, time=time, on_wait=lambda reason, _: told.append(reason))
    await wire.send(READ)

    await asyncio.gather(*(wire.send(READ) for _ in range(5)))

    assert len(told) == 1


@pytest.mark.anyio
async def test_several_wires_can_share_a_budget() -> None:
    time = Time()
    budget = a_budget(time)
    first = a_wire(Host(answers=[an_ok(allowed=1, count=1, reset=9)]), time=time, budget=budget)
    await first.send(READ)

    await a_wire(Host(answers=[an_ok()]), time=time, budget=budget).send(READ)

    assert time.naps == [9]
