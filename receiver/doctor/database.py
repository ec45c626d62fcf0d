"""What there is to say of a database: its library, file and disk, or its server; and its content."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from receiver.aging import WARN_AT
from receiver.config import Config
from receiver.doctor.finding import Finding, Health
from receiver.relay import room_needed
from receiver.store import ServerVitals, Vitals, has_reset_bug

CHECK: Final = "database"
OTHERS: Final = 0o077
LONG_LOG: Final = 64 * 1024 * 1024
MOST_AHEAD: Final = timedelta(minutes=1)
MOST_APART: Final = timedelta(seconds=2)
"""From the server's clock: two machines are then less far apart than what an attempt leaves of its lease."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Surface:
    """What a database lies on, where that is worth a warning."""

    short_lived: str | None = None
    distant: str | None = None


def library_finding(version: tuple[int, ...]) -> Finding:
    """The version of SQLite, and whether it has the fault that two writing connections can meet."""
    found = f"SQLite {'.'.join(map(str, version))}"
    if not has_reset_bug(version):
        return Finding(check=CHECK, found=found)
    return Finding(
        check=CHECK,
        health=Health.WARNING,
        found=f"{found} can corrupt a file that two connections write to while its log is reset",
        advice=(
            "the receiver writes through one connection alone, so let no other program write to the file; "
            "SQLite 3.51.3, 3.50.7 and 3.44.6 have it mended (https://sqlite.org/wal.html#walresetbug)"
        ),
    )


def file_findings(vitals: Vitals, surface: Surface, config: Config, *, now: datetime) -> Iterator[Finding]:
    """How the file is, in the order in which one would look."""
    yield _schema(vitals)
    yield _owner(vitals)
    yield _mode(vitals)
    yield _room(vitals, room_needed(config))
    yield from _surface(surface)
    yield from _log(vitals)
    yield from _aside(vitals)
    yield from _content(vitals, config, now=now)


def server_findings(vitals: ServerVitals, config: Config, *, now: datetime) -> Iterator[Finding]:
    """How a database on a server is."""
    yield Finding(check=CHECK, found=f"PostgreSQL {vitals.version}, with the schema of this release")
    if not vitals.writes_full_pages:
        yield _half_pages()
    yield _agreement(vitals.ahead)
    yield from _content(vitals, config, now=now)


def _half_pages() -> Finding:
    return Finding(
        check=CHECK,
        health=Health.WARNING,
        found="PostgreSQL runs with full_page_writes = off: a power cut can leave pages that nothing mends",
        advice="set it to on, unless the server's file system never writes a page by halves, as ZFS",
    )


def _agreement(ahead: timedelta) -> Finding:
    """How this machine's clock stands to the server's, which those of all other machines are held to as well."""
    if abs(ahead) <= MOST_APART:
        return Finding(check="clock", found="agrees with the database server's")
    is_ahead = ahead > timedelta(0)
    where = "ahead of" if is_ahead else "behind"
    follows = "what others have leased it takes over" if is_ahead else "what it has leased others take over"
    return Finding(
        check="clock",
        health=Health.WARNING,
        found=f"it is {abs(ahead).total_seconds():,.0f} s {where} the database server's",
        advice=f"set both by NTP: {follows} too early, so that a call may be made twice",
    )


def _schema(vitals: Vitals) -> Finding:
    found = f"{vitals.path}, {_size(vitals.size)}, schema {vitals.revision}"
    if vitals.is_current:
        return Finding(check=CHECK, found=found)
    advice = "`receiver serve` brings it up to date, and so does `receiver db upgrade`"
    return Finding(
        check=CHECK,
        health=Health.WARNING,
        found=f"{found}, which is older than this release's",
        advice=advice,
        command="receiver db upgrade",
    )


def _owner(vitals: Vitals) -> Finding:
    if vitals.owner is None:
        return Finding(check="owner", found="no process uses it")
    return Finding(check="owner", found=f"process {vitals.owner} uses it", command="receiver events list")


def _mode(vitals: Vitals) -> Finding:
    if not vitals.mode & OTHERS:
        return Finding(check="mode", found=f"{vitals.mode:o}: nobody else can read what came in")
    return Finding(
        check="mode",
        health=Health.WARNING,
        found=f"{vitals.mode:o}: others on this machine may read what came in",
        advice=f"chmod 600 {vitals.path}",
    )


def _room(vitals: Vitals, needed: int) -> Finding:
    if vitals.free is None:
        return Finding(check="disk", health=Health.SKIPPED, found="it does not say how much room it has")
    found = f"{_size(vitals.free)} free"
    if vitals.free >= max(10 * needed, vitals.size // 2):
        return Finding(check="disk", found=found)
    advice = "give it room; below that for the largest event, events are answered 503"
    return Finding(check="disk", health=Health.WARNING, found=f"{found}, which is little", advice=advice)


def _surface(surface: Surface) -> Iterator[Finding]:
    if surface.short_lived:
        found, advice = f"the file lies in {surface.short_lived}", "name one on a disk that lasts in DATABASE_URL"
        yield Finding(check="disk", health=Health.WARNING, found=found, advice=advice)
    if surface.distant:
        found = f"the file lies on another machine's disk ({surface.distant})"
        advice = "file locks and shared memory do not work there: use a local disk, or PostgreSQL"
        yield Finding(check="disk", health=Health.WARNING, found=found, advice=advice)


def _log(vitals: Vitals) -> Iterator[Finding]:
    if vitals.log_size > LONG_LOG:
        found = f"the write-ahead log has {_size(vitals.log_size)}"
        advice = "something has been reading for long, such as an open transaction in an sqlite3 shell: end it"
        yield Finding(check="log", health=Health.WARNING, found=found, advice=advice)


def _aside(vitals: Vitals) -> Iterator[Finding]:
    if vitals.aside:
        found = f"deliveries that could not be recorded as events: {vitals.aside}"
        advice = "the log of `receiver serve` tells the fault of each; they are kept, and tried again at every start"
        yield Finding(check="inbox", health=Health.WARNING, found=found, advice=advice)


def _content(vitals: Vitals | ServerVitals, config: Config, *, now: datetime) -> Iterator[Finding]:
    most = config.retention.max_bytes
    if most and vitals.used is not None:
        yield _fill(vitals.used, most)
    yield _clock(vitals.newest_at, now)


def _fill(used: int, most: int) -> Finding:
    found = f"{_size(used)} of {_size(most)} (retention.max_size) in use"
    if used < WARN_AT * most:
        return Finding(check="size", found=found)
    advice = "beyond that the oldest events go; raise retention.max_size, or keep bodies and events for less long"
    return Finding(check="size", health=Health.WARNING, found=found, advice=advice)


def _clock(newest_at: datetime | None, now: datetime) -> Finding:
    if newest_at is None or newest_at - now <= MOST_AHEAD:
        return Finding(check="clock", found=f"it is {now:%Y-%m-%d %H:%M} UTC")
    return Finding(
        check="clock",
        health=Health.WARNING,
        found=f"it is {now:%Y-%m-%d %H:%M} UTC, and the last event came in at {newest_at:%Y-%m-%d %H:%M}",
        advice="set this machine's clock by NTP: it was ahead, or is behind",
    )


def _size(number: int) -> str:
    """A number of bytes for people."""
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if number >= size:
            return f"{number / size:.1f} {unit}"
    return f"{number} bytes"
