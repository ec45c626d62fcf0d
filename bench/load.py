"""A load: so many connections that are kept open, each with its next request as soon as the last is answered.

A process of its own on raw sockets, so that it costs little beside what is measured (a tenth of an asyncio client):
`python -m bench.load SECONDS CONNECTIONS SECRET URL…` prints one JSON object. Every body is a publication that nobody
told of before.
"""

import json
import select
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

ROOT = Path(__file__).parent.parent
PATH = "/webhooks/genesys"
BODY_BYTES = 600
LIMIT_S = 30.0


@dataclass(slots=True)
class Loaded:
    """What came of a load."""

    rate: float
    latencies_s: list[float] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    """The ids of the events that were answered with a 2xx."""


@dataclass(slots=True)
class _Connection:
    socket: socket.socket
    event_id: str = ""
    began: float = 0.0
    answer: bytes = b""


def load(urls: Sequence[str], *, secret: str, seconds: float, connections: int = 64) -> Loaded:
    """Send to servers for so long, in a process of its own; it ends early when they break off."""
    with begun(urls, secret=secret, seconds=seconds, connections=connections) as process:
        return loaded(process)


def begun(urls: Sequence[str], *, secret: str, seconds: float, connections: int = 64) -> "subprocess.Popen[bytes]":
    """A load under way."""
    command = [sys.executable, "-m", "bench.load", str(seconds), str(connections), secret, *urls]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)


def loaded(process: "subprocess.Popen[bytes]") -> Loaded:
    """What came of it, once it has ended."""
    out, _ = process.communicate()
    return Loaded(**json.loads(out))


def quantile_ms(latencies_s: Sequence[float], share: float) -> float:
    """The time within which a share of the answers came."""
    ordered = sorted(latencies_s)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000


def a_body(identifier: str, flow_id: str) -> bytes:
    """A publication, of the size of a usual one."""
    body = {
        "id": identifier,
        "event": "flow.version.published",
        "timestamp": "2026-11-23T09:49:26.031Z",
        "organizationId": "23faea37-1117-4c0a-88a2-572c46780b03",
        "data": {"flowId": flow_id, "flowName": "Main IVR", "versionId": "16.0", "status": "published"},
        "note": "",
    }
    return json.dumps(body | {"note": "x" * (BODY_BYTES - len(json.dumps(body)))}).encode()


def a_request(secret: str, body: bytes) -> bytes:
    """It, as it is sent."""
    head = f"POST {PATH} HTTP/1.1\r\nHost: relay\r\nX-Genesys-Webhook-Secret: {secret}\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


class Sender:
    """Sends over all connections until its time is over, or a server breaks off."""

    def __init__(self, urls: Sequence[str], *, secret: str, seconds: float, connections: int) -> None:
        self._ids = Random(uuid.uuid4().int)
        self._secret = secret
        self._ends_at = time.perf_counter() + seconds
        self._seconds = seconds
        self._poll = select.epoll()
        self._connections: dict[int, _Connection] = {}
        self._loaded = Loaded(rate=0.0)
        for number in range(connections):
            self._connect(urls[number % len(urls)])

    def run(self) -> Loaded:
        """Send, and tell what came of it."""
        for connection in self._connections.values():
            self._send(connection)
        while self._connections:
            for number, _ in self._poll.poll(LIMIT_S):
                self._receive(self._connections[number])
        self._loaded.rate = len(self._loaded.latencies_s) / self._seconds
        return self._loaded

    def _connect(self, url: str) -> None:
        address = urlsplit(url)
        connected = socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=LIMIT_S)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._poll.register(connected.fileno(), select.EPOLLIN)
        self._connections[connected.fileno()] = _Connection(connected)

    def _send(self, connection: _Connection) -> None:
        connection.event_id, connection.answer = self._new_id(), b""
        request = self._request(connection.event_id)
        connection.began = time.perf_counter()
        connection.socket.sendall(request)

    def _receive(self, connection: _Connection) -> None:
        try:
            received = connection.socket.recv(65536)
        except ConnectionError:
            received = b""
        connection.answer += received
        if not received:
            self._end(connection)
        elif _is_whole(connection.answer):
            self._note(connection)

    def _note(self, connection: _Connection) -> None:
        now = time.perf_counter()
        assert connection.answer.startswith(b"HTTP/1.1 20"), connection.answer
        self._loaded.latencies_s.append(now - connection.began)
        self._loaded.acknowledged.append(connection.event_id)
        if now < self._ends_at:
            try:
                self._send(connection)
            except ConnectionError:
                self._end(connection)
        else:
            self._end(connection)

    def _end(self, connection: _Connection) -> None:
        self._poll.unregister(connection.socket.fileno())
        del self._connections[connection.socket.fileno()]
        connection.socket.close()

    def _new_id(self) -> str:
        digits = f"{self._ids.getrandbits(128):032x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"

    def _request(self, identifier: str) -> bytes:
        return (_TEMPLATE % (self._secret, identifier, identifier)).encode()


def _is_whole(answer: bytes) -> bool:
    head, found, body = answer.partition(b"\r\n\r\n")
    length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
    return bool(found) and (len(body) >= int(length) if length else body.endswith(b"0\r\n\r\n"))


def _template() -> str:
    return a_request("%s", a_body("@" * 36, "#" * 36)).decode().replace("@" * 36, "%s").replace("#" * 36, "%s")


_TEMPLATE = _template()


if __name__ == "__main__":
    seconds, connections, secret, *urls = sys.argv[1:]
    sender = Sender(urls, secret=secret, seconds=float(seconds), connections=int(connections))
    result = sender.run()
    print(json.dumps({"rate": result.rate, "latencies_s": result.latencies_s, "acknowledged": result.acknowledged}))
