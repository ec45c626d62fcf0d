import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import insert

from receiver import store
from receiver.errors import OwnedError, StoreError
from receiver.store import open_database, tables, upgrade_database
from receiver.store.engines import writing_engine
from tests.receiver.store.makers import NOON, a_plan, a_run, an_event
from tests.receiver.store.test_crash import WRITE_FOR_EVER
from tests.receiver.store.test_opening import broken_head, broken_page, configs, leave_a_log, made_by_somebody_else

STAMP = "20260301T120000Z"


@pytest.fixture
def filled(path: Path, url: str) -> Path:
    """A database with one event."""
    upgrade_database(url)
    add_event(path)
    return path


def add_event(path: Path) -> None:
    with writing_engine(path).begin() as conn:
        store.record(conn, an_event(), a_plan(a_run()), now=NOON)


def events(path: Path) -> list[str]:
    conn = sqlite3.connect(path)
    found = [row[0] for row in conn.execute("SELECT id FROM events ORDER BY id")]
    conn.close()
    return found


def test_a_backup_is_the_database_as_it_was(filled: Path, tmp_path: Path) -> None:
    before = events(filled)

    copy = store.back_up(filled, tmp_path / "copy.db")
    add_event(filled)

    assert events(tmp_path / "copy.db") == before
    assert copy.size == (tmp_path / "copy.db").stat().st_size
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600


def test_what_is_in_the_log_only_is_backed_up_too(filled: Path, tmp_path: Path) -> None:
    leave_a_log(filled)

    store.back_up(filled, tmp_path / "copy.db")

    assert configs(tmp_path / "copy.db") == 3


def test_what_was_acknowledged_before_a_backup_under_load_is_in_it(url: str, path: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITE_FOR_EVER, url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writing:
        assert writing.stdout is not None
        told = [writing.stdout.readline().strip() for _ in range(300)]
        store.back_up(path, tmp_path / "copy.db")
        assert writing.poll() is None
        writing.kill()

    assert set(events(tmp_path / "copy.db")) >= set(told)
    assert list(store.look_over(tmp_path / "copy.db")) == []


def test_a_backup_takes_no_older_copys_place(filled: Path, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_text("older")

    with pytest.raises(StoreError, match="exists already"):
        store.back_up(filled, tmp_path / "copy.db")

    assert (tmp_path / "copy.db").read_text() == "older"


def test_a_backup_that_fails_leaves_nothing(filled: Path, tmp_path: Path) -> None:
    conn = sqlite3.connect(filled)
    conn.execute("PRAGMA foreign_keys = OFF")
    conn.execute("DELETE FROM events")
    conn.commit()
    conn.close()

    with pytest.raises(StoreError, match="is not sound: 1 of runs refer to events that are not there"):
        store.back_up(filled, tmp_path / "copy.db")

    assert list(tmp_path.glob("copy*")) == []


def test_what_an_earlier_attempt_left_is_not_played_into_a_backup(filled: Path, tmp_path: Path) -> None:
    for name in ("copy.db.part", "copy.db.part-journal", "copy.db.part-wal"):
        (tmp_path / name).write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + bytes(1_000))

    store.back_up(filled, tmp_path / "copy.db")

    assert events(tmp_path / "copy.db") == events(filled)
    assert [path.name for path in tmp_path.glob("copy.db*")] == ["copy.db"]


def test_a_backup_wants_a_folder(filled: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"nowhere/copy\.db cannot be used: No such file"):
        store.back_up(filled, tmp_path / "nowhere/copy.db")


def test_there_must_be_something_to_back_up(path: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="There is no database in"):
        store.back_up(path, tmp_path / "copy.db")


def test_a_backup_is_put_in_the_place_of_the_database_which_is_kept(filled: Path, tmp_path: Path) -> None:
    store.back_up(filled, tmp_path / "copy.db")
    add_event(filled)
    leave_a_log(filled)
    filled.chmod(0o640)

    copy = store.restore(tmp_path / "copy.db", filled, stamp=STAMP)

    assert copy.replaced == filled.with_name(f"receiver.db.replaced-{STAMP}")
    assert events(filled) == events(tmp_path / "copy.db")
    assert len(events(copy.replaced)) == 2
    assert configs(copy.replaced) == 3
    assert filled.stat().st_mode & 0o777 == 0o640


def test_a_backup_can_be_put_where_nothing_was(filled: Path, tmp_path: Path) -> None:
    store.back_up(filled, tmp_path / "copy.db")

    copy = store.restore(tmp_path / "copy.db", tmp_path / "new/receiver.db", stamp=STAMP)

    assert copy.replaced is None
    assert events(tmp_path / "new/receiver.db") == events(filled)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        pytest.param(broken_head, "not an SQLite database", id="no database"),
        pytest.param(broken_page, "damaged|malformed", id="damaged"),
        pytest.param(made_by_somebody_else, "a database of something else", id="another program's"),
    ],
)
def test_a_bad_backup_changes_nothing(
    filled: Path, tmp_path: Path, damage: Callable[[Path], None], message: str
) -> None:
    store.back_up(filled, tmp_path / "copy.db")
    damage(tmp_path / "copy.db")
    before = filled.read_bytes()

    with pytest.raises(StoreError, match=message):
        store.restore(tmp_path / "copy.db", filled, stamp=STAMP)

    assert filled.read_bytes() == before
    assert list(tmp_path.glob("*.replaced*")) == []


@pytest.mark.anyio
async def test_nothing_is_put_in_the_place_of_a_database_in_use(filled: Path, url: str, tmp_path: Path) -> None:
    store.back_up(filled, tmp_path / "copy.db")

    async with open_database(url):
        with pytest.raises(OwnedError):
            store.restore(tmp_path / "copy.db", filled, stamp=STAMP)
        with pytest.raises(OwnedError):
            store.vacuum(filled)


def test_two_restores_at_once_lose_nothing(filled: Path, tmp_path: Path) -> None:
    store.back_up(filled, tmp_path / "copy.db")
    store.restore(tmp_path / "copy.db", filled, stamp=STAMP)

    with pytest.raises(StoreError, match="exists already; move it elsewhere first"):
        store.restore(tmp_path / "copy.db", filled, stamp=STAMP)

    assert events(filled) == events(tmp_path / "copy.db")


def test_vacuum_gives_space_back(filled: Path) -> None:
    with writing_engine(filled).begin() as conn:
        conn.execute(insert(tables.configs), {"digest": "large", "text": "x" * 1_000_000, "loaded_at": NOON})
    with writing_engine(filled).begin() as conn:
        conn.execute(tables.configs.delete())

    before, after = store.vacuum(filled)

    assert before - after > 900_000
    assert filled.stat().st_size == after
    assert list(store.look_over(filled)) == []
