"""Signed sources, networks and rates at the door; and that whoever may not come in learns nothing from the answers."""

import hmac
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from standardwebhooks.webhooks import Webhook

from receiver.clock import utc_now
from receiver.config import DEFAULT_CONFIG, Source
from receiver.config.amounts import Rate
from tests.receiver.relays import SECRET, SECRET_HEADER, World, a_body, a_world

pytestmark = pytest.mark.anyio

KEY = "whsec_" + "a" * 32
SIGNED = Source(name="signed", scheme="hmac-sha256", header="X-Hub-Signature-256", secrets=("CI_WEBHOOK_SECRET",))
STANDARD = Source(name="standard", scheme="standard-webhooks", header="", secrets=("STANDARD",))
CONFIG = replace(DEFAULT_CONFIG, sources=(Source(name="genesys"), SIGNED, STANDARD), max_body_bytes=5000)
VALUES = {"CI_WEBHOOK_SECRET": SECRET, "STANDARD": KEY}
SIGNATURE = "0" * 64
Told = tuple[int, bytes, httpx.Headers]


def signature(body: bytes) -> Mapping[str, str]:
    return {"X-Hub-Signature-256": "sha256=" + hmac.digest(SECRET.encode(), body, "sha256").hex()}


async def post(
    world: World, source: str, content: bytes | AsyncIterator[bytes], headers: Mapping[str, str]
) -> httpx.Response:
    return await world.client.post(f"/webhooks/{source}", content=content, headers=headers)


async def endless(size: int) -> AsyncIterator[bytes]:
    """A body without a length."""
    yield b"x" * size


async def test_a_signed_body_is_taken_in(tmp_path: Path) -> None:
    async with a_world(tmp_path, config=CONFIG, secrets=VALUES) as world:
        response = await post(world, "signed", a_body(), signature(a_body()))

        [record] = await world.events()
        assert response.status_code == 202
        assert (record.event.source, record.event.secret) == ("signed", "CI_WEBHOOK_SECRET")


async def test_a_body_that_was_changed_is_not(tmp_path: Path) -> None:
    async with a_world(tmp_path, config=CONFIG, secrets=VALUES) as world:
        response = await post(world, "signed", a_body() + b" ", signature(a_body()))

        assert response.status_code == 401
        assert world.relay.refusals.latest()[0].reason == "the signature is wrong"
        assert await world.events() == ()


@pytest.mark.parametrize(
    ("body", "more", "status"),
    [
        (b"{}", {"Content-Type": "text/plain"}, 415),
        (b"{}", {"Content-Encoding": "gzip"}, 415),
        (b"no json", {}, 400),
        (b"x" * 5001, {}, 413),
    ],
    ids=["type", "encoding", "not json", "large"],
)
async def test_what_is_signed_is_told_what_is_wrong(
    tmp_path: Path, body: bytes, more: Mapping[str, str], status: int
) -> None:
    async with a_world(tmp_path, config=CONFIG, secrets=VALUES) as world:
        response = await post(world, "signed", body, {**signature(body), **more})

        assert response.status_code == status
        assert await world.events() == ()


async def test_an_event_without_an_id_is_told_by_that_of_its_message(tmp_path: Path) -> None:
    async with a_world(tmp_path, config=CONFIG, secrets=VALUES) as world:
        bodies = [json.dumps({"event": "flow.deleted", "try": number}).encode() for number in range(2)]

        answers = [await post(world, "standard", body, standard("msg_1", body)) for body in bodies]
        other = await post(world, "standard", bodies[0], standard("msg_2", bodies[0]))

        assert [answer.json()["duplicate"] for answer in (*answers, other)] == [False, True, False]
        assert [record.conflicts for record in await world.events()] == [0, 1]


def standard(message_id: str, body: bytes) -> Mapping[str, str]:
    """The headers of a message of now."""
    now = utc_now()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(KEY).sign(message_id, now, body.decode()),
    }


CLOSED: Mapping[str, Mapping[str, str]] = {
    "nothing": {},
    "a secret": {SECRET_HEADER: "wrong"},
    "a signature": {"X-Hub-Signature-256": SIGNATURE},
    "no signature": {"X-Hub-Signature-256": "no signature"},
    "both": {SECRET_HEADER: "wrong", "X-Hub-Signature-256": SIGNATURE},
    "a type": {"Content-Type": "text/plain", "X-Hub-Signature-256": SIGNATURE},
    "an encoding": {"Content-Encoding": "gzip", "X-Hub-Signature-256": SIGNATURE},
    "a message": standard("msg_1", b"something else"),
}


@pytest.mark.parametrize("size", [0, 40, 5001], ids=["empty", "small", "large"])
@pytest.mark.parametrize("source", ["genesys", "signed", "standard"])
async def test_a_closed_source_is_answered_as_one_that_is_not_there(tmp_path: Path, source: str, size: int) -> None:
    async with a_world(tmp_path, config=CONFIG, secrets=VALUES) as world:
        closed = {name: await knocked(world, source, size, headers) for name, headers in CLOSED.items()}
        absent = {name: await knocked(world, "nobody", size, headers) for name, headers in CLOSED.items()}

        assert closed == absent
        assert {status for knock in closed.values() for status, _, _ in knock} <= {401, 413}
        assert await world.events() == ()


async def knocked(world: World, source: str, size: int, headers: Mapping[str, str]) -> list[Told]:
    """What is told to whoever sends a body of so many bytes: once in one piece, once in chunks."""
    answers = [await post(world, source, content, headers) for content in (b"x" * size, endless(size))]
    return [(answer.status_code, answer.content, answer.headers) for answer in answers]


def alike(answers: list[httpx.Response]) -> bool:
    first, second = answers
    return (first.status_code, first.content, first.headers) == (second.status_code, second.content, second.headers)


async def test_an_address_of_no_network_is_answered_as_a_wrong_secret_is(tmp_path: Path) -> None:
    source = Source(name="genesys", networks=("10.0.0.0/8",))
    async with a_world(tmp_path, config=replace(DEFAULT_CONFIG, sources=(source,))) as world:
        elsewhere = await world.send()
        wrong = await world.send(headers={SECRET_HEADER: "wrong"})

        assert alike([elsewhere, wrong])
        assert world.relay.refusals.latest()[1].reason == "the address is in none of the networks of the source"
        assert world.relay.refusals.latest()[1].address == "127.0.0.1"


async def test_one_event_too_many_is_told_when_to_come_again(tmp_path: Path) -> None:
    source = Source(name="genesys", rate=Rate(number=2, seconds=3600))
    async with a_world(tmp_path, config=replace(DEFAULT_CONFIG, sources=(source,))) as world:
        answers = [await world.send(b'{"number": %d}' % number) for number in range(3)]

        assert [answer.status_code for answer in answers] == [202, 202, 429]
        assert 1790 <= int(answers[2].headers["Retry-After"]) <= 1800
        assert answers[2].json()["type"] == "urn:flow-relay:problem:too-many-requests"
        assert len(await world.events()) == 2


async def test_what_is_no_json_costs_no_place(tmp_path: Path) -> None:
    source = Source(name="genesys", rate=Rate(number=1, seconds=3600))
    async with a_world(tmp_path, config=replace(DEFAULT_CONFIG, sources=(source,))) as world:
        bad, good = await world.send(b"no json"), await world.send()

        assert (bad.status_code, good.status_code) == (400, 202)
