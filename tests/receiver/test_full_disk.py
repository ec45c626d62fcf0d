"""What the receiver does when the disk has no room, will not flush, or is held by somebody else."""

import itertools
import os
import resource
import shutil
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from receiver.store.engines import BUSY_S
from tests.receiver.relays import a_body, a_world
from tests.receiver.test_cli_serving import ENVIRON, Process, served

TOKEN = "an admin token"
WITH_TOKEN = {**ENVIRON, "RECEIVER_ADMIN_TOKEN": TOKEN}
ROOM = 8 * 1024 * 1024


def asked(receiver: Process, path: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    return httpx.get(f"{receiver.url}{path}", headers=headers, trust_env=False)


def statuses(receiver: Process) -> tuple[int, int, int]:
    """How an event, a look at readiness and a look at the history are answered."""
    return (
        receiver.send().status_code,
        asked(receiver, "/readyz").status_code,
        asked(receiver, "/api/v1/events").status_code,
    )


def taken_in(receiver: Process) -> list[str]:
    """The events that it takes in until it takes in no more."""
    answers = (receiver.send(a_body(id=f"event-{number}")) for number in itertools.count())
    return [answer.json()["id"] for answer in itertools.takewhile(lambda answer: answer.status_code == 202, answers)]


def limit_files(receiver: Process, size: int) -> None:
    """Let the process write no file beyond so many bytes."""
    resource.prlimit(receiver.popen.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def test_a_file_that_may_not_grow_stops_taking_in_but_not_looking(tmp_path: Path) -> None:
    with served(tmp_path, environ=WITH_TOKEN) as receiver:
        before = statuses(receiver)
        limit_files(receiver, 4096)
        refused = receiver.send()
        full = statuses(receiver)
        limit_files(receiver, resource.RLIM_INFINITY)
        after = statuses(receiver)
        _, _, err = receiver.end()

    assert (before, full, after) == ((202, 200, 200), (503, 503, 200), (202, 200, 200))
    assert refused.headers["retry-after"] == "5"
    assert "Traceback" not in err


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 8 MiB, where the user may mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", str(disk)]
    if subprocess.run(command, check=False, capture_output=True).returncode != 0:
        pytest.skip("only root can mount a small disk")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def fill(disk: Path, *, but: int) -> Path:
    """Leave so much room on it."""
    free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
    filler = disk / "filler"
    filler.write_bytes(bytes(free - but))
    return filler


def test_a_full_disk_is_recovered_from_without_a_restart(small_disk: Path) -> None:
    with served(small_disk, environ=WITH_TOKEN) as receiver:
        before = statuses(receiver)
        filler = fill(small_disk, but=0)
        full = [statuses(receiver) for _ in range(3)][-1]
        filler.unlink()
        after = statuses(receiver)
        receiver.end()

    assert (before, full, after) == ((202, 200, 200), (503, 503, 200), (202, 200, 200))


def test_a_disk_without_room_for_the_largest_event_is_not_ready(small_disk: Path) -> None:
    with served(small_disk, environ=WITH_TOKEN) as receiver:
        fill(small_disk, but=1024 * 1024)
        small, ready, _ = statuses(receiver)
        receiver.end()

    assert (small, ready) == (202, 503)


def test_a_start_on_a_full_disk_is_one_line(small_disk: Path) -> None:
    fill(small_disk, but=0)

    with pytest.raises(AssertionError, match="full") as caught, served(small_disk):
        pass

    assert "Traceback" not in str(caught.value)


@pytest.mark.anyio
async def test_a_lock_of_somebody_foreign_is_answered_503_and_leaks_no_thread(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.send()
        threads = threading.active_count()
        foreign = sqlite3.connect(tmp_path / "receiver.db", isolation_level=None)
        foreign.execute("BEGIN IMMEDIATE")
        started = time.monotonic()

        answer = await world.send(a_body(id="second"))

        waited = time.monotonic() - started
        ready = await world.client.get("/readyz")
        foreign.close()
        after = await world.send(a_body(id="fourth"))
        threads_after = threading.active_count()

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert waited < BUSY_S + 1.5
    assert (ready.status_code, after.status_code) == (503, 202)
    assert threads_after == threads


@pytest.fixture
def failing_flushes() -> tuple[str, ...]:
    """What has the flushes of a process fail after a while, where that can be had."""
    tracing = ("strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync")
    if shutil.which("strace") is None or subprocess.run([*tracing, "true"], check=False).returncode != 0:
        pytest.skip("only strace can have a flush fail")
    return (*tracing, "-e", "inject=fdatasync:error=EIO:when=16+")


def test_after_a_flush_that_failed_it_ends_and_forgets_nothing(
    tmp_path: Path, failing_flushes: tuple[str, ...]
) -> None:
    with served(tmp_path, environ=WITH_TOKEN, under=failing_flushes) as receiver:
        taken = taken_in(receiver)
        code = receiver.popen.wait(timeout=10)

    assert code == 1
    assert taken
    with served(tmp_path, environ=WITH_TOKEN) as receiver:
        listed = asked(receiver, "/api/v1/events").json()["items"]
        receiver.end()
    assert {event["id"] for event in listed} >= set(taken)
