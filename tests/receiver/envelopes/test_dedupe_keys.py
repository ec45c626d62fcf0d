"""The dedupe key that is read alone is the one that the event has."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.config import Source
from receiver.envelopes import dedupe_key_of, read_event
from receiver.errors import MalformedError
from receiver.model import Json
from tests.receiver.envelopes import NOON, SAMPLES
from tests.receiver.envelopes.test_json_object import VALUES

NAMES = ("id", "eventId", "event_id", "source", "specversion", "type", "topicName", "detail-type")
HOLDING = ("data", "detail", "eventBody")
IDS = st.text(max_size=3) | st.sampled_from(["x" * 200, "x" * 201, "a\tb", ""]) | VALUES
OBJECTS = st.dictionaries(st.sampled_from(NAMES), IDS)
BODIES = st.builds(lambda outer, inner: outer | inner, OBJECTS, st.dictionaries(st.sampled_from(HOLDING), OBJECTS))
FILES = sorted(file for file in SAMPLES.rglob("*.json") if not file.name.endswith(".headers.json"))


def key_of_event(body: bytes, *, content_type: str, message_id: str | None = None) -> str:
    return read_event(
        body,
        source=Source(name="genesys"),
        headers={"content-type": content_type},
        received_at=NOON,
        new_id=lambda: "the-id",
        message_id=message_id,
    ).dedupe_key


@given(
    value=BODIES,
    content_type=st.sampled_from(["application/json", "application/cloudevents+json"]),
    message_id=st.none() | st.just("msg_1"),
)
def test_of_any_body_it_is_the_same(value: dict[str, Json], content_type: str, message_id: str | None) -> None:
    body = json.dumps(value).encode()

    alone = dedupe_key_of(body, headers={"content-type": content_type}, message_id=message_id)

    assert alone == key_of_event(body, content_type=content_type, message_id=message_id)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_of_every_sample_it_is_the_same(file: Path) -> None:
    body = file.read_bytes()

    assert dedupe_key_of(body, headers={}) == key_of_event(body, content_type="")


def test_a_long_name_has_one_whatever_it_holds() -> None:
    body = json.dumps({"specversion": "1.0", "id": "1", "source": "\ud800" * 201}).encode()

    assert len(dedupe_key_of(body, headers={})) == 64


@pytest.mark.parametrize("body", [b"[]", b"{", b'{"n": 1e999}', b'{"n": NaN}', b"\xff", b'{"id": 1, "id": 2}'])
def test_what_is_no_event_has_none(body: bytes) -> None:
    with pytest.raises(MalformedError):
        dedupe_key_of(body, headers={})
