"""A power cut, played by cutting off a copy of the write-ahead log: what is there is what had been committed."""

import shutil
import sqlite3
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from receiver import store
from receiver.store import look_over, upgrade_database
from receiver.store.engines import writing_engine
from receiver.store.place import log_of
from tests.receiver.store.makers import NOON, a_plan, a_run, an_event

SECTOR = 512
COMMITS = 6


@dataclass(frozen=True)
class Recording:
    """A database whose log was never moved, and how long the log was after each commit."""

    path: Path
    ends: tuple[int, ...]
    events: tuple[str, ...]


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    path = tmp_path / "origin.db"
    upgrade_database(f"sqlite:///{path}")
    events = [an_event(flow_id=f"flow-{number}") for number in range(COMMITS)]
    ends = []
    with writing_engine(path).connect() as conn:
        for event in events:
            with conn.begin():
                store.record(conn, event, a_plan(a_run(group_key=event.id)), now=NOON)
            ends.append(log_of(path).stat().st_size)
        shutil.copy(path, tmp_path / "copy.db")
        shutil.copy(log_of(path), tmp_path / "copy.db-wal")
    return Recording(path=tmp_path / "copy.db", ends=tuple(ends), events=tuple(event.id for event in events))


def after_a_cut(recording: Recording, cut: int) -> list[str]:
    """The events in a database whose log was cut off there, once it has been opened as the receiver does."""
    path = recording.path.with_name("cut.db")
    shutil.copy(recording.path, path)
    log_of(path).write_bytes(log_of(recording.path).read_bytes()[:cut])
    upgrade_database(f"sqlite:///{path}")
    assert list(look_over(path)) == []
    conn = sqlite3.connect(path)
    found = [row[0] for row in conn.execute("SELECT id FROM events ORDER BY id")]
    conn.close()
    return found


def test_a_cut_anywhere_leaves_whole_commits_and_all_that_lie_before_it(recording: Recording) -> None:
    cuts = [*range(0, recording.ends[-1], 19 * SECTOR), *recording.ends]

    found = [after_a_cut(recording, cut) for cut in cuts]

    assert all(start < end for start, end in pairwise(recording.ends))
    assert found == [list(recording.events[: sum(end <= cut for end in recording.ends)]) for cut in cuts]
