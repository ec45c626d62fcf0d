"""Reading fields tolerantly."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.envelopes.fields import Fields
from receiver.model import Actor, Fault

MOMENT = datetime(2026, 11, 23, 9, 49, 26, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-23T09:49:26Z",
        "2026-11-23T09:49:26.000+00:00",
        "2026-11-23T10:49:26+01:00",
        "2026-11-23 09:49:26",
        "20261123T094926Z",
        1795427366,
        1795427366.0,
        1795427366000,
        "1795427366",
        "1795427366000",
    ],
)
def test_a_time_is_read_however_it_is_written(value: object) -> None:
    fields = Fields({"timestamp": value})

    assert fields.moment("occurred_at", ("timestamp",)) == MOMENT
    assert fields.faults == []


@pytest.mark.parametrize(
    "value", ["yesterday", "2026-13-45", True, [1], {}, -1, 10**30, "9" * 20, "0001-01-01T00:00:00+14:00"], ids=repr
)
def test_what_is_no_time_is_a_fault(value: object) -> None:
    fields = Fields({"timestamp": value})

    assert fields.moment("occurred_at", ("timestamp",)) is None
    assert [fault.field for fault in fields.faults] == ["occurred_at"]


@given(value=st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text())
def test_no_time_breaks_the_reader(value: float | str) -> None:
    Fields({"timestamp": value}).moment("occurred_at", ("timestamp",))


@pytest.mark.parametrize(
    ("given_id", "given_number", "number"),
    [
        ("16.0", None, 16),
        ("16", None, 16),
        ("03", None, 3),
        ("16.5", None, None),
        ("latest", None, None),
        ("٣", None, None),
        (None, 16, 16),
        (None, "16", 16),
        (None, "16.0", 16),
        (None, 16.0, 16),
        ("3.0", 4, 4),
        (None, None, None),
    ],
)
def test_the_number_of_a_version_is_given_or_read_from_its_id(
    given_id: str | None, given_number: object, number: int | None
) -> None:
    fields = Fields({"versionNumber": given_number})

    assert fields.version_number("version_number", ("versionNumber",), version_id=given_id) == number
    assert fields.faults == []


@pytest.mark.parametrize("value", [-1, 2**63, 1.5, True, "four", [4]], ids=repr)
def test_what_is_no_number_is_a_fault(value: object) -> None:
    fields = Fields({"versionNumber": value})

    assert fields.version_number("version_number", ("versionNumber",), version_id="16.0") is None
    assert [fault.field for fault in fields.faults] == ["version_number"]


@pytest.mark.parametrize(("value", "text"), [("a", "a"), (7, "7"), (16.0, "16.0"), ("", None), (None, None)], ids=repr)
def test_an_id_is_text_or_a_number(value: object, text: str | None) -> None:
    fields = Fields({"id": value})

    assert fields.id("id", ("id",)) == text
    assert fields.faults == []


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (True, "is true or false; text was wanted"),
        (["a"], "is a list; text was wanted"),
        ({}, "is an object; text was wanted"),
        ("x" * 201, "has 201 characters; at most 200 are kept"),
        ("a\0b", "holds characters that no id has"),
        ("a\nb", "holds characters that no id has"),
        ("\ud800", "holds characters that no id has"),
        ("a\u202eb", "holds characters that no id has"),
    ],
    ids=["boolean", "list", "object", "long", "nul", "line end", "surrogate", "direction"],
)
def test_an_id_that_cannot_be_kept_exactly_is_a_fault(value: object, message: str) -> None:
    fields = Fields({"flowId": value})

    assert fields.id("flow_id", ("flowId",)) is None
    assert fields.faults == [Fault(field="flow_id", message=message)]


@pytest.mark.parametrize(
    "name", ["<script>", "{{7*7}}", "'; DROP TABLE", "=cmd()", "a\r\nb", "\x1b[2J", "../../etc", "😀"]
)
def test_a_name_is_taken_as_it_is(name: str) -> None:
    assert Fields({"flowName": name}).text("flow_name", ("flowName",)) == name


def test_the_first_name_that_is_there_counts() -> None:
    fields = Fields({"flow_id": "second", "flowId": None, "flow": "third"})

    assert fields.id("flow_id", ("flowId", "flow_id", "flow")) == "second"


@pytest.mark.parametrize(
    ("value", "actor"),
    [
        ({"id": "7", "name": "Dana", "type": "user"}, Actor(id="7", name="Dana", type="user")),
        ({"id": "7"}, Actor(id="7")),
        ("Dana", Actor(name="Dana")),
        ({}, None),
        ("", None),
        (None, None),
    ],
    ids=["whole", "id alone", "name alone", "empty", "no name", "none"],
)
def test_an_actor_is_an_object_or_a_name(value: object, actor: Actor | None) -> None:
    fields = Fields({"publishedBy": value})

    assert fields.actor("actor", ("publishedBy",)) == actor
    assert fields.faults == []


def test_the_fault_of_a_part_names_the_part() -> None:
    fields = Fields({"publishedBy": {"id": [], "name": "Dana"}})

    assert fields.actor("actor", ("publishedBy",)) == Actor(name="Dana")
    assert fields.faults == [Fault(field="actor.id", message="is a list; text was wanted")]
