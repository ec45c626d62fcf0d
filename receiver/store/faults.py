"""Faults of the database, in the words of the receiver."""

import sqlite3

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from receiver.errors import DiskError, RowError, StoreBusyError, StoreError
from receiver.store import sqlstates

# What passes when somebody frees space, lets go of a lock or mends a mount; primary codes, without their extension.
_PASSING = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_INTERRUPT,
    }
)
_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
# A flush that failed cannot be tried again: the kernel may have dropped what it could not write, and would say yes.
_LOSS = frozenset({sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC})

DATABASE_FAULTS = (SQLAlchemyError, sqlite3.Error)
"""What a database raises: through SQLAlchemy, or from SQLite's own cursor."""


def is_of_the_database(exc: Exception) -> bool:
    """Whether the place, and not the unit of work, is at fault: another unit would fare no better."""
    code = sqlstates.code_of(_orig(exc))
    return sqlstates.is_of_the_database(code) if code else _sqlite_code(exc) in _PASSING | _DAMAGE


def is_worth_repeating(exc: Exception) -> bool:
    """Whether the same work may succeed at once: two were in each other's way, or the connection had gone stale."""
    code = sqlstates.code_of(_orig(exc))
    return bool(code and sqlstates.is_contention(code)) or getattr(exc, "connection_invalidated", False)


def is_misplaced(exc: Exception) -> bool:
    """Whether another server may be the one to write to: this one has become a standby."""
    return sqlstates.code_of(_orig(exc)) == sqlstates.READ_ONLY


def is_loss(exc: Exception) -> bool:
    """Whether the disk has not kept what it was given: nothing may be written before the file has been opened anew."""
    return _extended_code(exc) in _LOSS


def told(exc: Exception) -> Exception:
    """A fault as callers know it; what is no fault of the database stays what it is."""
    if not isinstance(exc, DATABASE_FAULTS) and not sqlstates.code_of(exc):
        return exc
    orig = _orig(exc)  # SQLAlchemy's own text quotes the statement
    if is_loss(exc):
        return DiskError(f"The disk did not keep what it was given ({orig}); nothing more is taken in.")
    code = sqlstates.code_of(orig)
    reason = sqlstates.reason(orig, code) if code else _reason(exc, orig)
    if sqlstates.is_passing(code) if code else _sqlite_code(exc) in _PASSING:
        return StoreBusyError(f"The database cannot take this now: {reason}")
    kind = StoreError if is_of_the_database(exc) else RowError
    return kind(f"The database refuses: {reason}")


def _reason(exc: Exception, orig: BaseException) -> str:
    match _sqlite_code(exc):
        case sqlite3.SQLITE_INTERRUPT:
            return "it took too long."
        case sqlite3.SQLITE_READONLY:
            return f"{orig}. Its file and its folder must be writable, also to read it."
    return f"{orig}."


def cause(exc: Exception) -> Exception | None:
    """The fault as a cause to be shown; none where its text can hold values, as PostgreSQL's does."""
    return None if sqlstates.code_of(_orig(exc)) else exc


def _orig(exc: Exception) -> BaseException:
    return exc.orig or exc if isinstance(exc, DBAPIError) else exc


def _sqlite_code(exc: Exception) -> int | None:
    code = _extended_code(exc)
    return None if code is None else code & 0xFF


def _extended_code(exc: Exception) -> int | None:
    orig = _orig(exc)
    return getattr(orig, "sqlite_errorcode", None) if isinstance(orig, sqlite3.Error) else None
