"""Whatever bytes are sent: no fault of ours, nothing stored that was not answered with a 202, and no traceback.

`make test` tries a thousand requests, `make fuzz` a hundred thousand, a thousand from each seed.
"""

import asyncio
import json
import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from receiver.config import Config, Source
from receiver.config.amounts import Rate
from receiver.server import Limits
from tests.receiver.relays import SECRET
from tests.receiver.server import HOST, KEY, Served, a_server
from tests.receiver.web.test_door_properties import BODIES, KEYS, LEAVES, ids

CASES = 1_000
AT_ONCE = 10
QUICKEST = Limits(head_timeout_s=0.05, body_timeout_s=0.05, linger_s=0.01, write_timeout_s=0.5)
KNOWN = {200, 202, 400, 401, 404, 405, 408, 411, 413, 415, 429, 431, 501}
CONFIG = Config(
    sources=(
        Source(name="genesys"),
        Source(name="signed", scheme="hmac-sha256", header="X-Hub-Signature-256"),
        Source(name="standard", scheme="standard-webhooks", header="", secrets=("STANDARD",)),
        Source(name="bearer", scheme="bearer", header="", rate=Rate(number=1000, seconds=1)),
    )
)
LAST = b"GET /livez HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
"""Follows each request, so that a connection ends as soon as all that came before is answered."""


