"""How much a source may still send."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.config import Source
from receiver.config.amounts import Rate
from receiver.errors import RateError
from receiver.rates import Rates

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
TWO_A_MINUTE = Source(name="genesys", rate=Rate(number=2, seconds=60))


def taken(rates: Rates, *, after_s: float = 0, source: Source = TWO_A_MINUTE) -> float:
    """0 for an event that is let in, else how long it should wait."""
    try:
        rates.take(source, now=NOON + timedelta(seconds=after_s))
    except RateError as exc:
        return exc.wait_s
    return 0


def test_so_many_come_in_at_once_and_the_next_is_told_how_long_to_wait() -> None:
    rates = Rates()

    assert [taken(rates) for _ in range(3)] == [0, 0, 30]


def test_what_has_waited_comes_in() -> None:
    rates = Rates()

    assert [taken(rates, after_s=after_s) for after_s in (0, 0, 10, 30, 31)] == pytest.approx([0, 0, 20, 0, 29])


def test_a_clock_that_was_set_back_lets_nobody_starve() -> None:
    rates = Rates()

    assert [taken(rates, after_s=after_s) for after_s in (3600, 3600, 0, 30)] == [0, 0, 30, 30]


def test_every_source_has_its_own() -> None:
    rates = Rates()

    waits = [taken(rates, source=Source(name=name, rate=Rate(number=1, seconds=1))) for name in ("a", "b", "a")]

    assert waits == [0, 0, 1]


def test_a_source_without_a_rate_has_no_limit() -> None:
    rates = Rates()

    assert {taken(rates, source=Source(name="genesys")) for _ in range(1000)} == {0}


@given(st.lists(st.floats(0, 3600), max_size=100).map(sorted))
def test_no_more_come_in_than_the_rate_and_one_burst(moments: list[float]) -> None:
    rates = Rates()

    let_in = [after_s for after_s in moments if taken(rates, after_s=after_s) == 0]

    assert len(let_in) <= 2 + (max(moments, default=0) - min(moments, default=0)) / 30 + 1e-6
