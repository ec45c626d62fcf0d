"""Requests whose body comes in after their head: what is over is no head."""

import asyncio
from pathlib import Path

import pytest

from tests.receiver.relays import a_body
from tests.receiver.server import POST, QUICK, a_server, status

pytestmark = pytest.mark.anyio


async def test_the_end_of_a_body_is_not_counted_as_a_head(tmp_path: Path) -> None:
    body = a_body().replace(b"{", b'{"pad": "%s", ' % (b"x" * 100_000), 1)
    async with a_server(tmp_path) as served, served.connection() as (reader, writer):
        writer.write(POST + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body))
        assert status(await reader.readuntil(b"\r\n\r\n")) == 100

        writer.write(body)
        answer = await reader.readuntil(b"\r\n\r\n")
        began = asyncio.get_running_loop().time()
        await reader.read()  # until it hangs up

        assert status(answer) == 202
        assert served.world.relay.refusals.latest() == ()
        assert asyncio.get_running_loop().time() - began >= QUICK.keep_alive_s * 0.9
