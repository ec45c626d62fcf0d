"""The disk fails: it is full, or a write or a flush to it goes wrong."""

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.torture.kept import FileKept
from tests.torture.rounds import TRACER, Torture, a_torture
from tests.torture.victim import Running
from tests.torture.waiting import until

DISK_KIB = 4_096


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, and a small one."""
    path = tmp_path / "disk"
    path.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_KIB}k", "tmpfs", str(path)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("only root can mount a small disk")
    yield path
    subprocess.run(["umount", str(path)], check=True)


def test_a_full_disk_is_told_and_outlived(tmp_path: Path, disk: Path) -> None:
    with a_torture(tmp_path, kept=FileKept(path=disk / "receiver.db"), flows=2) as torture:
        asyncio.run(filled(torture, disk))
        left = asyncio.run(torture.finish())

    assert torture.sender.answers.keys() == {202, 503}
    assert left == []


@pytest.mark.skipif(TRACER is None, reason="strace is not installed")
@pytest.mark.parametrize(
    "fault", ["fdatasync:error=EIO:when=3", "pwrite64:error=ENOSPC:when=20", "pwrite64:error=EIO:when=31"]
)
def test_a_write_that_fails_loses_nothing(tmp_path: Path, fault: str) -> None:
    with a_torture(tmp_path, flows=2) as torture:
        asyncio.run(torture.with_fault(fault))
        left = asyncio.run(torture.finish())

    assert 500 not in torture.sender.answers
    assert left == []


async def filled(torture: Torture, disk: Path) -> None:
    """Fill the disk under load, look at what it says, and make room again."""
    filler = disk / "filler"
    with torture.victim.running() as running:
        await torture.send(running, most=5)
        fill(filler)
        await torture.load(running, until=lambda: answered(torture, 503))
        readiness, reading = look(running, torture)
        filler.unlink()
        await torture.send(running, most=2)
        await torture.settled()
    assert readiness == 503
    assert reading == 200


async def answered(torture: Torture, status: int) -> None:
    await until(lambda: torture.sender.answers[status] > 0)


def fill(filler: Path) -> None:
    """Leave no room."""
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return


def look(running: Running, torture: Torture) -> tuple[int, int]:
    """What readiness and the history answer."""
    headers = {"Authorization": f"Bearer {torture.victim.token}"}
    with httpx.Client(base_url=running.url, headers=headers, trust_env=False) as client:
        return client.get("/readyz").status_code, client.get("/api/v1/events").status_code
