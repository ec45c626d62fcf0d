"""How a database is, and the library or server that keeps it: what a doctor looks at, changing nothing."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, func, select

from receiver.clock import Clock
from receiver.store import engines, faults, place, schema
from receiver.store.clocks import time_ahead
from receiver.store.inbox import count_aside
from receiver.store.size import size_of
from receiver.store.tables import events

Version = tuple[int, ...]

MENDED_IN: Final[Version] = (3, 51, 3)
BACKPORTED: Final[tuple[tuple[Version, Version], ...]] = (((3, 44, 6), (3, 45, 0)), ((3, 50, 7), (3, 51, 0)))
"""From each first version on, and before each second one, the fault was mended too: https://sqlite.org/changes.html"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Vitals:
    """How an SQLite database is."""

    path: Path
    mode: int
    size: int
    log_size: int
    free: int | None
    """What the disk has left; None where it does not say."""
    owner: str | None
    """The process that uses it."""
    revision: str | None
    used: int | None = None
    newest_at: datetime | None = None
    """When the last event came in."""
    aside: int = 0
    """How many deliveries could not be recorded."""

    @property
    def is_current(self) -> bool:
        """Whether it has the schema of this release."""
        return self.revision == schema.REVISIONS[-1]


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerVitals:
    """How a database on a PostgreSQL server is."""

    version: str
    """The server's, in its own words."""
    used: int
    newest_at: datetime | None
    """When the last event came in."""
    ahead: timedelta = timedelta(0)
    """How far this machine's clock is ahead of the server's; less than nothing where it is behind."""
    writes_full_pages: bool = True
    """Whether a page that a crash of the machine leaves half written can be mended from its log."""


def vitals_of(path: Path) -> Vitals | None:
    """How an SQLite database is, None where there is none; one that is damaged, or not ours, is refused."""
    place.check_file(path)
    place.check_idle_log(path)
    owner = place.owner_of(path)
    if not path.exists():
        return None
    revision = schema.schema_of(path, is_alone=owner is None)
    inside = _inside(path, is_alone=owner is None) if revision == schema.REVISIONS[-1] else (None, None, 0)
    used, newest_at, aside = inside
    return Vitals(
        path=path,
        mode=path.stat().st_mode & 0o777,
        size=path.stat().st_size,
        log_size=place.log_of(path).stat().st_size if place.has_log(path) else 0,
        free=place.room_of(path),
        owner=owner,
        revision=revision,
        used=used,
        newest_at=newest_at,
        aside=aside,
    )


def sqlite_version() -> Version:
    """The version of the SQLite library that Python uses here."""
    return sqlite3.sqlite_version_info


def has_reset_bug(version: Version) -> bool:
    """Whether this version can corrupt a database when two connections write and move its log at the same time."""
    return version < MENDED_IN and not any(first <= version < beyond for first, beyond in BACKPORTED)


def server_vitals_of(conn: Connection, clock: Clock) -> ServerVitals:
    """How a database on a PostgreSQL server is, and how far this machine's clock is from the server's."""
    version, full_pages = conn.exec_driver_sql(
        "SELECT current_setting('server_version'), current_setting('full_page_writes')"
    ).one()
    return ServerVitals(
        version=version,
        used=size_of(conn),
        newest_at=_newest_at(conn),
        ahead=time_ahead(conn, clock),
        writes_full_pages=full_pages == "on",
    )


def _inside(path: Path, *, is_alone: bool) -> tuple[int | None, datetime | None, int]:
    engine = engines.looking_engine(path, is_alone=is_alone)
    try:
        with engine.connect() as conn:
            return size_of(conn), _newest_at(conn), count_aside(conn)
    except faults.DATABASE_FAULTS as exc:
        raise faults.told(exc) from exc
    finally:
        engine.dispose()


def _newest_at(conn: Connection) -> datetime | None:
    return conn.execute(select(func.max(events.c.received_at))).scalar()
