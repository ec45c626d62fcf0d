"""How long to wait before a request is sent once more."""

from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.genesys.backoff import RetryPolicy, retry_after_s
from tests.publisher.genesys.wires import Steady

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_waits_double_up_to_their_maximum() -> None:
    policy = RetryPolicy(retries=7)

    delays = [policy.delay_s(retry, wished_s=None, rng=Steady()) for retry in range(1, 9)]

    assert delays == [1, 2, 4, 8, 16, 30, 30, None]


def test_the_servers_wish_comes_before_ours() -> None:
    assert RetryPolicy().delay_s(1, wished_s=42, rng=Steady()) == 42


def test_a_wish_for_too_long_a_wait_ends_the_tries() -> None:
    assert RetryPolicy(longest_wait_s=180).delay_s(1, wished_s=181, rng=Steady()) is None


@given(retry=st.integers(1, 4), wished_s=st.none() | st.floats(0, 180), seed=st.integers())
def test_jitter_only_ever_adds(retry: int, wished_s: float | None, seed: int) -> None:
    policy = RetryPolicy()
    asked_s = policy.delay_s(retry, wished_s=wished_s, rng=Steady())

    delay_s = policy.delay_s(retry, wished_s=wished_s, rng=Random(seed))  # noqa: S311 - jitter is no secret

    assert asked_s is not None
    assert delay_s is not None
    assert asked_s <= delay_s <= asked_s + max(0.5, asked_s / 4)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("42", 42),
        (" 7 ", 7),
        ("Mon, 23 Nov 2026 12:01:00 GMT", 60),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0),
        ("Mon, 23 Nov 2026 12:01:00 -0000", 60),
        ("soon", None),
        ("-5", None),
        ("٣", None),
    ],
    ids=["none", "seconds", "spaces", "date", "past date", "date without zone", "words", "negative", "foreign digits"],
)
def test_retry_after_is_seconds_or_a_date(value: str | None, seconds: float | None) -> None:
    assert retry_after_s(value, now=NOON) == seconds
