"""A downstream system that outlives the receiver and remembers every request that it ever got."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BUSY_EVERY = 7


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One request, and what it was answered."""

    key: str
    step: str
    flow: str
    version: str
    answered: int


class Target(ThreadingHTTPServer):
    """Takes every step, but is busy at every seventh request."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[Asked] = []
        self._lock = threading.Lock()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    def take(self, *, key: str, step: str, body: dict[str, str]) -> int:
        with self._lock:
            answered = 200 if (len(self.asked) + 1) % BUSY_EVERY else 503
            self.asked.append(Asked(key=key, step=step, flow=body["flow"], version=body["version"], answered=answered))
            return answered


class _Handler(BaseHTTPRequestHandler):
    server: Target
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        content = self.rfile.read(length)
        if len(content) < length:
            self.close_connection = True  # the receiver was killed while it sent
            return
        body = json.loads(content)
        status = self.server.take(key=self.headers["Idempotency-Key"].strip('"'), step=self.path.strip("/"), body=body)
        try:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()
        except OSError:
            self.close_connection = True  # the receiver was killed meanwhile

    def handle(self) -> None:
        try:
            super().handle()
        except ConnectionError:
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def a_target() -> Iterator[Target]:
    with Target() as target:
        threading.Thread(target=target.serve_forever, name="target", daemon=True).start()
        try:
            yield target
        finally:
            target.shutdown()
