"""The time, and ids that sort by it."""

from collections.abc import Callable
from datetime import UTC, datetime

import uuid_utils

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The present time, aware, in UTC."""
    return datetime.now(UTC)


def new_id() -> str:
    """A UUIDv7 (RFC 9562): later ids of one process sort after earlier ones, even within a millisecond."""
    return str(uuid_utils.uuid7())


def in_utc(moment: datetime) -> datetime:
    """A time in UTC; without a zone it is in UTC already. One before the year 1 there overflows."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def rfc3339(moment: datetime) -> str:
    """A time as `2026-11-23T22:31:04.250Z`: to the millisecond, which is what ids sort by."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def first_id(at: datetime) -> str:
    """What no id that is made at that time or later sorts before."""
    digits = f"{max(0, int(at.timestamp() * 1000)):012x}"
    return f"{digits[:8]}-{digits[8:]}"
