"""CEL expressions: what is refused when they are read, and what their values become."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.errors import ExpressionError
from receiver.expressions import Names, compile_expression

KNOWN: Names = {"event": {"flow_id": None, "version_number": None, "body": None}, "secrets": {"CI_TOKEN": None}}
EVENT: Mapping[str, Any] = {
    "flow_id": "f-1",
    "version_number": 3,
    "flow_name": None,
    "occurred_at": datetime(2026, 3, 1, 12, tzinfo=UTC),
    "body": {"items": [1, 2]},
}


def value_of(text: str) -> object:
    return compile_expression(text).evaluate({"event": EVENT})


class OneField(Mapping[str, Any]):
    """A mapping that fails when more than `flow_id` is read from it."""

    def __getitem__(self, key: str) -> str:
        assert key == "flow_id"
        return "f-1"

    def __contains__(self, key: object) -> bool:
        return key == "flow_id"

    def __iter__(self) -> Iterator[str]:
        raise AssertionError

    def __len__(self) -> int:
        raise AssertionError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("event.version_number > 1", True, id="a comparison"),
        pytest.param("event.flow_id + '!'", "f-1!", id="text"),
        pytest.param("event.flow_name", None, id="null"),
        pytest.param("event.body.items.map(item, item + 1)", [2, 3], id="a comprehension"),
        pytest.param("{'flow': event.flow_id}", {"flow": "f-1"}, id="a map"),
        pytest.param("event.occurred_at", "2026-03-01T12:00:00Z", id="a timestamp"),
        pytest.param("duration('90s')", "90s", id="a duration"),
        pytest.param("type(event.flow_id) == string", True, id="a type"),
        pytest.param("1.5", 1.5, id="a decimal"),
    ],
)
def test_values_become_json(text: str, value: object) -> None:
    assert value_of(text) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("b'abc'", "b'abc'\": The result is of type bytes, which JSON has no form for.", id="bytes"),
        pytest.param("1.0 / 0.0", "The result is inf", id="infinity"),
        pytest.param("{1: 2}", "has the key 1, and keys of a JSON object are text", id="a key that is no text"),
        pytest.param("event.missing", "'event.missing' failed: there is no 'missing' there.", id="a missing field"),
        pytest.param("event.flow_name > 1", "the types do not fit (null where there is nothing", id="types"),
        pytest.param("1 / 0", "division by zero", id="division by zero"),
        pytest.param("int(event.flow_id)", "Function 'int' error", id="a function's fault"),
        pytest.param("event.version_number.contains('x')", "does not take values of these types", id="a wrong method"),
    ],
)
def test_what_goes_wrong_is_told(text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as raised:
        value_of(text)

    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("evnt.flow_id", "There is no 'evnt' here. Did you mean 'event'?", id="a variable"),
        pytest.param("event.flow_idd", "There is no 'event.flow_idd' here. Did you mean 'flow_id'?", id="a field"),
        pytest.param("event.zzz", "Known are: flow_id, version_number, body.", id="nothing close"),
        pytest.param("secrets.CI_TOKN", "Did you mean 'CI_TOKEN'?", id="a secret"),
        pytest.param("secrets['CI_TOKEN']", "named as secrets.NAME and in no other way", id="a secret by index"),
        pytest.param("[secrets]", "named as secrets.NAME and in no other way", id="all secrets"),
        pytest.param(".event.flow_id", "'.event' cannot be written in this way", id="a leading dot"),
        pytest.param("callback.url", "'callback' is not supported by this release", id="callbacks"),
        pytest.param("event.flow_id.startsWth('x')", "Did you mean 'startsWith'?", id="a function"),
        pytest.param("getenv('HOME')", "There is no function 'getenv'", id="the environment"),
        pytest.param("[1].all(x, [2].all(y, y > x))", "holds 2 comprehensions", id="two comprehensions"),
        pytest.param("[1].map(event, event)", "names its variable 'event'", id="a shadowed name"),
        pytest.param("event.flow_id +", "is not CEL: at character 16", id="syntax"),
        pytest.param("", "is not CEL", id="nothing"),
        pytest.param("1 + " * 600 + "1", "2000 are allowed", id="too long"),
        pytest.param("(" * 500 + "1" + ")" * 500, "is not CEL", id="too deep"),
    ],
)
def test_what_an_expression_may_not_say_is_refused_when_it_is_read(text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as raised:
        compile_expression(text, names=KNOWN)

    assert message in str(raised.value)


def test_the_value_of_a_secret_never_stands_in_a_message() -> None:
    expression = compile_expression("{'a': 1}[secrets.CI_TOKEN]")

    with pytest.raises(ExpressionError) as raised:
        expression.evaluate({"secrets": {"CI_TOKEN": "hunter2"}})

    assert "hunter2" not in str(raised.value)


def test_a_name_that_is_not_there_is_told() -> None:
    with pytest.raises(ExpressionError) as raised:
        compile_expression("run.id").evaluate({})

    assert str(raised.value) == "'run.id' failed: there is no 'run' there."


def test_only_what_an_expression_reads_is_looked_up() -> None:
    assert compile_expression("event.flow_id").evaluate({"event": OneField()}) == "f-1"


def test_the_secrets_that_an_expression_reads_are_known() -> None:
    expression = compile_expression("'Bearer ' + secrets.CI_TOKEN + secrets.OTHER")

    assert expression.secrets == {"CI_TOKEN", "OTHER"}


@given(st.text(alphabet="ab.()[]{}'\"\\r/ \n1+$?:,\ud800", max_size=40) | st.text(max_size=40))
def test_reading_raises_nothing_but_an_expression_error(text: str) -> None:
    with suppress(ExpressionError):
        compile_expression(text)
