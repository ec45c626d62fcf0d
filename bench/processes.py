"""Processes to be measured: started, waited for, looked at, ended."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
SECRET = uuid.uuid4().hex
START_S = 60.0
SETTLE_S = 10.0
TICK_S = 0.2
IDLE_SHARE = 0.1
"""A process that takes no more of a processor than this is at rest."""
RECEIVER = (sys.executable, "-c", "import sys; from receiver.cli import main; sys.exit(main())")


class MissingError(Exception):
    """What was to be measured is not installed here."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Running:
    """Processes that take a load together."""

    urls: Sequence[str]
    pids: Sequence[int]
    kept: Callable[[], set[str] | int] = set
    """What is found of the events that came, by id or by number, whether they run or not."""

    @property
    def cpu_s(self) -> float:
        """The processor time that they have taken."""
        ticks = 0
        for pid in self.pids:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def settle(self) -> None:
        """Wait until they have done what the load has left them to do: else it slows down who comes next."""
        ends_at = time.monotonic() + SETTLE_S
        before = -1.0
        while (now := self.cpu_s) - before > IDLE_SHARE * TICK_S and time.monotonic() < ends_at:
            before = now
            time.sleep(TICK_S)

    @property
    def memory_mb(self) -> float:
        """The most memory that one of them has held."""
        return max(_most_memory_mb(pid) for pid in self.pids)

    def lost_of(self, acknowledged: Sequence[str]) -> int:
        """How many of the acknowledged events are not found."""
        kept = self.kept()
        return max(0, len(acknowledged) - kept) if isinstance(kept, int) else len(set(acknowledged) - kept)

    def kill(self) -> None:
        """End them as a power cut would: nothing is flushed, nobody is asked."""
        for pid in self.pids:
            os.kill(pid, signal.SIGKILL)


@contextmanager
def receivers(folder: Path, *, count: int = 1, **more: str) -> Iterator[Running]:
    """Some of our own processes on one database."""
    environ = {"CI_WEBHOOK_SECRET": SECRET, **more}
    with _ended() as started:
        running = [_start((*RECEIVER, "serve", "--port", "0"), folder, environ, started) for _ in range(count)]
        yield Running(urls=[_told(process) for process in running], pids=[process.pid for process in running])


@contextmanager
def rival(kind: str, folder: Path) -> Iterator[Running]:
    """One of the rivals that are written here."""
    with _ended() as started:
        process = _start(
            (sys.executable, "-m", "bench.endpoints", kind), folder, {"CI_WEBHOOK_SECRET": SECRET}, started
        )
        yield Running(urls=[_told(process)], pids=[process.pid])


@contextmanager
def program(command: Sequence[str], folder: Path, *, port: int) -> Iterator[Running]:
    """A program of somebody else, once it listens."""
    with _ended() as started:
        process = _start(command, folder, {"HOME": str(folder)}, started)
        _await_port(port, process)
        yield Running(urls=[f"http://127.0.0.1:{port}"], pids=[process.pid])


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
        return port


def _start(
    command: Sequence[str], folder: Path, environ: Mapping[str, str], started: "list[subprocess.Popen[bytes]]"
) -> "subprocess.Popen[bytes]":
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environ}
    process = subprocess.Popen(command, cwd=folder, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    started.append(process)
    return process


@contextmanager
def _ended() -> "Iterator[list[subprocess.Popen[bytes]]]":
    """What is started is ended, whatever happens."""
    started: list[subprocess.Popen[bytes]] = []
    try:
        yield started
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(timeout=30)
            if process.stdout is not None:
                process.stdout.close()


def _told(process: "subprocess.Popen[bytes]") -> str:
    """The address that a process of ours says it listens on."""
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, f"{process.args!r} did not start"
    url: str = json.loads(line)["url"]
    return url


def _await_port(port: int, process: "subprocess.Popen[bytes]") -> None:
    ends_at = time.monotonic() + START_S
    while time.monotonic() < ends_at and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise MissingError(f"{process.args!r} did not start")


def _most_memory_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
