"""A fault is logged when it begins and when it is over, and not each time that it comes."""

from structlog.testing import capture_logs

from receiver.errors import StoreBusyError
from receiver.trouble import Trouble

FULL, LOCKED = StoreBusyError("The disk is full."), StoreBusyError("The database is locked.")


def a_trouble() -> Trouble:
    return Trouble("poll failed", "poll works again", source="prod-poll")


def test_the_same_fault_is_told_once_and_another_one_again() -> None:
    trouble = a_trouble()

    with capture_logs() as lines:
        for fault in (FULL, FULL, LOCKED, FULL):
            trouble.met(fault)

    assert [line["fault"] for line in lines] == [
        "StoreBusyError: The disk is full.",
        "StoreBusyError: The database is locked.",
        "StoreBusyError: The disk is full.",
    ]


def test_that_it_is_over_is_told_once_and_then_any_fault_is_news() -> None:
    trouble = a_trouble()

    with capture_logs() as lines:
        trouble.ended()
        trouble.met(FULL)
        trouble.ended()
        trouble.ended()
        trouble.met(FULL)

    assert [line["event"] for line in lines] == ["poll failed", "poll works again", "poll failed"]
    assert {line["source"] for line in lines} == {"prod-poll"}
