"""What a CEL text names, read from its tokens."""

import pytest

from receiver.expressions.scan import end_of_expression, scan


@pytest.mark.parametrize(
    ("text", "chains"),
    [
        pytest.param("event.actor.name == 'x'", [("event", "actor", "name")], id="fields"),
        pytest.param(
            "event.flow_name.startsWith(vars.prefix)", [("event", "flow_name"), ("vars", "prefix")], id="call"
        ),
        pytest.param("event['type']", [("event",)], id="index"),
        pytest.param("'event.a' + \"secrets.B\"", [], id="strings"),
        pytest.param("r'\\' + event.a", [("event", "a")], id="raw string"),
        pytest.param("'''it's event.b''' + event.a", [("event", "a")], id="triple quotes"),
        pytest.param("event.a // not event.b\n", [("event", "a")], id="comment"),
        pytest.param("event\n . a", [("event", "a")], id="blanks"),
        pytest.param("{'a': {'b': event.a}}.c", [("event", "a")], id="two maps"),
        pytest.param("1e5 + 0x1F + 2u", [], id="numbers"),
    ],
)
def test_variables_are_read_with_their_fields(text: str, chains: list[tuple[str, ...]]) -> None:
    assert list(scan(text).chains) == chains


def test_a_comprehension_is_found_with_its_variable() -> None:
    found = scan("event.body.items . exists_one ( item, item.size() > 1)")

    assert found.bound == ("item",)
    assert found.functions == {"exists_one", "size"}


@pytest.mark.parametrize(
    ("text", "end"),
    [
        pytest.param("a }} b }}", 2, id="first"),
        pytest.param("'}}' }}", 5, id="in a string"),
        pytest.param("'\\'}}' }}", 7, id="after an escaped quote"),
        pytest.param("r'\\' }}", 5, id="after a raw string"),
        pytest.param("a // it's }} ' }}", 10, id="a comment's quote opens no string"),
        pytest.param("it's }}", 5, id="a string that never ends"),
        pytest.param("a }", -1, id="none"),
    ],
)
def test_an_expression_ends_at_the_first_braces_outside_a_string(text: str, end: int) -> None:
    assert end_of_expression(text, 0) == end
