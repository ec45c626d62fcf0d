import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.archy import Values
from publisher.archy.substitution import TooLongError, readable, substitute, with_values
from tests.publisher.archy.flows import HANG_UP, a_file, a_text, problems, told

pieces = st.lists(
    st.one_of(st.text(alphabet="ab \n", max_size=6), st.sampled_from(["{{x}}", "{{ long_name }}"])), max_size=8
)


@pytest.mark.parametrize("placeholder", ["{{x}}", "{{ x }}", "{{\tx }}"])
def test_spaces_around_a_name_do_not_matter(placeholder: str) -> None:
    assert with_values(f"a {placeholder} b", Values(texts={"x": "1"})).text == "a 1 b"


@pytest.mark.parametrize("name", ["flow_name", "substitutions.flow_name", "a-b", "Größe", "two words"])
def test_names_are_words(name: str) -> None:
    assert with_values(f"{{{{{name}}}}}", Values(texts={name: "1"})).text == "1"


@pytest.mark.parametrize("text", ["{x}", "{{}}", '{{"a": 1}}', "{{a: b}}", "{ {x} }"])
def test_other_braces_stay(text: str) -> None:
    assert with_values(text, Values(texts={"x": "1", "a": "1"})).text == text


def test_a_value_is_not_searched_for_placeholders() -> None:
    assert with_values("{{x}}", Values(texts={"x": "{{y}}", "y": "1"})).text == "{{y}}"


@given(pieces, st.text(alphabet="v\n", max_size=9))
def test_each_character_knows_where_it_came_from(parts: list[str], value: str) -> None:
    text = "".join(parts)

    substituted = substitute(text, lambda _: value)

    edits = substituted.edits
    outside = [
        offset
        for offset in range(len(substituted.text))
        if not any(start <= offset < end for start, end in zip(edits.starts, edits.ends, strict=True))
    ]
    assert all(substituted.text[offset] == text[edits.original(offset)] for offset in outside)
    assert [edits.original(start) for start, end in zip(edits.starts, edits.ends, strict=True) if start < end] == [
        offset for _, offset in substituted.placeholders if value
    ]


def test_values_cannot_blow_a_text_up() -> None:
    with pytest.raises(TooLongError):
        substitute("{{x}}" * 100, lambda _: "x" * 1_000_000)


def test_a_file_that_gets_too_long_is_told() -> None:
    text = a_text("description: '" + "{{x}}" * 100 + "'\n") + HANG_UP

    (problem,) = problems(text, Values(texts={"x": "x" * 1_000_000}))

    assert problem.message == "With the values in it, the file is too long for a flow."


def test_a_name_without_a_value_is_shown_as_it_stands() -> None:
    assert readable(with_values("a {{ x }}", Values()).text) == "a {{x}}"


def test_places_are_those_of_the_file() -> None:
    text = "inboundCall: {name: {{long}}, startUpRef: /x}"

    (problem,) = problems(text, Values(texts={"long": "a much longer name"}))

    assert (problem.code, str(problem.place)) == ("archy.bad-reference", "1:43")
    assert problem.excerpt == text


def test_values_of_many_lines_move_no_place() -> None:
    text = a_text('description: "{{x}}"\nmenus:\n  - menu: {name: Old}\n') + HANG_UP

    assert told(text, Values(texts={"x": "a\n\n    b"}))[1:] == ["7:7 archy.unreachable"]


def test_each_name_without_a_value_is_told_once_with_its_lines() -> None:
    text = a_text("description: {{x}} {{x}}\ndivision: '{{x}}'\ninitialGreeting: {tts: '{{ y }}'}\n") + HANG_UP

    first, second = problems(text)

    assert (str(first.place), first.message) == ("5:16", "Placeholder '{{x}}' has no value. It also stands in line 6.")
    assert (str(second.place), second.message) == ("7:27", "Placeholder '{{y}}' has no value.")


def test_many_lines_are_not_all_told() -> None:
    text = HANG_UP + "  # {{x}}\n" * 9

    problem = problems(f"inboundCall:\n{text}")[-1]

    assert problem.message.endswith("It also stands in lines 4, 5, 6, 7, 8 and 3 more.")


def test_a_name_that_was_probably_meant_is_asked() -> None:
    (problem,) = problems(a_text() + "  # {{greting}}\n", Values(texts={"greeting": "Hello"}))

    assert problem.hint == "Did you mean 'greeting'?"


def test_without_a_value_the_rest_is_still_checked() -> None:
    text = f"inboundCall:\n  name: {{{{n}}}}/x\n  defaultLanguage: {{{{l}}}}\n  startUpRef: {{{{r}}}}\n{HANG_UP}"

    assert {problem.code for problem in problems(text)} == {"archy.no-value"}


def test_an_unquoted_placeholder_is_no_mapping() -> None:
    text = a_text("description: {{x}}\n") + HANG_UP

    file = a_file(text, Values(texts={"x": "Takes calls"}))

    assert file.description == "Takes calls"
