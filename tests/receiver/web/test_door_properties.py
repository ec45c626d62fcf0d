"""Whatever is sent to the door: no fault of ours, and nothing is stored that was not answered with a 202."""

import asyncio
import json
from functools import partial
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from receiver.model import EventFilter
from receiver.store import list_events
from tests.receiver.relays import SECRET, World, a_world
from tests.receiver.web.asgi import Answer, posted

NAMES = [
    "content-type",
    "content-encoding",
    "content-length",
    "transfer-encoding",
    "x-genesys-webhook-secret",
    "x-other",
]
VALUES = st.sampled_from([SECRET.encode(), b"application/json", b"application/x+json", b"chunked", b"12", None])
KEYS = [
    *("id", "eventId", "event", "type", "timestamp", "organizationId", "data", "provenance", "publishedBy"),
    *("flowId", "flow_id", "flowName", "versionId", "versionNumber", "name", "environment", "actor", "operation"),
    *("detail-type", "detail", "topicName", "eventBody", "currentOperation", "publishedVersion", "entity", "eventTime"),
    *("specversion", "source", "subject", "time", "actionName", "actionStatus", "complete"),
]
WORDS = ["flow.version.published", "v2.flows.{id}", "v2.audits.entitytype.Flow", "PUBLISH", "SUCCESS", "16.0", "1.0"]
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(WORDS)
    | st.text(st.characters(exclude_categories=[]), max_size=8)
)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=8),
    max_leaves=25,
)
BODIES = st.binary(max_size=100) | JSON.map(lambda value: json.dumps(value).encode())
HEADERS = st.dictionaries(st.sampled_from(NAMES), st.binary(max_size=30) | VALUES, max_size=3)
LIMIT_S = 10


def test_no_input_breaks_the_door_or_is_stored_without_an_answer(tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        opened = a_world(tmp_path)
        world = runner.run(opened.__aenter__())
        accepted: set[str] = set()

        @settings(max_examples=1000, deadline=None, database=None)
        @given(body=BODIES, headers=HEADERS)
        def check(body: bytes, headers: dict[str, bytes | None]) -> None:
            status, answer = runner.run(answered(world, body, headers))

            assert status in {202, 400, 401, 411, 413, 415}
            accepted.update([answer["id"]] if status == 202 else [])

        check()
        stored = runner.run(ids(world))
        runner.run(opened.__aexit__(None, None, None))

    assert stored == accepted
    assert stored


async def answered(world: World, body: bytes, headers: dict[str, bytes | None]) -> Answer:
    length = {"content-length": str(len(body)).encode()}
    async with asyncio.timeout(LIMIT_S):
        return await posted(world.app, [body], headers=length | headers)


async def ids(world: World) -> set[str]:
    """The ids of all events, page by page."""
    found: set[str] = set()
    cursor: str | None = None
    while True:
        wanted = partial(list_events, wanted=EventFilter(), cursor=cursor, limit=200)
        page = await world.relay.database.read(wanted)
        found |= {record.event.id for record in page.items}
        cursor = page.next_cursor
        if cursor is None:
            return found