def mostly(usual: Sequence[bytes], odd: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """The first of the usual ones as a rule, any of them now and then, and sometimes something odd."""
    return st.integers(0, 19).flatmap(lambda number: _one_of(usual, odd, number))


def _one_of(usual: Sequence[bytes], odd: st.SearchStrategy[bytes], number: int) -> st.SearchStrategy[bytes]:
    kinds = {7: odd, 3: st.sampled_from(usual), 11: st.sampled_from(usual)}
    return kinds.get(number, st.just(usual[0]))


METHODS = mostly([b"POST", b"GET", b"PUT", b"OPTIONS", b"CONNECT", b"post"], st.binary(max_size=5))
TARGETS = mostly(
    [
        *(b"/webhooks/genesys", b"/webhooks/genesys/", b"/webhooks/nobody", b"/webhooks/%67enesys?a=b"),
        *(b"/webhooks/signed", b"/webhooks/standard", b"/webhooks/bearer"),
        *(b"//x", b"*", b"http://a/b", b"/#"),
    ],
    st.binary(max_size=20),
)
VERSIONS = mostly([b"HTTP/1.1", b"HTTP/1.0", b"HTTP/2.0", b"HTTP/0.9", b"RTSP/1.0", b""], st.binary(max_size=8))
SECRETS = mostly([KEY, b"", KEY + KEY, KEY.replace(b"present", b"other")], st.binary(max_size=8))
HOSTS = mostly([HOST, b"", HOST + HOST, b"Host: a b\r\n"], st.binary(max_size=8))
NAMES = st.sampled_from(
    [
        *(b"Content-Length", b"Transfer-Encoding", b"Content-Type", b"Content-Encoding", b"Connection", b"Expect"),
        *(b"Host", b"Upgrade", b"Trailer", b"TE", b"X-Genesys-Webhook-Secret", b"X-Forwarded-For", b"x", b"\xe9", b""),
        *(b"Authorization", b"X-Hub-Signature-256", b"webhook-id", b"webhook-timestamp", b"webhook-signature"),
    ]
)
VALUES = st.sampled_from(
    [
        *(b"", b"0", b"2", b"+2", b"99999999999999999999", b"chunked", b"gzip", b"identity, chunked", b"close"),
        *(b"keep-alive", b"Upgrade", b"h2c", b"websocket", b"100-continue", b"application/json", b"text/plain"),
        *(b"trailers", b"a, b", b"\xff\x00", SECRET.encode(), b"Bearer " + SECRET.encode(), b"0" * 64, b"v1,AAAA"),
    ]
)
OBJECTS = st.dictionaries(st.sampled_from(KEYS), LEAVES, max_size=5).map(lambda value: json.dumps(value).encode())
CONTENT = st.integers(0, 9).flatmap(lambda number: BODIES if number in {3, 4} else OBJECTS)
HEADERS = st.tuples(NAMES, VALUES).map(lambda given: b"%s: %s\r\n" % given)
MORE = mostly([b"", b"Content-Type: application/json\r\n"], HEADERS)


@st.composite
def chunked(draw: st.DrawFn) -> bytes:
    """A body in chunks, most of them well-formed."""
    body = draw(CONTENT)
    cut = draw(st.integers(0, len(body)))
    parts = [part for part in (body[:cut], body[cut:]) if part]
    sizes = [draw(mostly([b"%x", b"%x;a=b", b"0%x", b" %x", b"-%x"], st.just(b"%x;"))) % len(part) for part in parts]
    trailers = [b"0\r\n\r\n", b"0\r\nx: y\r\n\r\n", b"0\r\n" + KEY + b"\r\n", b"", b"0\n\n"]
    end = draw(mostly(trailers, st.binary(max_size=6)))
    return b"".join(b"%s\r\n%s\r\n" % each for each in zip(sizes, parts, strict=True)) + end


@st.composite
def framed(draw: st.DrawFn) -> bytes:
    """The end of a head, and a body that it may tell the length of."""
    if draw(st.integers(0, 9)) in {3, 4, 5}:
        return b"Transfer-Encoding: chunked\r\n\r\n" + draw(chunked())
    body = draw(CONTENT)
    lengths = [str(len(body) + more).encode() for more in (0, -1, 1, 5)]
    return b"Content-Length: %s\r\n\r\n%s" % (draw(mostly(lengths, st.just(b"2, 2"))), body)


@st.composite
def requests(draw: st.DrawFn) -> list[bytes]:
    """The bytes of a request, in the pieces that they are sent in; now and then some are changed on the way."""
    line = b"%s %s %s\r\n" % (draw(METHODS), draw(TARGETS), draw(VERSIONS))
    data = line + draw(HOSTS) + draw(SECRETS) + draw(MORE) + draw(framed())
    if draw(st.integers(0, 9)) == 4:
        place = draw(st.integers(0, len(data)))
        data = data[:place] + draw(st.binary(max_size=4)) + data[place + draw(st.integers(0, 4)) :]
    cut = draw(st.integers(0, len(data)))
    return [data[:cut], data[cut:] + LAST]


@pytest.mark.parametrize("number", [0, *(pytest.param(number, marks=pytest.mark.fuzz) for number in range(1, 100))])
def test_no_bytes_break_the_receiver_or_are_stored_without_an_answer(
    tmp_path: Path, number: int, caplog: pytest.LogCaptureFixture
) -> None:
    with asyncio.Runner() as runner:
        opened = a_server(tmp_path, config=CONFIG, limits=QUICKEST, read_timeout_s=0.03)
        served = runner.run(opened.__aenter__())
        accepted: set[str] = set()

        @seed(number)
        @settings(max_examples=CASES // AT_ONCE, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(batch=st.lists(requests(), min_size=AT_ONCE, max_size=AT_ONCE))
        def check(batch: list[list[bytes]]) -> None:
            answers = runner.run(answered(served, batch))

            assert {int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", answers)} <= KNOWN
            accepted.update(identifier.decode() for identifier in re.findall(rb'{"id":"([0-9a-f-]{36})"', answers))

        check()
        stored = runner.run(ids(served.world))
        runner.run(opened.__aexit__(None, None, None))

    assert stored == accepted
    assert stored
    assert [record for record in caplog.records if record.exc_info] == []


async def answered(served: Served, batch: list[list[bytes]]) -> bytes:
    """Everything that is answered to the requests of a batch, each on a connection of its own."""
    return b"".join(await asyncio.gather(*map(partial(one, served), batch)))


async def one(served: Served, parts: list[bytes]) -> bytes:
    try:
        return await served.exchange(*parts)
    except ConnectionError:
        return b""
