"""The place of an SQLite database: its file, who owns it, and whether the file can be one of ours."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from receiver.errors import ConfigError, OwnedError, StoreError
from receiver.store.log_file import forgets_commits

GLANCE_S = 0.05
_MAGIC = b"SQLite format 3\0"
_URL_WANTED = "give sqlite:///PATH, such as sqlite:///var/receiver.db, or postgresql://USER:PASSWORD@HOST/DATABASE"


def path_of(url: str) -> Path:
    """The file that a database URL names; where that is a link, what it leads to: else one file had two owners."""
    try:
        read = make_url(url)
    except ArgumentError as exc:
        raise ConfigError([f"DATABASE_URL is no URL of a database; {_URL_WANTED}."]) from exc
    if read.get_backend_name() != "sqlite":
        found = read.get_backend_name()
        raise ConfigError([f"DATABASE_URL names {found!r}, which this release cannot use; {_URL_WANTED}."])
    if read.database in {None, "", ":memory:"}:
        raise ConfigError([f"DATABASE_URL names no file, so nothing would outlive the process; {_URL_WANTED}."])
    path = Path(str(read.database))
    return path.resolve() if path.is_symlink() else path


def check_kind(path: Path) -> None:
    """Refuse what is there and is no file."""
    if path.exists() and not path.is_file():
        what = "a directory" if path.is_dir() else "a device or a pipe"
        raise StoreError(f"{path} is {what}; a database is a file. Name one in DATABASE_URL.")


def check_file(path: Path) -> None:
    """Refuse, before anything touches it, a path that cannot be an SQLite database."""
    try:
        check_kind(path)
        with path.open("rb") as file:
            head = file.read(len(_MAGIC))
    except FileNotFoundError:
        return
    except OSError as exc:
        raise StoreError(f"{path} cannot be read: {exc.strerror}.") from exc
    if head and head != _MAGIC:
        raise StoreError(
            f"{path} is not an SQLite database, or its first bytes are damaged. It was left untouched; "
            "restore a backup, or name another file in DATABASE_URL."
        )


def log_of(path: Path) -> Path:
    """The write-ahead log beside a database."""
    return path.with_name(f"{path.name}-wal")


def part_of(path: Path) -> Path:
    """Where a copy lies until it has been checked."""
    return path.with_name(f"{path.name}.part")


def check_restored(path: Path) -> None:
    """Refuse to begin with nothing where a copy was about to be put in its place."""
    if not path.exists() and part_of(path).exists():
        raise StoreError(
            f"{path} is not there, and {part_of(path)} is: a restore was broken off. Run `receiver db restore` again."
        )


def has_log(path: Path) -> bool:
    """Whether something of a database may be in its log only."""
    log = log_of(path)
    return log.exists() and log.stat().st_size > 0


def check_log(path: Path) -> None:
    """Refuse a write-ahead log that SQLite would throw away, or read only a part of."""
    if not has_log(path):
        return
    log = log_of(path)
    if not path.exists() or path.stat().st_size == 0:
        raise StoreError(
            f"{path} is gone or empty, and its write-ahead log {log.name} is not: SQLite would throw that away. "
            "Put the database back, or move the log elsewhere. Both were left untouched."
        )
    if forgets_commits(log):
        raise StoreError(
            f"{log} is damaged in the middle: SQLite would forget what was committed after that. Both files were "
            "left untouched; copy them, then restore a backup, or move the log elsewhere to go on without it."
        )


def check_idle_log(path: Path) -> None:
    """Refuse such a log, unless somebody owns the file: what is being written to looks damaged in passing."""
    try:
        check_log(path)
    except StoreError:
        if owner_of(path) is None:
            raise


def check_writable(path: Path) -> None:
    """Refuse a file that cannot be written to, or whose folder cannot be."""
    if path.exists() and not os.access(path, os.W_OK):
        raise StoreError(f"{path} cannot be written to; `ls -l {path}` shows whose it is.")
    if not os.access(path.parent, os.W_OK):
        raise StoreError(f"The folder {path.parent} cannot be written to; SQLite keeps a log beside the database.")


def has_room(path: Path, size: int) -> bool:
    """Whether the disk of the file has so many bytes to give; what does not say so is taken at its word."""
    room = room_of(path)
    return room is None or room >= size


def room_of(path: Path) -> int | None:
    """How many bytes the disk of the file has to give; None where it does not say."""
    try:
        disk = os.statvfs(path.parent)
    except OSError:
        return None
    return disk.f_bavail * disk.f_frsize


def owner_of(path: Path) -> str | None:
    """The process that owns the file, by its number; None where nobody does."""
    try:
        descriptor = os.open(_lock_of(path), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _holder(descriptor)
    finally:
        os.close(descriptor)
    return None


def make_private(path: Path) -> None:
    """Let a new database be for its user alone, as it holds every body; SQLite gives the log the same mode."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return
    except OSError as exc:
        raise StoreError(f"{path} cannot be made: {exc.strerror}. The folder must be writable.") from exc


@contextmanager
def owned(path: Path) -> Iterator[None]:
    """Be the one process that writes to this file; the claim ends with the process, however that ends."""
    lock_path = _lock_of(path)
    try:
        check_kind(path)  # before there is a lock beside it
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as exc:
        raise StoreError(f"{lock_path} cannot be made: {exc.strerror}. The folder must be writable.") from exc
    try:
        _lock(descriptor, path)
        yield
    finally:
        os.close(descriptor)  # the file stays: to remove it would let two processes hold two files of one name


def _lock(descriptor: int, path: Path) -> None:
    if not (_is_locked(descriptor) or _is_locked(descriptor, after_s=GLANCE_S)):
        raise OwnedError(
            f"{path} is in use by process {_holder(descriptor)}; an SQLite file has one owner. End that one first, "
            "or name another file in DATABASE_URL."
        )
    # The lock is what counts; the number is for people, and a full disk has no room for it.
    with suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)


def _is_locked(descriptor: int, *, after_s: float = 0.0) -> bool:
    """Whether the lock is ours now; whoever only looks whether anybody owns the file holds it for a moment."""
    time.sleep(after_s)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(descriptor: int) -> str:
    return os.pread(descriptor, 32, 0).decode(errors="replace").strip() or "unknown"


def _lock_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.lock")
