"""Checkpoints: what the write-ahead log holds is moved into the database file, between the commits of the one writer.

Left to itself SQLite does it within a commit, and whoever waits for that commit waits for it too. It also lets the log
grow for as long as readers overlap: it begins the log anew only in a moment without any.
"""

import os
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import Connection

from receiver.store import faults
from receiver.store.place import log_of

STEP_BYTES: Final = 16 * 1024 * 1024
"""How long the log becomes before it is moved; what is longer is cut off once it begins anew.

Events wait while it is moved. With a quarter of it one event in a hundred of a long flood waits 31 ms instead of 46;
but a page that is written often is moved more often: among a million events a tenth fewer are recorded [measured].
"""
MOST_BYTES: Final = 32 * 1024 * 1024
"""From here on readers are waited for, so that the log can begin anew."""
PATIENCE_MS: Final = 250
"""How long they are waited for; events wait as well."""
NOTABLE_BYTES: Final = 64 * 1024 * 1024

log = structlog.get_logger(__name__)


class Checkpoints:
    """Keeps the write-ahead log of one database short."""

    def __init__(self, connection: Connection, path: Path, *, step: int = STEP_BYTES, most: int = MOST_BYTES) -> None:
        self._connection = connection
        self._log = log_of(path)
        self._step, self._most = step, most
        self._due_at, self._wait_at = step, most
        self._is_notable = False
        self._run(f"PRAGMA journal_size_limit = {step}")

    def after_commit(self) -> None:
        """Move the log when it has become long enough."""
        size = self._log_size()
        if size <= self._step:  # it has begun anew
            self._due_at, self._wait_at = self._step, self._most
        if size <= self._due_at:
            return
        self._due_at = size + self._step // 4
        try:
            is_moved = self._checkpoint("PASSIVE")
            if size >= self._wait_at:
                is_moved = self._begin_anew()
                self._wait_at = 2 * size  # who reads for long is not waited for again and again
        except faults.DATABASE_FAULTS as exc:
            if faults.is_loss(exc):
                raise
            return  # a full disk: the log holds everything, and the next time may find room
        self._tell(size, is_moved=is_moved)

    def _begin_anew(self) -> bool:
        """Wait a little for the readers that hold on to the log; what is written next goes to its beginning then."""
        [[patience]] = self._run("PRAGMA busy_timeout")
        self._run(f"PRAGMA busy_timeout = {PATIENCE_MS}")
        try:
            return self._checkpoint("RESTART")
        finally:
            self._run(f"PRAGMA busy_timeout = {patience}")

    def _checkpoint(self, mode: str) -> bool:
        """Whether the whole log has been moved."""
        [[is_busy, frames, moved]] = self._run(f"PRAGMA wal_checkpoint({mode})")
        return not is_busy and frames == moved

    def _run(self, pragma: str) -> list[tuple[int, ...]]:
        # On the driver's own cursor: SQLAlchemy would begin a transaction first, in which nothing can be moved.
        cursor = self._connection.connection.cursor()
        cursor.execute(pragma)
        found = [tuple(row) for row in cursor.fetchall()]
        cursor.close()
        return found

    def _log_size(self) -> int:
        try:
            return os.stat(self._log).st_size  # noqa: PTH116 (after every commit: a Path costs more than the call)
        except FileNotFoundError:
            return 0

    def _tell(self, size: int, *, is_moved: bool) -> None:
        """Say once that somebody keeps the log from being moved."""
        is_notable = size >= NOTABLE_BYTES and not is_moved
        if is_notable and not self._is_notable:
            log.warning("the write-ahead log grows: something has been reading for long", bytes=size)
        self._is_notable = is_notable
