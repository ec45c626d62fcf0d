"""What damage in the write-ahead log costs, held against what SQLite itself reads."""

import random
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import pytest

from receiver.store.log_file import forgets_commits

ROWS = 30
FRAME = 24 + 4096


@dataclass(frozen=True)
class Copy:
    """A database that was copied while it was being written to, and its log."""

    file: Path
    log: bytes

    def with_log(self, log: bytes) -> Path:
        """The log beside the file, with this content."""
        path = self.file.with_name(f"{self.file.name}-wal")
        path.write_bytes(log)
        return path

    def rows(self, log: bytes) -> int:
        """How many rows SQLite finds with this log."""
        folder = self.file.parent / "read"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        shutil.copy(self.file, folder / "t.db")
        (folder / "t.db-wal").write_bytes(log)
        conn = sqlite3.connect(folder / "t.db")
        found = conn.execute("SELECT count(*) FROM t").fetchone()[0]
        conn.close()
        return int(found)


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """Made by many small commits, one that was undone after it had reached the log, and one more."""
    path = tmp_path / "receiver.db"
    conn = sqlite3.connect(path, isolation_level=None)
    for statement in ("PRAGMA journal_mode=WAL", "CREATE TABLE t (x)", "PRAGMA wal_checkpoint(TRUNCATE)"):
        conn.execute(statement)
    for statement in ("PRAGMA wal_autocheckpoint=0", "PRAGMA cache_size=5"):
        conn.execute(statement)
    for _ in range(ROWS):
        conn.execute("INSERT INTO t VALUES (randomblob(3000))")
    conn.execute("BEGIN")
    conn.execute("INSERT INTO t SELECT randomblob(3000) FROM t LIMIT 25")
    conn.execute("ROLLBACK")
    conn.execute("INSERT INTO t VALUES (randomblob(3000))")
    shutil.copy(path, tmp_path / "copy.db")
    log = path.with_name("receiver.db-wal").read_bytes()
    conn.close()
    return Copy(file=tmp_path / "copy.db", log=log)


def test_a_whole_log_forgets_nothing(copy: Copy) -> None:
    assert not forgets_commits(copy.with_log(copy.log))
    assert copy.rows(copy.log) == ROWS + 1


def test_a_database_without_a_log_forgets_nothing(tmp_path: Path) -> None:
    assert not forgets_commits(tmp_path / "receiver.db-wal")


def test_flipped_bytes_are_found_where_sqlite_would_forget_commits(copy: Copy) -> None:
    chance = random.Random(20260301)  # noqa: S311
    places = [0, 3, 20, *(chance.randrange(len(copy.log)) for _ in range(30))]
    logs = [flipped(copy.log, place) for place in places]

    found = [forgets_commits(copy.with_log(log)) for log in logs]

    # The last commit may be one that a power cut tore: SQLite leaves it out, and so it must.
    assert found == [copy.rows(log) < ROWS for log in logs]


def test_a_log_that_is_cut_off_is_no_damage(copy: Copy) -> None:
    cuts = range(0, len(copy.log), FRAME // 3 * 5)

    assert [cut for cut in cuts if forgets_commits(copy.with_log(copy.log[:cut]))] == []


def test_a_log_that_was_never_flushed_is_no_damage(copy: Copy) -> None:
    assert not forgets_commits(copy.with_log(bytes(10_000)))


def flipped(log: bytes, place: int) -> bytes:
    return log[:place] + bytes([log[place] ^ 0x55]) + log[place + 1 :]
