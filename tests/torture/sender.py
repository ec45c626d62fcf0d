"""A sender that never gives an event up, as a good webhook does: what was not answered 202 is sent again."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count, cycle, islice
from urllib.parse import urlsplit

ANSWER_S = 10.0
AGAIN_S = 0.02
GONE = (OSError, EOFError, TimeoutError)


@dataclass(kw_only=True)
class Sender:
    """Sends the publications of some flows, each flow in order; a version is sent until it is acknowledged."""

    secret: str
    flows: int = 8
    padding: int = 600
    acked: dict[str, str] = field(default_factory=dict)
    """What was answered 202: our id of the event, and the receiver's."""
    sent: set[str] = field(default_factory=set)
    answers: Counter[int] = field(default_factory=Counter)
    lost_answers: int = 0
    """How often a connection broke before the answer."""
    _versions: dict[int, Iterator[int]] = field(default_factory=dict)
    _pending: dict[int, int] = field(default_factory=dict)
    _taken: Counter[int] = field(default_factory=Counter)
    """How many versions of each flow have been acknowledged."""

    async def send(self, urls: Sequence[str], *, stopping: asyncio.Event, most: int | None = None) -> None:
        """Send, one connection a flow, until told to stop, all are gone, or they have taken `most` of each flow."""
        async with asyncio.TaskGroup() as group:
            for flow in range(self.flows):
                group.create_task(self._flow(flow, urls, stopping=stopping, most=most), name=f"flow {flow}")

    async def _flow(self, flow: int, urls: Sequence[str], *, stopping: asyncio.Event, most: int | None) -> None:
        """Send to one receiver, and go on with the next where a connection breaks, until none takes anything more."""
        goal = None if most is None else self._taken[flow] + most
        in_vain = 0
        for url in islice(cycle(urls), flow, None):
            before = self._taken[flow]
            await self._connection(flow, url, stopping=stopping, goal=goal)
            in_vain = in_vain + 1 if self._taken[flow] == before else 0
            if stopping.is_set() or self._taken[flow] == goal or in_vain == len(urls):
                return

    async def _connection(self, flow: int, url: str, *, stopping: asyncio.Event, goal: int | None) -> None:
        """Send over one connection until it breaks."""
        address = urlsplit(url)
        with suppress(*GONE):
            reader, writer = await asyncio.open_connection(str(address.hostname), int(address.port or 0))
            try:
                while not stopping.is_set() and self._taken[flow] != goal:
                    await self._one(flow, reader, writer, stopping=stopping)
            except GONE:
                self.lost_answers += 1
            finally:
                writer.close()

    async def _one(
        self, flow: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, stopping: asyncio.Event
    ) -> None:
        """Send the next version of a flow, and the same again after anything but a 202."""
        if flow not in self._pending:
            self._pending[flow] = next(self._versions.setdefault(flow, count(1)))
        version = self._pending[flow]
        name = f"flow-{flow}-version-{version}"
        self.sent.add(name)
        while not stopping.is_set():
            async with asyncio.timeout(ANSWER_S):
                writer.write(self._request(flow, version, name))
                status, body = await _answer(reader)
            self.answers[status] += 1
            if status == 202:
                self.acked[name] = json.loads(body)["id"]
                self._taken[flow] += 1
                del self._pending[flow]
                return
            await asyncio.sleep(AGAIN_S)

    def _request(self, flow: int, version: int, name: str) -> bytes:
        body = {
            "id": name,
            "event": "flow.version.published",
            "data": {"flowId": f"flow-{flow}", "flowName": f"Flow {flow}", "versionId": f"{version}.0"},
            "note": "x" * self.padding,
        }
        content = json.dumps(body).encode()
        head = (
            f"POST /webhooks/genesys HTTP/1.1\r\nHost: relay.test\r\nX-Genesys-Webhook-Secret: {self.secret}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        return head.encode() + content


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
    body = await reader.readexactly(length)
    if b"connection: close" in head:
        raise EOFError
    return int(head.split(b" ", 2)[1]), body
