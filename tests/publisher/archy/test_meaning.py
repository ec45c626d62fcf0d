import pytest

from publisher.archy import Values
from tests.publisher.archy.flows import HANG_UP, a_text, problems

SPOT = "initialGreeting:\n  tts: {}\n"


def codes(placeholder: str, value: str) -> list[str]:
    """What is said of a value where the placeholder stands."""
    text = a_text(SPOT.format(placeholder)) + HANG_UP
    return [problem.code for problem in problems(text, Values(texts={"x": value}))]


@pytest.mark.parametrize(
    ("placeholder", "value"),
    [
        ("{{x}}", "Press # now"),
        ("{{x}}", "{a: b}"),
        ("{{x}}", ""),
        ("{{x}}", "~"),
        ("{{x}}", "'quoted'"),
        ("a {{x}}", "b # c"),
        ('"{{x}}"', "C:\\new"),
        ("'{{x}}'", "It''s"),
    ],
)
def test_a_value_that_yaml_takes_for_more_than_text_is_told(placeholder: str, value: str) -> None:
    assert codes(placeholder, value) == ["archy.value-changes-meaning"]


@pytest.mark.parametrize(
    ("placeholder", "value"),
    [
        ("{{x}}", "Welcome!"),
        ("{{x}}", "8:00 to 18:00"),
        ("{{x}}", "5"),
        ("{{x}}", "true"),
        ("{{x}}", "it's open"),
        ('"{{x}}"', "Press # now: {it's}"),
        ("'{{x}}'", 'say "yes"'),
    ],
)
def test_a_value_that_stays_text_is_no_trouble(placeholder: str, value: str) -> None:
    assert codes(placeholder, value) == []


@pytest.mark.parametrize(
    ("placeholder", "value"),
    [("{{x}}", "Sales: EU"), ("{{x}}", "[a"), ('"{{x}}"', 'say "yes"'), ("{{x}}", "*x"), ("{{x}}", "- a")],
)
def test_a_value_that_breaks_the_yaml_is_named(placeholder: str, value: str) -> None:
    text = a_text(SPOT.format(placeholder)) + HANG_UP

    (problem,) = problems(text, Values(texts={"x": value}))

    assert problem.code == "file.syntax"
    assert problem.hint == "It comes of the value of '{{x}}': put the placeholder in quotes."


def test_a_fault_of_the_file_is_laid_on_no_value() -> None:
    (problem,) = problems("inboundCall:\n  name: {{x}}\n  a: [\n", Values(texts={"x": "it's"}))

    assert (problem.code, str(problem.place), problem.hint) == ("file.syntax", "4:1", "")


def test_a_value_that_is_meant_to_be_yaml_is_told_where_it_stands() -> None:
    text = a_text("settings: {{x}}\n") + HANG_UP

    (problem,) = problems(text, Values(texts={"x": "{a: 1, b: [c]}"}))

    assert (problem.code, str(problem.place)) == ("archy.value-changes-meaning", "5:13")


def test_a_value_may_be_a_key() -> None:
    text = a_text("settings:\n  {{x}}: 1\n  y: 2\n") + HANG_UP

    assert [problem.code for problem in problems(text, Values(texts={"x": "it's"}))] == []


def test_a_value_that_adds_keys_is_told() -> None:
    text = a_text("settings:\n  a: {{x}}\n  y: 2\n") + HANG_UP

    (problem,) = problems(text, Values(texts={"x": "1\n    b: 2"}))

    assert problem.code == "archy.value-changes-meaning"


def test_a_value_that_takes_a_list_away_is_told() -> None:
    text = a_text("settings: {a: [{b: '{{x}}'}], c: {{y}} }\n") + HANG_UP

    found = problems(text, Values(texts={"x": "fine", "y": "d, e: f"}))

    assert [problem.code for problem in found] == ["archy.value-changes-meaning"]
