"""What the journeys are played on: a sandbox, a receiver and a deploy system, each listening on a free port."""

import json
import os
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

LIMIT_S = 30
ENTRY = "import sys; from {package}.cli import main; sys.exit(main())"


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request that the deploy system got."""

    body: dict[str, Any]
    key: str
    answered: int


class DeploySystem(ThreadingHTTPServer):
    """Answers as told, then with 200; can keep callers waiting until it is told to go on."""

    daemon_threads = True

    def __init__(self, *answers: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = list(answers)
        self.calls: list[Call] = []
        self.called = threading.Event()
        self.go_on = threading.Event()
        self.go_on.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/deploy"

    def wait_for(self, calls: int, *, limit_s: float) -> None:
        """Wait until so many requests came."""
        self.called.clear()
        while len(self.calls) < calls:
            assert self.called.wait(limit_s), f"{len(self.calls)} of {calls} requests came"
            self.called.clear()


class _Handler(BaseHTTPRequestHandler):
    server: DeploySystem

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status = self.server.answers.pop(0) if self.server.answers else 200
        self.server.calls.append(Call(body=body, key=self.headers["Idempotency-Key"], answered=status))
        self.server.called.set()
        self.server.go_on.wait(LIMIT_S)
        try:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()
        except OSError:
            self.close_connection = True  # the caller is gone, as some journeys want it

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def a_deploy_system(*answers: int) -> Iterator[DeploySystem]:
    with DeploySystem(*answers) as server:
        threading.Thread(target=server.serve_forever, name="deploy system", daemon=True).start()
        try:
            yield server
        finally:
            server.go_on.set()
            server.shutdown()


@dataclass(kw_only=True)
class Server:
    """A command that serves."""

    process: "subprocess.Popen[str]"
    url: str

    def kill(self) -> None:
        """End it without a chance to tidy up."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(LIMIT_S)


@dataclass(kw_only=True)
class Stage:
    """A folder to play in, and the environment that every command gets."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def serving(self, package: str, *arguments: str) -> Iterator[Server]:
        with (
            (self.folder / f"{package}.log").open("ab") as log,
            subprocess.Popen(
                [sys.executable, "-c", ENTRY.format(package=package), *arguments],
                env=self._environment(),
                cwd=self.folder,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            ) as process,
        ):
            try:
                assert process.stdout is not None
                line = process.stdout.readline()
                assert line, (self.folder / f"{package}.log").read_text()
                yield Server(process=process, url=json.loads(line)["url"])
            finally:
                process.terminate()
                process.wait(LIMIT_S)

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        """Run a command to its end, as a CI step does: no terminal."""
        package, *arguments = command
        return subprocess.run(
            [sys.executable, "-c", ENTRY.format(package=package), *arguments],
            env=self._environment(),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )

    def _environment(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if name in {"PATH", "HOME", "LANG", "COVERAGE_PROCESS_START"}
        }
        return kept | self.environment


def a_stage(folder: Path) -> Stage:
    return Stage(
        folder=folder,
        environment={
            "CI_WEBHOOK_SECRET": secrets.token_urlsafe(32),
            "RECEIVER_ADMIN_TOKEN": secrets.token_urlsafe(32),
            "DATABASE_URL": f"sqlite:///{folder / 'receiver.db'}",
            "GENESYS_CLIENT_ID": "journey",
            "GENESYS_CLIENT_SECRET": secrets.token_urlsafe(32),
        },
    )
