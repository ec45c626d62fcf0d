import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.archive import FORMAT, line_of, pieces_of
from receiver.errors import MalformedError
from receiver.model import Actor, Event, EventRecord, Fault, Origin
from tests.receiver.store.makers import NOON, an_event
from tests.receiver.web.makers import an_event_record

FULL = an_event(
    origin=Origin.EVENTBRIDGE,
    org_id="org",
    environment="prod",
    flow_type="INBOUNDCALL",
    actor=Actor(id="u", name="Dana", type="user"),
    operation="op",
    provenance={"commit": "c0ffee", "\ud800": None},
    received_at=NOON.replace(microsecond=123456),
    faults=(Fault(field="flowId", message="is \ud800"),),
    body='{"name": "Ä\r\n\u2028"}'.encode(),
)


def read_back(event: Event) -> Event | None:
    [piece] = pieces_of(json.dumps(line_of(EventRecord(event=event))))
    return piece.event


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(FULL, id="all fields"),
        pytest.param(replace(FULL, body=b""), id="no longer with its body"),
        pytest.param(an_event(flow_id=None, actor=None, occurred_at=None, headers={}, secret=None), id="hardly any"),
    ],
)
def test_a_line_holds_all_that_is_kept_of_an_event(event: Event) -> None:
    assert read_back(event) == event


@given(st.binary(min_size=1, max_size=50))
def test_a_body_comes_back_byte_for_byte(body: bytes) -> None:
    event = replace(FULL, body=body)

    assert read_back(event) == event


def test_a_header_that_is_not_kept_is_not_taken_in_either() -> None:
    read = read_back(replace(FULL, headers={"content-type": "application/json", "authorization": "Bearer canary"}))

    assert read is not None
    assert read.headers == {"content-type": "application/json"}


def test_a_line_says_what_became_of_the_event() -> None:
    line = line_of(an_event_record())

    assert line["format"] == FORMAT
    assert line["verdicts"][0]["kind"] == "matched"
    assert list(line) == list(line_of(EventRecord(event=FULL)))


def test_messages_of_a_queue_are_told_apart() -> None:
    message = {"MessageId": "m", "Body": '{"id": "1"}'}

    page = pieces_of(json.dumps({"Messages": [message, {"MessageId": "n"}, "x"]}, indent=4))
    single = pieces_of(json.dumps(message))
    bare = pieces_of(' {"id": "1"}\n')

    assert [piece.body for piece in (*page[:1], *single, *bare)] == [b'{"id": "1"}'] * 3
    assert [piece.fault for piece in page[1:]] == ["a message has no Body"] * 2


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{", "it is not JSON: line 1, column 2"),
        ("", "it is not JSON"),
        ("[1]", "it is JSON, but no object"),
        ("[" * 100_000, "it is not JSON"),
    ],
    ids=["cut off", "empty", "a list", "deep"],
)
def test_what_is_no_object_is_refused(document: str, message: str) -> None:
    with pytest.raises(MalformedError, match=message):
        pieces_of(document)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"format": "flow-relay/event/9"}, "its format is 'flow-relay/event/9'"),
        ({"id": "one"}, "id: String should match"),
        ({"received_at": "2026-03-01T12:00:00"}, "received_at: Input should have timezone info"),
        ({"received_at": "0001-01-01T00:00:00+14:00"}, "received_at: Input should be greater"),
        ({"source": "a\0b"}, "source: String should match"),
        ({"origin": "dream"}, "origin: Input should be"),
        ({"version_number": 2**70}, "version_number: Input should be less than"),
        ({"actor": {"shoe": 1}}, "actor.shoe"),
        ({"body": "?", "body_encoding": "base64"}, "body: no base64"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_line_of_ours_that_is_wrong_says_where(change: dict[str, object], fault: str) -> None:
    [piece] = pieces_of(json.dumps({**line_of(EventRecord(event=FULL)), **change}))

    assert piece.event is None
    assert fault in (piece.fault or "")
