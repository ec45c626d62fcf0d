"""The door: each of its answers, their order, and that nothing is stored without a 202."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from receiver.clock import new_id
from receiver.config import DEFAULT_CONFIG, Config, Source
from receiver.ingest import Ingest
from receiver.store import Database
from tests.receiver.relays import SECRET, SECRET_HEADER, World, a_body, a_world
from tests.receiver.web.asgi import posted

pytestmark = pytest.mark.anyio

SMALL = Config(max_body_bytes=1000)


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    """A body without a length."""
    for part in parts:
        yield part


async def refusal(response: httpx.Response, *, world: World) -> int:
    """The status of a refusal that is a problem, echoes nothing, is remembered, and stored nothing."""
    problem = response.json()
    assert response.headers["Content-Type"] == "application/problem+json"
    assert problem["status"] == response.status_code
    assert "canary" not in response.text
    assert world.relay.refusals.latest()[0].status == response.status_code
    assert await world.events() == ()
    return response.status_code


async def test_an_event_is_accepted_once_it_is_recorded(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        response = await world.send()

        [record] = await world.events()
        assert response.status_code == 202
        assert response.json() == {"id": record.event.id, "status": "accepted", "duplicate": False}
        assert response.headers["Location"] == f"/api/v1/events/{record.event.id}"
        assert response.headers["Content-Type"] == "application/json"
        assert record.event.secret == "CI_WEBHOOK_SECRET"


async def test_the_same_again_is_the_first_one(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        first = (await world.send()).json()

        again = (await world.send(json.dumps(json.loads(a_body()), indent=4).encode())).json()

        [record] = await world.events()
        assert again == {**first, "duplicate": True}
        assert (record.duplicates, record.conflicts) == (1, 0)


async def test_other_content_under_the_same_id_is_a_conflict(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.send()

        other = await world.send(a_body(timestamp="2026-11-23T10:00:00Z"))

        [record] = await world.events()
        assert other.json()["duplicate"] is True
        assert (record.duplicates, record.conflicts) == (0, 1)


async def test_a_hundred_at_once_are_one_event(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        responses = await asyncio.gather(*(world.send() for _ in range(100)))

        [record] = await world.events()
        assert {response.json()["id"] for response in responses} == {record.event.id}
        assert sum(not response.json()["duplicate"] for response in responses) == 1


async def test_what_cannot_be_read_is_recorded_with_its_faults(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        response = await world.send(a_body(data={"versionId": "16.0"}))

        [record] = await world.events()
        assert response.status_code == 202
        assert [fault.field for fault in record.event.faults] == ["flow_id"]
        assert record.publication is None


@pytest.mark.parametrize("path", ["/webhooks/genesys", "/webhooks/genesys/", "/webhooks/%67enesys"])
async def test_the_door_has_a_trailing_slash_or_not(tmp_path: Path, path: str) -> None:
    async with a_world(tmp_path) as world:
        response = await world.client.post(path, content=a_body(), headers={SECRET_HEADER: SECRET})

        assert response.status_code == 202


@pytest.mark.parametrize(
    "path",
    [
        "/webhooks",
        "/webhooks/",
        "/webhooks/a/b",
        "//webhooks/genesys",
        "/webhooks/..%2fgenesys",
        "/x/%2e%2e/webhooks/genesys",
    ],
)
async def test_what_is_no_door_is_not_found(tmp_path: Path, path: str) -> None:
    async with a_world(tmp_path) as world:
        response = await world.client.post(f"http://relay.test{path}", headers={SECRET_HEADER: SECRET})

        assert response.status_code in {401, 404}
        assert await world.events() == ()


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("source", ["genesys", "nobody"])
async def test_another_method_is_not_known(tmp_path: Path, method: str, source: str) -> None:
    async with a_world(tmp_path) as world:
        response = await world.client.request(method, f"/webhooks/{source}", headers={SECRET_HEADER: SECRET})

        assert response.status_code == 405
        assert response.headers["Allow"] == "POST"


@pytest.mark.parametrize(
    "headers",
    [{SECRET_HEADER: "wrong"}, {SECRET_HEADER: ""}, {SECRET_HEADER: f"{SECRET}, {SECRET}"}],
    ids=["wrong", "empty", "joined"],
)
async def test_without_the_secret_nothing_is_taken_in(tmp_path: Path, headers: Mapping[str, str]) -> None:
    async with a_world(tmp_path) as world:
        response = await world.send(headers=headers)

        assert await refusal(response, world=world) == 401
        assert response.headers["WWW-Authenticate"]


async def test_bytes_beyond_ascii_are_a_wrong_secret(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        response = await world.client.post(
            "/webhooks/genesys", content=a_body(), headers=[(SECRET_HEADER.encode(), b"canary \xe9\xff")]
        )

        assert await refusal(response, world=world) == 401


async def test_a_secret_sent_twice_is_none(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        twice = [(SECRET_HEADER.encode(), SECRET.encode())] * 2
        response = await world.client.post("/webhooks/genesys", content=a_body(), headers=twice)

        assert await refusal(response, world=world) == 401


async def test_an_unknown_source_is_answered_as_a_wrong_secret_is(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        unknown = await world.send(source="canary")
        wrong = await world.send(headers={SECRET_HEADER: "wrong"})

        assert (unknown.status_code, unknown.content, unknown.headers) == (401, wrong.content, wrong.headers)
        assert [refused.reason for refused in world.relay.refusals.latest()] == [
            "the secret is wrong",
            "no such source",
        ]


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "multipart/form-data; boundary=canary"},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Encoding": "gzip"},
        {"Content-Encoding": "identity"},
    ],
    ids=str,
)
async def test_only_json_as_it_stands_is_read(tmp_path: Path, headers: Mapping[str, str]) -> None:
    async with a_world(tmp_path) as world:
        response = await world.send(gzip.compress(a_body()), headers=headers)

        assert await refusal(response, world=world) == 415


async def test_a_content_type_may_be_left_out(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        response = await world.client.post("/webhooks/genesys", content=a_body(), headers={SECRET_HEADER: SECRET})

        assert response.status_code == 202


async def test_a_body_too_large_by_its_length_is_refused_before_anything_else(tmp_path: Path) -> None:
    async with a_world(tmp_path, config=SMALL) as world:
        response = await world.send(b"x" * 1001, source="nobody", headers={"Content-Type": "text/plain"})

        assert await refusal(response, world=world) == 413
        assert response.headers["Connection"] == "close"


@pytest.mark.parametrize("length", ["9" * 30, "1001"])
async def test_a_length_is_believed_without_a_body(tmp_path: Path, length: str) -> None:
    async with a_world(tmp_path, config=SMALL) as world:
        response = await world.send(b"{}", headers={"Content-Length": length})

        assert await refusal(response, world=world) == 413


@pytest.mark.parametrize("length", ["-1", "+2", "2abc", ""])
async def test_a_length_that_is_no_number_is_refused(tmp_path: Path, length: str) -> None:
    async with a_world(tmp_path) as world:
        response = await world.send(b"{}", headers={"Content-Length": length})

        assert await refusal(response, world=world) == 400


async def test_a_body_too_large_by_count_is_refused(tmp_path: Path) -> None:
    async with a_world(tmp_path, config=SMALL) as world:
        response = await world.client.post(
            "/webhooks/genesys", content=chunks(b"{", b"x" * 600, b"y" * 600), headers={SECRET_HEADER: SECRET}
        )

        assert await refusal(response, world=world) == 413


async def test_a_body_in_pieces_is_put_together(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        body = a_body()
        response = await world.client.post(
            "/webhooks/genesys", content=chunks(body[:9], body[9:20], body[20:]), headers={SECRET_HEADER: SECRET}
        )

        [record] = await world.events()
        assert response.status_code == 202
        assert record.event.faults == ()


async def test_the_size_that_is_allowed_is_taken_in(tmp_path: Path) -> None:
    async with a_world(tmp_path, config=SMALL) as world:
        filler = "x" * (1000 - len(b'{"note":""}'))

        assert (await world.send(b'{"note":"%s"}' % filler.encode())).status_code == 202


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"canary", b"\xff\xfe", b'{"a": NaN}', b'{"id": 1, "id": 2}', b'{"a":' * 99]
)
async def test_what_is_no_json_object_is_refused(tmp_path: Path, body: bytes) -> None:
    async with a_world(tmp_path) as world:
        assert await refusal(await world.send(body), world=world) == 400


async def test_the_order_of_the_answers_holds(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        wrong_type = {"Content-Type": "text/plain"}

        wrong_secret = await world.send(b"no json", headers={SECRET_HEADER: "wrong", **wrong_type})
        right_secret = await world.send(b"no json", headers=wrong_type)

        assert (wrong_secret.status_code, right_secret.status_code) == (401, 415)


async def test_a_body_that_never_ends_is_given_up(tmp_path: Path) -> None:
    async with a_world(tmp_path, read_timeout_s=0.05) as world:
        status, _ = await posted(world.app, [b"{"], ends="never")

        assert status == 408
        assert world.relay.refusals.latest()[0].status == 408


async def test_a_sender_that_goes_away_leaves_nothing(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        status, _ = await posted(world.app, [b'{"event": "flow'], ends="gone")

        assert status is None
        assert await world.events() == ()


async def test_a_body_without_any_length_is_refused(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        status, _ = await posted(world.app, [b""], headers={"content-length": None})

        assert status == 411


async def test_what_could_not_be_stored_is_asked_for_again(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        closed = Database(tmp_path, reading=world.relay.database._reading, writer=None)
        world.relay.ingest = Ingest(
            closed, lambda: world.relay.config, clock=world.relay.clock, new_id=new_id, wake=lambda: None
        )

        response = await world.send()

        assert await refusal(response, world=world) == 503
        assert response.headers["Retry-After"] == "5"
        assert str(tmp_path) not in response.text


async def test_each_source_has_its_own_header_and_environment(tmp_path: Path) -> None:
    prod = Source(name="prod", header="X-Prod-Key", environment="prod")
    async with a_world(tmp_path, config=replace(DEFAULT_CONFIG, sources=(prod,))) as world:
        response = await world.send(source="prod", headers={"X-Prod-Key": SECRET})

        [record] = await world.events()
        assert response.status_code == 202
        assert record.event.environment == "prod"
