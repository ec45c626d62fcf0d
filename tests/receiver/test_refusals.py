"""The memory of what was refused."""

from datetime import UTC, datetime, timedelta

from structlog.testing import capture_logs

from receiver.refusals import Refusal, Refusals

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def a_refusal(*, after_s: float = 0, source: str = "genesys") -> Refusal:
    return Refusal(
        at=NOON + timedelta(seconds=after_s),
        source=source,
        address="192.0.2.1",
        status=401,
        reason="the secret is wrong",
    )


def test_the_newest_comes_first() -> None:
    refusals = Refusals()

    refusals.add(a_refusal(source="first"))
    refusals.add(a_refusal(source="second"))

    assert [refusal.source for refusal in refusals.latest()] == ["second", "first"]


def test_only_so_many_are_kept_and_all_are_counted() -> None:
    refusals = Refusals(most=2)

    for number in range(3):
        refusals.add(a_refusal(source=str(number)))

    assert [refusal.source for refusal in refusals.latest()] == ["2", "1"]
    assert refusals.total == 3


def test_a_flood_is_logged_once_in_a_while() -> None:
    refusals = Refusals()

    with capture_logs() as lines:
        for after_s in (0, 1, 9, 10):
            refusals.add(a_refusal(after_s=after_s))

    assert [line["not_logged_before"] for line in lines] == [0, 2]


def test_a_clock_that_was_set_back_does_not_silence_the_log() -> None:
    refusals = Refusals()

    with capture_logs() as lines:
        refusals.add(a_refusal())
        refusals.add(a_refusal(after_s=-3600))

    assert len(lines) == 2
