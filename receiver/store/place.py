"""The place of an SQLite database: its file, who owns it, and whether the file can be one of ours."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from receiver.errors import ConfigError, OwnedError, StoreError

_MAGIC = b"SQLite format 3\0"
_URL_WANTED = "give sqlite:///PATH, such as sqlite:///var/receiver.db"


def path_of(url: str) -> Path:
    """The file that a database URL names."""
    try:
        read = make_url(url)
    except ArgumentError as exc:
        raise ConfigError([f"DATABASE_URL is no URL of a database; {_URL_WANTED}."]) from exc
    if read.get_backend_name() != "sqlite":
        found = read.get_backend_name()
        raise ConfigError([f"DATABASE_URL names {found!r}, which this release cannot use; {_URL_WANTED}."])
    if read.database in {None, "", ":memory:"}:
        raise ConfigError([f"DATABASE_URL names no file, so nothing would outlive the process; {_URL_WANTED}."])
    return Path(str(read.database))


def check_file(path: Path) -> None:
    """Refuse, before anything touches it, a path that cannot be an SQLite database."""
    try:
        if path.is_dir():
            raise StoreError(f"{path} is a directory; a database is a file. Name one in DATABASE_URL.")
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


def check_writable(path: Path) -> None:
    """Refuse a file that cannot be written to, or a new one whose folder cannot be."""
    if path.exists() and not os.access(path, os.W_OK):
        raise StoreError(f"{path} cannot be written to; `ls -l {path}` shows whose it is.")


@contextmanager
def owned(path: Path) -> Iterator[None]:
    """Be the one process that writes to this file; the claim ends with the process, however that ends."""
    lock_path = path.with_name(path.name + ".lock")
    try:
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
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as exc:
        owner = os.pread(descriptor, 32, 0).decode(errors="replace").strip() or "unknown"
        raise OwnedError(
            f"{path} is in use by process {owner}; an SQLite file has one owner. End that one first, "
            "or name another file in DATABASE_URL."
        ) from exc
    # The lock is what counts; the number is for people, and a full disk has no room for it.
    with suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
