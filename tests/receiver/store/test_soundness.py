import sqlite3
from pathlib import Path

import pytest

from receiver import store
from receiver.errors import StoreError
from receiver.store import upgrade_database
from receiver.store.engines import writing_engine
from tests.receiver.store.makers import NOON, a_plan, a_run, a_step, an_event
from tests.receiver.store.test_opening import broken_page


@pytest.fixture
def filled(path: Path, url: str) -> Path:
    """A database with a publication and its run of two steps, of which one is due."""
    upgrade_database(url)
    with writing_engine(path).begin() as conn:
        store.record(conn, an_event(), a_plan(a_run(a_step("one"), a_step("two", needs=("one",)))), now=NOON)
    return path


def test_a_database_of_ours_is_sound(filled: Path) -> None:
    assert list(store.look_over(filled)) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("DELETE FROM events", "1 of runs refer to events that are not there"),
        ("UPDATE runs SET status = 'succeeded'", "runs have ended although steps of them have not: 1, such as"),
        ("UPDATE steps SET status = 'skipped', due_at = NULL", "runs go on although all their steps have ended: 1"),
        ("UPDATE steps SET due_at = NULL", "steps are due at no time: 1"),
        ("UPDATE steps SET status = 'unknown' WHERE name = 'one'", "steps were sent without an attempt: 1"),
        ("DELETE FROM publications", "events tell of a publication that is not there: 1"),
        ("UPDATE publications SET number = 2", "flows lack a publication: 1, such as"),
        ("UPDATE publications SET first_event_id = ''", "flows have nothing that tells of what is live: 1"),
    ],
)
def test_what_must_never_be_is_told(filled: Path, change: str, told: str) -> None:
    conn = sqlite3.connect(filled)
    conn.execute(change)
    conn.commit()
    conn.close()

    assert told in " / ".join(store.look_over(filled))


def test_damaged_pages_are_told(filled: Path) -> None:
    broken_page(filled)

    assert "malformed" in " / ".join(store.look_over(filled))


def test_a_file_that_cannot_be_read_is_not_called_damaged(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be read: File name too long"):
        list(store.look_over(tmp_path / ("x" * 300)))
