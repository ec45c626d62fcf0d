"""What hostile senders try at the door, row by row: each with its answer, and nothing stored without a 202."""

import gzip
import json
import socket
import struct
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from receiver.config import Config, Source
from receiver.web.assets import asset_path
from tests.receiver.relays import SECRET, a_body
from tests.receiver.server import CLOSE, HOST, KEY, POST, QUICK, a_request, a_server, status, until

pytestmark = pytest.mark.anyio

KEY_VALUE = SECRET.encode()
NO_KEY = POST.replace(KEY, b"")
CHUNKED = b"Transfer-Encoding: chunked\r\n"
TWO = b"Content-Length: 2\r\n\r\n{}"
CANARY = b"GET /livez?canary HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n"
CHUNKS = CHUNKED + b"\r\n2\r\n{}\r\n0\r\n\r\n"
Cases = Mapping[str, tuple[bytes, int]]


def keyed(value: bytes, *, name: bytes = b"X-Genesys-Webhook-Secret") -> bytes:
    """A request with this in its secret header."""
    return NO_KEY + name + b": " + value + b"\r\n" + CLOSE + TWO


def at(target: bytes, *, method: bytes = b"POST", more: bytes = TWO) -> bytes:
    """A request for another address."""
    return method + b" " + target + b" HTTP/1.1\r\n" + HOST + KEY + CLOSE + more


def with_body(body: bytes, *, more: bytes = b"") -> bytes:
    return a_request(body, more=CLOSE + more)


def with_head(more: bytes) -> bytes:
    return POST + CLOSE + more


def a_page() -> bytes:
    """A request whose answer is far larger than itself."""
    return b"GET " + asset_path("app.css").encode() + b" HTTP/1.1\r\n" + HOST + b"\r\n"


