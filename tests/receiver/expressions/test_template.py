"""Templates: JSON values with expressions in their texts."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.errors import ExpressionError
from receiver.expressions import compile_template, render, secret_names

NAMES = {
    "event": {"flow_id": "f-1", "version_number": 3, "flow_name": None, "actor": {"id": "u"}, "faults": []},
    "secrets": {"CI_TOKEN": "hunter2"},
}


@pytest.mark.parametrize(
    ("value", "rendered"),
    [
        pytest.param("${{ event.version_number }}", 3, id="one expression keeps its type"),
        pytest.param("${{ event.flow_name }}", None, id="also null"),
        pytest.param("${{ event.actor }}", {"id": "u"}, id="also a map"),
        pytest.param("v${{ event.version_number }}", "v3", id="mixed text"),
        pytest.param("${{ event.version_number > 1 }} ", "true ", id="mixed text with a truth"),
        pytest.param("${{ event.flow_id }}${{ event.version_number }}", "f-13", id="two expressions"),
        pytest.param("$${{ event.flow_id }}", "${{ event.flow_id }}", id="an escape"),
        pytest.param("$$${{ '' }}", "$${{ '' }}", id="an escape after a dollar"),
        pytest.param("${{ '}}' }}", "}}", id="braces in a string"),
        pytest.param("${{ {'a': {'b': 1} }['a']['b'] }}", 1, id="maps closed apart"),
        pytest.param("$ {{ }} $(x)", "$ {{ }} $(x)", id="other braces"),
        pytest.param({"a": ["${{ event.flow_id }}", 1, None]}, {"a": ["f-1", 1, None]}, id="nested"),
        pytest.param("Bearer ${{ secrets.CI_TOKEN }}", "Bearer hunter2", id="a secret"),
    ],
)
def test_values_are_rendered(value: object, rendered: object) -> None:
    assert render(value, NAMES) == rendered


@pytest.mark.parametrize(
    ("value", "message"),
    [
        pytest.param("flow ${{ event.flow_name }}", "The result is null, which cannot stand inside", id="null"),
        pytest.param("by ${{ event.actor }}", "The result is a map", id="a map"),
        pytest.param("with ${{ event.faults }}", "The result is a list", id="a list"),
        pytest.param("${{ event.flow_id", "has no '}}' after it", id="no end"),
        pytest.param("${{ }}", "is not CEL", id="nothing inside"),
        pytest.param({"${{ event.flow_id }}": 1}, "only values may", id="a key"),
        pytest.param(["${{ evnt.flow_id }}"], "Did you mean 'event'?", id="nested"),
    ],
)
def test_what_goes_wrong_is_told(value: object, message: str) -> None:
    with pytest.raises(ExpressionError) as raised:
        render(value, NAMES)

    assert message in str(raised.value)


def test_the_secrets_that_a_value_names_are_known() -> None:
    value = {"headers": {"A": "Bearer ${{ secrets.CI_TOKEN }}"}, "json": ["$${{ secrets.NOT }}", "${{ secrets.B }}"]}

    assert secret_names(value) == {"CI_TOKEN", "B"}


@given(st.text().filter(lambda text: "${{" not in text))
def test_text_without_an_expression_renders_to_itself(text: str) -> None:
    assert render(text, {}) == text


@given(st.text())
def test_any_text_can_be_escaped(text: str) -> None:
    assert render(text.replace("${{", "$${{"), {}) == text


@given(st.text(alphabet="${} '\"\\ra.\n", max_size=40))
def test_reading_raises_nothing_but_an_expression_error(text: str) -> None:
    with suppress(ExpressionError):
        compile_template([text])
