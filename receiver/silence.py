"""The words for what is heard, and for what should have been and was not."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AbsenceKind(StrEnum):
    """What it is that is absent."""

    EVENTS = "events"
    """Events of a source, for longer than it expects."""
    CONFIRMATION = "confirmation"
    """Another source's word on a publication that was announced."""
    PUBLICATION = "publication"
    """A publication that was announced to be under way."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Absence:
    """Something that is absent."""

    kind: AbsenceKind
    subject: str
    """The source, or the id of the event that announced it."""
    since: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """When a source was heard from."""

    source: str
    watched_since: datetime
    """When the config was first in force with this source in it."""
    last_event_at: datetime | None = None
    last_told_at: datetime | None = None
    """When it last brought something that was no announcement of the publisher."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Announcement:
    """What the publisher told of a version that it brings live."""

    event_id: str
    type: str
    source: str
    environment: str | None
    flow_id: str | None
    flow_name: str | None
    version_id: str | None
    announced_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenAbsence:
    """Something that is absent now, with the announcement that it belongs to."""

    absence: Absence
    announcement: Announcement | None = None
