"""Intervals and durations in the words of ISO 8601, as queries give them."""

import re
from datetime import UTC, datetime, timedelta

from publisher.sandbox.errors import ApiError

DURATION = re.compile(r"P(?:(\d{1,4})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?")


def read_moment(text: object) -> datetime:
    """A time; without a zone it is UTC."""
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError as exc:
        raise ApiError(400, "invalid.date", f"{text!r} is no date and time of ISO 8601.") from exc
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def read_interval(text: object) -> tuple[datetime, datetime]:
    """Two times with a slash between them."""
    start, _, end = str(text).partition("/")
    since, until = read_moment(start), read_moment(end)
    if since >= until:
        raise ApiError(400, "invalid.value", f"The interval {text!r} ends before it begins.")
    return since, until


def read_duration(text: object) -> timedelta:
    """A duration such as PT30M or P1D."""
    found = DURATION.fullmatch(str(text))
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (0, 0, 0, 0)
    length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if not length:
        raise ApiError(400, "invalid.value", f"{text!r} is no duration of ISO 8601, such as PT30M.")
    return length
