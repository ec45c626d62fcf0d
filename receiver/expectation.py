"""What should have been heard and was not: a source that is silent, an announcement that nobody else confirms."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from receiver.config import Config, Poll, Source
from receiver.model import FLOW_VERSION_PUBLISHED
from receiver.silence import Absence, AbsenceKind, Announcement, Heard

SEEN_WITHIN: Final = timedelta(minutes=5)
"""How long after its announcement a publication may be told of by another source."""
LOOKED_BACK: Final = timedelta(hours=24)
"""How old an announcement is when nobody waits for it any more."""


def absences(
    config: Config, heard: Mapping[str, Heard], announcements: Sequence[Announcement], *, now: datetime
) -> Iterator[Absence]:
    """Everything that is absent; `announcements` are those that nothing has followed in time."""
    for source in config.ways_in:
        since = silent_since(source, heard.get(source.name), now=now)
        if since is not None:
            yield Absence(kind=AbsenceKind.EVENTS, subject=source.name, since=since)
    for one in announcements:
        if one.type != FLOW_VERSION_PUBLISHED:
            yield Absence(kind=AbsenceKind.PUBLICATION, subject=one.event_id, since=one.announced_at)
        elif any(_may_confirm(source, heard.get(source.name), one) for source in config.ways_in):
            yield Absence(kind=AbsenceKind.CONFIRMATION, subject=one.event_id, since=one.announced_at)


def silent_since(source: Source | Poll, heard: Heard | None, *, now: datetime) -> datetime | None:
    """Since when a source has been silent, where that is longer than it expects."""
    if source.expect_within_s is None or heard is None:
        return None
    since = heard.last_event_at or heard.watched_since
    return since if now - since > timedelta(seconds=source.expect_within_s) else None


def _may_confirm(source: Source | Poll, heard: Heard | None, announcement: Announcement) -> bool:
    """Whether a source should tell of a publication, too.

    A poll does so of its environment; so does a door of that environment. The door of the announcement itself, or
    one that says nothing of its environment, does so if it has ever brought anything but announcements.
    """
    if isinstance(source, Poll):
        whole = source.environment
        is_there = announcement.environment == whole.name
        return is_there and whole.holds(announcement.flow_name or "", division=whole.division)
    if source.environment is not None and source.environment != announcement.environment:
        return False
    is_another_door = source.environment is not None and source.name != announcement.source
    return is_another_door or (heard is not None and heard.last_told_at is not None)
