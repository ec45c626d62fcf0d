"""How long somebody has been at it, in words."""

from datetime import timedelta

import pytest

from publisher.publish.locks import span


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-3, "0 s"), (59, "59 s"), (60, "1 min"), (3599, "59 min"), (3900, "1 h 5 min"), (183_600, "2 d 3 h")],
)
def test_a_span_of_time_is_told_in_its_largest_units(seconds: int, text: str) -> None:
    assert span(timedelta(seconds=seconds)) == text
