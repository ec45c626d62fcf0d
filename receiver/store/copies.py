"""Copies of an SQLite database: made while it is in use, and put back in its place."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from receiver.errors import StoreError
from receiver.store import engines, faults, place, schema
from receiver.store.soundness import check_sound

PAGES: Final = 4096
"""How many pages are copied before a signal can end it."""
_PRIVATE: Final = 0o600


@dataclass(frozen=True, kw_only=True, slots=True)
class Copy:
    """A copy that has been made, and what lies beside it now."""

    file: Path
    size: int
    replaced: Path | None = None
    """Where the file lies whose place it took."""


def back_up(path: Path, file: Path) -> Copy:
    """Copy a database, which may be in use, to a new file: as it is now, checked, and whole or not at all."""
    _check_there(path)
    if file.exists():
        raise StoreError(f"{file} exists already; name a new file, so that no older copy is lost.")
    with _made(path, file) as part:
        os.rename(part, file)  # noqa: PTH104 (beside its fellow below)
    _keep(file.parent)
    return Copy(file=file, size=file.stat().st_size)


def restore(file: Path, path: Path, *, stamp: str) -> Copy:
    """Put a copy in the place of a database that nobody is using; the one that was there is kept beside it."""
    _check_there(file)
    with place.owned(path):
        place.check_writable(path)
        with _made(file, path) as part:
            _own_like(path, part)
            replaced = _set_aside(path, stamp=stamp)
            os.rename(part, path)  # noqa: PTH104
        _keep(path.parent)
    return Copy(file=path, size=path.stat().st_size, replaced=replaced)


def vacuum(path: Path) -> tuple[int, int]:
    """Write a database that nobody is using anew, without its gaps; its size before and after."""
    _check_there(path)
    with place.owned(path):
        place.check_writable(path)
        before = path.stat().st_size
        if not place.has_room(path, 2 * before):
            raise StoreError(
                f"The disk of {path} has no room for this: it takes twice the {before} bytes of the file for a while."
            )
        with _told(path), closing(engines.connect_writing(path)) as conn:
            for statement in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
                conn.execute(statement)
    return before, path.stat().st_size


def _check_there(path: Path) -> None:
    """Refuse what is no database of ours, or damaged."""
    place.check_file(path)
    place.check_idle_log(path)
    if schema.schema_of(path) is None:
        raise StoreError(f"There is no database in {path}.")


@contextmanager
def _made(source: Path, file: Path) -> Iterator[Path]:
    """A checked copy of a database beside where it is to be; gone again unless it is taken from there."""
    part = place.part_of(file)
    try:
        with _told(file):
            _clear(part)  # a journal that was left there would be played into the copy
            os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _PRIVATE))
            _copy(source, part)
            _keep(part)
        check_sound(part)
        yield part
    finally:
        _clear(part)


def _copy(source: Path, target: Path) -> None:
    with closing(engines.connect_reading(source)) as origin, closing(sqlite3.connect(target)) as copy:
        # In one transaction, whose state of things stands: else each commit of the owner would begin the copying anew.
        origin.execute("BEGIN")
        origin.execute("SELECT count(*) FROM sqlite_master").fetchone()
        origin.backup(copy, pages=PAGES)


def _set_aside(path: Path, *, stamp: str) -> Path | None:
    """Move a database and its log elsewhere; the database first, since without its log it would look whole."""
    if not path.exists():
        return None
    kept = path.with_name(f"{path.name}.replaced-{stamp}")
    if kept.exists():
        raise StoreError(f"{kept} exists already; move it elsewhere first.")
    os.rename(path, kept)  # noqa: PTH104
    if place.has_log(path):
        os.rename(place.log_of(path), place.log_of(kept))  # noqa: PTH104
    for left in _beside(path):
        left.unlink(missing_ok=True)
    return kept


def _own_like(path: Path, part: Path) -> None:
    """Let a copy belong to whom the file belongs whose place it takes, if we may."""
    if path.exists():
        found = path.stat()
        part.chmod(found.st_mode & 0o777)
        with suppress(PermissionError):
            os.chown(part, found.st_uid, found.st_gid)


def _clear(part: Path) -> None:
    """Remove what an attempt at a copy has left."""
    for left in (part, *_beside(part), part.with_name(f"{part.name}-journal")):
        left.unlink(missing_ok=True)


def _beside(path: Path) -> tuple[Path, Path]:
    """The log of a database, and the index of the log."""
    return place.log_of(path), path.with_name(f"{path.name}-shm")


def _keep(path: Path) -> None:
    """Have what a file holds, or the names in a folder, on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _told(file: Path) -> Iterator[None]:
    try:
        yield
    except faults.DATABASE_FAULTS as exc:
        raise faults.told(exc) from exc
    except OSError as exc:
        named = file if exc.filename == str(place.part_of(file)) else exc.filename or file
        raise StoreError(f"{named} cannot be used: {exc.strerror}.") from exc