SECRETS: Cases = {
    "none": (NO_KEY + CLOSE + TWO, 401),
    "wrong": (keyed(b"canary"), 401),
    "empty": (keyed(b""), 401),
    "blank": (keyed(b" \t "), 401),
    "1 MB": (keyed(b"x" * 1_000_000), 431),
    "high bytes": (keyed(bytes(range(0x80, 0x100))), 401),
    "NUL": (keyed(KEY_VALUE + b"\0"), 400),
    "CR": (keyed(KEY_VALUE + b"\rx"), 400),
    "LF": (keyed(KEY_VALUE + b"\nx"), 400),
    "folded": (keyed(b"\r\n " + KEY_VALUE), 400),
    "blank before the colon": (keyed(KEY_VALUE, name=b"X-Genesys-Webhook-Secret "), 400),
    "underscores": (keyed(KEY_VALUE, name=b"X_Genesys_Webhook_Secret"), 401),
    "twice": (NO_KEY + KEY + KEY + CLOSE + TWO, 401),
    "twice, one wrong": (NO_KEY + KEY + KEY.replace(b"present", b"other") + CLOSE + TWO, 401),
    "joined": (keyed(KEY_VALUE + b", " + KEY_VALUE), 401),
    "in the query": (at(b"/webhooks/genesys?X-Genesys-Webhook-Secret=x").replace(KEY, b""), 401),
    "in the body": (NO_KEY + CLOSE + b"Content-Length: %d\r\n\r\n%s" % (len(KEY_VALUE), KEY_VALUE), 401),
    "in a trailer": (NO_KEY + CLOSE + CHUNKED + b"\r\n2\r\n{}\r\n0\r\n" + KEY + b"\r\n", 401),
    "in an unknown source": (at(b"/webhooks/canary"), 401),
}
HEADS: Cases = {
    "101 headers": (with_head(b"".join(b"x-%d: y\r\n" % number for number in range(101)) + b"\r\n"), 431),
    "100,000 headers": (with_head(b"x: y\r\n" * 100_000 + b"\r\n"), 431),
    "a large header": (with_head(b"x: " + b"y" * 70_000 + b"\r\n\r\n"), 431),
    "an endless header": (with_head(b"x: " + b"y" * 1_000_000), 431),
    "a long address": (at(b"/" + b"a" * 100_000), 431),
    "no name": (with_head(b": x\r\n\r\n"), 400),
    "no colon": (with_head(b"abc\r\n\r\n"), 400),
    "a blank in a name": (with_head(b"a b: c\r\n\r\n"), 400),
    "a control character": (with_head(b"a: \x01\r\n\r\n"), 400),
    "a name in Latin-1": (with_head(b"\xe9: x\r\n\r\n"), 400),
    "bare line feeds": ((POST + CLOSE + TWO).replace(b"\r\n", b"\n"), 400),
    "a blank first": (b" " + CANARY, 400),
}
FRAMINGS: Cases = {
    "both lengths": (with_head(b"Content-Length: 2\r\n" + CHUNKS) + CANARY, 400),
    "two lengths": (with_head(b"Content-Length: 2\r\n" + TWO) + CANARY, 400),
    "two other lengths": (with_head(b"Content-Length: 3\r\n" + TWO) + CANARY, 400),
    "a list of lengths": (with_head(TWO.replace(b"2", b"2, 2")) + CANARY, 400),
    "no digits": (with_head(TWO.replace(b"2", b"")) + CANARY, 400),
    "a sign": (with_head(TWO.replace(b"2", b"+2")) + CANARY, 400),
    "a minus": (with_head(TWO.replace(b"2", b"-1")) + CANARY, 400),
    "letters": (with_head(TWO.replace(b"2", b"2abc")) + CANARY, 400),
    "hex": (with_head(TWO.replace(b"2", b"0x2")) + CANARY, 400),
    "10^20": (with_head(TWO.replace(b"2", b"1" + b"0" * 20)) + CANARY, 400),
    "another coding": (with_head(CHUNKS.replace(b"chunked", b"xchunked")) + CANARY, 501),
    "two codings": (with_head(CHUNKS.replace(b"chunked", b"gzip, chunked")) + CANARY, 501),
    "identity": (with_head(CHUNKS.replace(b"chunked", b"identity")) + CANARY, 501),
    "a parameter": (with_head(CHUNKS.replace(b"chunked", b"chunked;q=1")) + CANARY, 501),
    "chunked twice": (with_head(CHUNKS.replace(b"chunked", b"chunked, chunked")) + CANARY, 400),
    "two headers": (with_head(CHUNKED + CHUNKS) + CANARY, 400),
    "a vertical tab": (with_head(CHUNKS.replace(b" chunked", b"\x0bchunked")) + CANARY, 400),
    "HTTP/1.0": (with_head(CHUNKS).replace(b"HTTP/1.1", b"HTTP/1.0") + CANARY, 400),
    "neither length": (with_head(b"\r\n"), 411),
}
CHUNKINGS: Cases = {
    "no size": (with_head(CHUNKED + b"\r\nzz\r\n{}\r\n0\r\n\r\n") + CANARY, 400),
    "a negative size": (with_head(CHUNKED + b"\r\n-2\r\n{}\r\n0\r\n\r\n") + CANARY, 400),
    "0x": (with_head(CHUNKED + b"\r\n0x2\r\n{}\r\n0\r\n\r\n") + CANARY, 400),
    "a blank after the size": (with_head(CHUNKED + b"\r\n2 \r\n{}\r\n0\r\n\r\n") + CANARY, 400),
    "a size beyond 64 bits": (with_head(CHUNKED + b"\r\n1" + b"0" * 15 + b"2\r\n{}\r\n0\r\n\r\n") + CANARY, 400),
    "a wrong end": (with_head(CHUNKED + b"\r\n2\r\n{}XX0\r\n\r\n") + CANARY, 400),
    "line feeds": (with_head(CHUNKED + b"\r\n2\n{}\n0\n\n") + CANARY, 400),
    "a line feed at the end": (with_head(CHUNKED + b"\r\n2\r\n{}\r\n0\n\n") + CANARY, 400),
    "an extension of 1 MB": (with_head(CHUNKED + b"\r\n2;" + b"x" * 1_000_000 + b"\r\n{}\r\n0\r\n\r\n") + CANARY, 400),
    "a trailer without a colon": (with_head(CHUNKED + b"\r\n2\r\n{}\r\n0\r\nabc\r\n\r\n") + CANARY, 400),
    "200 trailers": (with_head(CHUNKED + b"\r\n2\r\n{}\r\n0\r\n" + b"x: y\r\n" * 200 + b"\r\n") + CANARY, 431),
}
ADDRESSES: Cases = {
    "no host": (with_head(TWO).replace(HOST, b""), 400),
    "two hosts": (with_head(HOST + TWO), 400),
    "a host with a path": (with_head(TWO).replace(b"relay.test", b"a/?x="), 400),
    "a host with a user": (with_head(TWO).replace(b"relay.test", b"a@evil"), 400),
    "a whole URL": (at(b"http://evil/webhooks/genesys"), 400),
    "a host alone": (at(b"@evil"), 400),
    "a fragment": (at(b"/webhooks/genesys#x"), 400),
    "a blank": (at(b"/webhooks/a b"), 400),
    "Latin-1": (at(b"/webhooks/gen\xe9sys"), 400),
    "*": (at(b"*", method=b"OPTIONS"), 400),
    "two slashes": (at(b"//webhooks/genesys"), 404),
    "dots": (at(b"/x/../webhooks/genesys"), 404),
    "a file": (at(b"/static/..%2f..%2f..%2fetc/passwd", method=b"GET", more=b"\r\n"), 404),
    "more below": (at(b"/webhooks/genesys/more"), 404),
    "NUL in a name": (at(b"/webhooks/gen%00sys"), 401),
    "no UTF-8 in a name": (at(b"/webhooks/%ff%fe"), 401),
}
METHODS: Cases = {
    **{name: (at(b"/webhooks/genesys", method=name.encode()), 405) for name in ("GET", "PUT", "DELETE", "TRACE")},
    "CONNECT": (at(b"/webhooks/genesys", method=b"CONNECT", more=b"\r\n") + CANARY, 405),
    "CONNECT elsewhere": (at(b"evil:443", method=b"CONNECT", more=b"\r\n") + CANARY, 400),
    "post": (at(b"/webhooks/genesys", method=b"post"), 400),
    "BREW": (at(b"/webhooks/genesys", method=b"BREW"), 400),
    "HTTP/2.0": (at(b"/webhooks/genesys").replace(b"HTTP/1.1", b"HTTP/2.0"), 400),
    "HTTP/1.2": (at(b"/webhooks/genesys").replace(b"HTTP/1.1", b"HTTP/1.2"), 400),
    "HTTP/0.9": (b"GET /livez\r\n\r\n", 400),
    "the preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500), 400),
    "noise": (bytes(range(256)), 400),
    "SSH": (b"SSH-2.0-OpenSSH_9.2\r\n", 400),
}
SIZES: Cases = {
    "too long by its length": (with_head(b"Content-Length: 2001\r\n\r\n"), 413),
    "a length that asks first": (with_head(b"Expect: 100-continue\r\nContent-Length: 2001\r\n\r\n"), 413),
    "too long in chunks": (with_head(CHUNKED + b"\r\nfa0\r\n" + b"x" * 4000 + b"\r\n0\r\n\r\n"), 413),
    "too long, and wrong": (NO_KEY + CLOSE + b"Content-Length: 2001\r\n\r\n", 413),
    "no end": (with_head(b"Content-Length: 20\r\n\r\n{"), 408),
    "no end in chunks": (with_head(CHUNKED + b"\r\n5\r\n{"), 408),
}
TYPES: Cases = {
    "text": (with_body(b"{}", more=b"Content-Type: text/plain\r\n"), 415),
    "xml": (with_body(b"{}", more=b"Content-Type: application/xml\r\n"), 415),
    "multipart": (with_body(b"{}", more=b"Content-Type: multipart/form-data; boundary=x\r\n"), 415),
    "UTF-16": (with_body(b"{}", more=b"Content-Type: application/json;charset=utf-16\r\n"), 415),
    "gzip": (with_body(gzip.compress(b"{}"), more=b"Content-Encoding: gzip\r\n"), 415),
    "a bomb": (with_body(gzip.compress(bytes(100_000)), more=b"Content-Encoding: br\r\n"), 415),
    "packed and silent": (with_body(gzip.compress(b"{}")), 400),
}
TEXTS: Cases = {
    text.decode("latin-1")[:20]: (with_body(text), 400)
    for text in (
        *(b"", b" ", b"null", b"[]", b'"x"', b"1", b"true", b'{"a":', b"{}x", b"{}{}", b"{} // canary", b"{'a': 1}"),
        *(
            b"\xef\xbb\xbf{}",
            '{"a": 1}'.encode("utf-16"),
            b'{"a": "\xff"}',
            b'{"a": "\x00"}',
            b'{"a": "\n"}',
            b"{a: 1}",
        ),
        *(b'{"a": NaN}', b'{"a": -Infinity}', b'{"a": 1e999}', b'{"id": "1", "id": "2"}', b'{"a": 01}', b'{"a": 1,}'),
        *(b'{"a":' * 65 + b"1" + b"}" * 65, b"[" * 900, b'{"a":' * 300),
    )
}
READ: Cases = {
    text[:30].decode("latin-1"): (with_body(text), 202)
    for text in (
        *(b"{}", b'{"a": 9223372036854775808, "b": -0, "c": 1e-400}', b'{"n": %s}' % (b"9" * 1900)),
        *(
            b'{"type": "\\u0000\\ud800"}',
            '{"flowName": "\u202e\u200b\U0001f4a9"}'.encode(),
            b'{"a": "../../etc/passwd"}',
        ),
        *(
            b'{"flowName": "{{7*7}}${{ 1 }}$(id)"}',
            b'{"flowName": "=cmd()\\r\\n\\u001b[2J"}',
            b'{"id": [], "event": {}}',
        ),
        *(
            b'{"event": "flow.version.published"}',
            b'{"event": "canary.sung"}',
            b'{"timestamp": "2000-01-01T00:00:00Z"}',
        ),
        *(
            b'{"timestamp": "9999-12-31T23:59:59Z"}',
            b'{"versionNumber": "03", "versionId": 3}',
            b'{"more": {"a": [1]}}',
        ),
    )
}
SMALL = Config(sources=(Source(name="genesys"),), max_body_bytes=2000)
ROWS: Mapping[str, Cases] = {
    "secrets": SECRETS,
    "heads": HEADS,
    "framings": FRAMINGS,
    "chunks": CHUNKINGS,
    "addresses": ADDRESSES,
    "methods": METHODS,
    "sizes": SIZES,
    "types": TYPES,
    "texts": TEXTS,
    "read": READ,
}


