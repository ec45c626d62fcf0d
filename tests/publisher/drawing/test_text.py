import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.drawing.text import cut, visible, width_of, wrapped, xml


def test_wide_letters_take_more_room_than_narrow_ones() -> None:
    assert width_of("illi", 13) < width_of("noon", 13) < width_of("WWWW", 13)
    assert width_of("日本", 13) > width_of("no", 13)


def test_marks_on_letters_take_none() -> None:
    assert width_of("e\u0301", 13) == width_of("e", 13)


def test_text_that_fits_stays_whole() -> None:
    assert wrapped("Main menu", width=150, size=13, lines=2) == ["Main menu"]


def test_long_text_breaks_between_words() -> None:
    assert wrapped("What can we do for you today?", width=120, size=13, lines=3) == ["What can we do", "for you today?"]


def test_an_id_breaks_behind_its_underscores() -> None:
    assert wrapped("collect_customer_number", width=140, size=13, lines=2) == ["collect_customer_", "number"]


def test_what_is_left_over_is_cut_off() -> None:
    lines = wrapped("one two three four five six seven", width=60, size=13, lines=2)

    assert lines == ["one two", "three f…"]


def test_nothing_takes_no_lines() -> None:
    assert wrapped(" ", width=60, size=13, lines=2) == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a\x00b", "a\ufffdb"), ("a\u202eb", "a\ufffdb"), ("a\nb", "a b"), ("größe 日本", "größe 日本")],
    ids=["control", "direction", "line", "letters"],
)
def test_what_would_change_the_rest_is_not_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_grammar_becomes_text() -> None:
    assert xml("<a href='x'>&") == "&lt;a href='x'&gt;&amp;"


@given(text=st.text(max_size=80), width=st.floats(40, 300))
def test_lines_fit(text: str, width: float) -> None:
    assert all(width_of(line, 13) <= width for line in wrapped(text, width=width, size=13, lines=3))


@given(text=st.text(max_size=80))
def test_cutting_what_was_cut_changes_nothing(text: str) -> None:
    once = cut(text, width=100, size=13)

    assert cut(once, width=100, size=13) == once
