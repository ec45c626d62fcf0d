"""The receiver as a process that can be ended in any way, and started again on what it left behind."""

import json
import os
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.torture.kept import FileKept, Kept

ROOT = Path(__file__).parent.parent.parent
COMMAND = (sys.executable, "-c", "import sys; from receiver.cli import main; sys.exit(main())")
LIMIT_S = 90
LEFT = "SELECT 1 FROM runs WHERE status IN ('waiting', 'running') UNION ALL SELECT 1 FROM inbox LIMIT 1"
CONFIG = """\
sources:
  genesys: {{secrets: [CI_WEBHOOK_SECRET]}}
secrets:
  CI_TOKEN: {{hosts: ["{target}"]}}
pipelines:
  follow:
    on: {{type: flow.version.published}}
    concurrency: {{group: "${{{{ event.flow_id }}}}", policy: queue}}
    steps:
      - {{id: smoke, {call}, url: "http://{target}/smoke"}}
      - {{id: deploy, {call}, url: "http://{target}/deploy"}}
"""
CALL = (
    'target: http, headers: {Authorization: "Bearer ${{ secrets.CI_TOKEN }}"}, '
    'json: {flow: "${{ event.flow_id }}", version: "${{ event.version_id }}"}, '
    "retry: {attempts: 50, delay: 10ms, max_delay: 50ms}"
)


@dataclass(kw_only=True)
class Running:
    """A receiver that listens."""

    process: "subprocess.Popen[str]"
    url: str

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait(LIMIT_S)

    def freeze(self) -> None:
        """Let it stand still, in the middle of whatever it does."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self.process.send_signal(signal.SIGCONT)

    def terminate(self) -> int:
        """Ask it to end; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(LIMIT_S)


@dataclass(frozen=True, kw_only=True)
class Victim:
    """A folder with a config, a database, and the secrets that must show nowhere."""

    folder: Path
    kept: Kept
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    prefix: Sequence[str] = ()
    """What the command is run under, such as a tracer."""

    @property
    def logs(self) -> Path:
        return self.folder / "receiver.log"

    @contextmanager
    def running(self, environ: Mapping[str, str] | None = None) -> Iterator[Running]:
        """A receiver that listens; killed at the end unless it has ended."""
        with self.started(environ or {}) as running:
            assert running.url, self.logs.read_text()
            yield running

    @contextmanager
    def started(self, environ: Mapping[str, str]) -> Iterator[Running]:
        """A receiver that listens, or has ended before it came to that: its URL is empty then."""
        process = self._begun(environ)
        too_slow = threading.Timer(LIMIT_S, process.kill)
        too_slow.start()
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            too_slow.cancel()
            yield Running(process=process, url=json.loads(line)["url"] if line else "")
        finally:
            too_slow.cancel()
            _ended(process)

    def is_settled(self) -> bool:
        """Whether nothing is left to do."""
        return not self.kept.rows(LEFT)

    def _begun(self, environ: Mapping[str, str]) -> "subprocess.Popen[str]":
        with self.logs.open("ab") as log:
            return subprocess.Popen(
                [*self.prefix, *COMMAND, "serve", "--port", "0", "--config", str(self.folder / "receiver.yaml")],
                cwd=self.folder,
                env={
                    "PATH": os.environ["PATH"],
                    "PYTHONPATH": str(ROOT),
                    "DATABASE_URL": self.kept.url,
                    "CI_WEBHOOK_SECRET": self.secret,
                    "CI_TOKEN": self.token,
                    "RECEIVER_ADMIN_TOKEN": self.token,
                    "RECEIVER_SECRET_KEY": self.token,
                    **environ,
                },
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                process_group=0,
            )


def a_victim(folder: Path, *, target: str, kept: Kept | None = None) -> Victim:
    """A receiver whose pipeline calls the target twice for each publication, one publication of a flow at a time."""
    (folder / "receiver.yaml").write_text(CONFIG.format(target=target, call=CALL))
    return Victim(folder=folder, kept=kept or FileKept(path=folder / "receiver.db"))


def _ended(process: "subprocess.Popen[str]") -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(LIMIT_S)
    if process.stdout is not None:
        process.stdout.close()