@pytest.mark.parametrize("cases", ROWS.values(), ids=list(ROWS))
async def test_every_request_has_its_answer_which_repeats_nothing(
    tmp_path: Path, cases: Cases, caplog: pytest.LogCaptureFixture
) -> None:
    async with a_server(tmp_path, config=SMALL) as served:
        answers = {name: await served.exchange(request) for name, (request, _) in cases.items()}
        stored = await served.world.events()

    assert {name: status(answer) for name, answer in answers.items()} == {
        name: wanted for name, (_, wanted) in cases.items()
    }
    assert len(stored) == sum(wanted == 202 for _, wanted in cases.values())
    assert [name for name, answer in answers.items() if answer.count(b"HTTP/1.1 ") != 1] == []
    assert [name for name, answer in answers.items() if b"canary" in answer or KEY_VALUE in answer] == []
    assert [record for record in caplog.records if record.exc_info] == []


async def test_what_no_route_saw_is_remembered_and_logged_now_and_then(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with a_server(tmp_path) as served:
        for _ in range(20):
            await served.exchange(b"\x16\x03\x01\x02\x00")

        refusals = served.world.relay.refusals.latest()

    assert len(refusals) == 20
    assert {(each.source, each.address, each.status) for each in refusals} == {("", "127.0.0.1", 400)}
    assert capsys.readouterr().out.count("request refused") == 1


@pytest.mark.parametrize("ending", ["FIN", "RST"])
async def test_a_sender_that_breaks_off_leaves_no_event_and_no_traceback(
    tmp_path: Path, ending: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with a_server(tmp_path) as served:
        async with served.connection() as (_, writer):
            writer.write(POST + b'Content-Length: 100\r\n\r\n{"event":')
            await writer.drain()
            lingers = struct.pack("ii", int(ending == "RST"), 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, lingers)
        alive = await served.exchange(CANARY)

        assert status(alive) == 200
        assert await served.world.events() == ()
    assert [record for record in caplog.records if record.exc_info] == []


async def test_a_client_that_reads_slowly_gets_every_answer(tmp_path: Path) -> None:
    async with a_server(tmp_path, limits=replace(QUICK, write_timeout_s=5)) as served:
        answers = await served.exchange(a_page() * 1000 + CANARY)

    assert answers.count(b"HTTP/1.1 200 OK") == 1001


async def test_a_client_that_reads_nothing_is_given_up(tmp_path: Path) -> None:
    async with a_server(tmp_path) as served, served.connection() as (_, writer):
        writer.transport.pause_reading()  # type: ignore[attr-defined]  # a transport that reads has it
        writer.write(a_page() * 2000)

        await until(served.has_connections)
        await until(served.has_none)


async def test_an_old_event_or_one_of_the_future_is_kept_with_its_time(tmp_path: Path) -> None:
    times = ("2019-02-28T23:59:59Z", "2051-01-01T00:00:00Z")
    async with a_server(tmp_path) as served:
        for number, time in enumerate(times):
            await served.exchange(with_body(a_body(id=str(number), timestamp=time)))

        kept = [record.event.occurred_at for record in await served.world.events()]

    assert sorted(moment.year for moment in kept if moment) == [2019, 2051]


async def test_a_body_is_kept_byte_for_byte(tmp_path: Path) -> None:
    body = b'{ "a" :\t1.10, "b": 9223372036854775808, "c": "\\u00e9" }\n'
    async with a_server(tmp_path) as served:
        answer = await served.exchange(with_body(body))
        identifier = json.loads(answer.partition(b"\r\n\r\n")[2])["id"]
        [record] = await served.world.events()

    assert record.event.id == identifier
