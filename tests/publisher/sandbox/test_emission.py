"""Events out of nothing, and that the receiver reads each form as what it is."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from random import Random

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.sandbox import FLOW_ID, EventStyle
from publisher.sandbox.emission import Emission, Queue, in_sandbox, out_of_nothing, queue_of
from receiver.config import Source
from receiver.envelopes import read_event

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def a_queue(emission: Emission, *, seed: int = 1) -> Queue:
    ids: Iterator[int] = count(1)
    rng = Random(seed)  # noqa: S311 - an order, no secret
    return queue_of(emission, out_of_nothing(emission, now=NOON), new_id=lambda: f"id-{next(ids)}", rng=rng)


@pytest.mark.parametrize(
    ("style", "type_", "version_id"),
    [
        (EventStyle.WEBHOOK, "flow.version.published", "16.0"),
        (EventStyle.EVENTBRIDGE, "flow.version.published", "16.0"),
        (EventStyle.AUDIT, "flow.audited", None),
    ],
    ids=["webhook", "eventbridge", "audit"],
)
def test_the_receiver_reads_every_form(style: EventStyle, type_: str, version_id: str | None) -> None:
    (sent,) = a_queue(Emission(style=style, first_version=16)).events

    event = read_event(
        json.dumps(sent).encode(),
        source=Source(name="genesys"),
        headers={},
        received_at=NOON,
        new_id=lambda: "event-1",
    )

    assert (event.type, event.flow_id, event.version_id, event.faults) == (type_, FLOW_ID, version_id, ())


@given(
    burst=st.integers(1, 40),
    duplicates=st.booleans(),
    reorders=st.booleans(),
    drops=st.booleans(),
    seed=st.integers(0, 99),
)
def test_every_event_is_either_sent_or_named_as_dropped(
    burst: int, duplicates: bool, reorders: bool, drops: bool, seed: int
) -> None:
    emission = Emission(burst=burst, duplicates=duplicates, reorders=reorders, drops=drops)

    queue = a_queue(emission, seed=seed)

    sent = {event["id"] for event in queue.events}
    assert len(sent) + len(queue.dropped) == burst
    assert not sent & set(queue.dropped)
    assert len(queue.events) == len(sent) * (1 + duplicates)


@pytest.mark.anyio
@pytest.mark.parametrize("answer", [{}, {"flow": None}, []], ids=["empty", "no flow", "a list"])
async def test_what_is_no_sandbox_is_told(answer: object) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=answer))

    async with httpx.AsyncClient(transport=transport) as http:
        with pytest.raises(ValueError, match="no sandbox of flow-relay"):
            await in_sandbox(http, Emission(), url="http://elsewhere.test/")
