"""The checker finds each kind of fault, so that its silence means something."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.torture.checker import Usage, faults
from tests.torture.kept import FileKept
from tests.torture.rounds import Torture, a_torture
from tests.torture.target import Asked

WAITING = "INSERT INTO inbox (id, source, dedupe_key, received_at, headers, body) VALUES ('one', '', '', '', '', '')"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Torture:
    """A round in which nothing bad happened."""
    with a_torture(tmp_path_factory.mktemp("played"), flows=2) as torture:
        assert asyncio.run(torture.finish()) == []
    return torture


@pytest.fixture
def database(played: Torture, tmp_path: Path) -> Path:
    """Its database, to plant a fault in."""
    copy = tmp_path / "receiver.db"
    with (
        closing(sqlite3.connect(played.victim.folder / "receiver.db")) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)
    return copy


def found(torture: Torture, database: Path, statement: str = "SELECT 1", *, asked: list[Asked] | None = None) -> str:
    with closing(sqlite3.connect(database)) as conn, conn:
        conn.execute(statement)
    acked = torture.sender.acked
    return "\n".join(
        faults(FileKept(path=database), acked=acked, asked=torture.target.asked if asked is None else asked)
    )


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("DELETE FROM events WHERE id = (SELECT min(id) FROM events)", "I1 flow-"),
        ("DELETE FROM runs WHERE id = (SELECT min(id) FROM runs)", "I2 event"),
        ("UPDATE steps SET status = 'in_flight' WHERE id = (SELECT min(id) FROM steps)", "is left in_flight"),
        ("DELETE FROM steps WHERE id = (SELECT min(id) FROM steps)", "which is no step"),
        (WAITING, "I2 event one is still in the inbox"),
        ("UPDATE steps SET run_id = 'none' WHERE id = (SELECT min(id) FROM steps)", "I5 a broken link"),
    ],
    ids=["an event is lost", "a run is lost", "a step is stuck", "a step is lost", "one waits", "a link is broken"],
)
def test_what_is_missing_is_found(played: Torture, database: Path, statement: str, fault: str) -> None:
    assert fault in found(played, database, statement)


def test_a_step_that_was_never_sent_is_found(played: Torture, database: Path) -> None:
    assert "the target was never asked" in found(played, database, asked=played.target.asked[1:])


def test_a_step_that_was_sent_twice_is_found(played: Torture, database: Path) -> None:
    first = played.target.asked[0]

    assert f"asked 2 times for step {first.key}" in found(played, database, asked=[*played.target.asked, first])


def test_a_wrong_order_is_found(played: Torture, database: Path) -> None:
    late = [replace(one, version="9.0", key="another") for one in played.target.asked[:1]]

    assert "I8" in found(played, database, asked=[*late, *played.target.asked])


def test_a_secret_in_a_log_is_found(played: Torture, tmp_path: Path) -> None:
    log = tmp_path / "receiver.log"
    log.write_text("sent with hush")

    told = faults(played.victim.kept, acked={}, asked=played.target.asked, secrets=["hush"], logs=[log])

    assert told == ["I6 receiver.log holds a secret"]


def test_memory_and_files_that_are_kept_are_found() -> None:
    before = Usage(memory_kib=50_000, files=20)

    told = list(Usage(memory_kib=90_000, files=60).faults_since(before))

    assert told == ["I7 memory grew from 50000 to 90000 KiB", "I7 open files grew from 20 to 60"]
