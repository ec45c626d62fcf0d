"""The words of the organization: who does something, flows, versions, operations, locks, and what was done."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """Who does something: an OAuth client, or a person in Architect."""

    id: str
    name: str
    is_user: bool = False

    @classmethod
    def client(cls, client_id: str) -> "Actor":
        """The OAuth client of that id, which is also its name here."""
        return cls(id=client_id, name=client_id)


ALEX = Actor(id="a8f3c6d1-2e4b-47d9-b0c5-6f1e8a7d3924", name="Alex Architect", is_user=True)
ARCHITECT = Actor.client("architect")


@dataclass(frozen=True, kw_only=True, slots=True)
class Compilation:
    """How the server's check of a version goes: so many looks at it find it in progress, or, with None, all of them."""

    polls_left: int | None = 0
    errors: tuple[str, ...] = ()

    @property
    def status(self) -> str:
        """The word for it."""
        if self.polls_left is None or self.polls_left > 0:
            return "in_progress"
        return "failed" if self.errors else "passed"

    def looked_at(self) -> "Compilation":
        """The same, one look later."""
        return replace(self, polls_left=max(0, self.polls_left - 1)) if self.polls_left is not None else self


@dataclass(frozen=True, kw_only=True, slots=True)
class OrgVersion:
    """One version of a flow: a definition of nodes and connections, or the `source` of an Archy file."""

    number: int
    definition: Mapping[str, Any] = field(repr=False)
    source: bytes | None = field(default=None, repr=False)
    compilation: Compilation = Compilation()
    created_at: datetime
    created_by: Actor
    published_at: datetime | None = None

    @property
    def id(self) -> str:
        """The number as the platform writes it."""
        return f"{self.number}.0"


@dataclass(frozen=True, kw_only=True, slots=True)
class OrgOperation:
    """What is, or last was, done with a flow."""

    id: str
    version_id: str
    by: Actor
    action: str = "PUBLISH"
    status: str = "STARTED"
    error: str | None = None

    @property
    def is_complete(self) -> bool:
        """Whether it is over, one way or the other."""
        return self.status in {"SUCCESS", "FAILURE"}


@dataclass(frozen=True, kw_only=True, slots=True)
class OrgLock:
    """Who has a flow checked out, and when the draft was last saved, where anything was."""

    by: Actor
    since: datetime
    draft_saved_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class OrgFlow:
    """A flow with all its versions."""

    id: str
    name: str
    type: str
    description: str = ""
    division: str = "Home"
    versions: Mapping[str, OrgVersion] = field(default_factory=dict)
    published_id: str | None = None
    published_by: Actor | None = None
    operation: OrgOperation | None = None
    lock: OrgLock | None = None
    is_deleted: bool = False

    @property
    def latest(self) -> OrgVersion | None:
        """The version that was made last."""
        return max(self.versions.values(), key=lambda version: version.number, default=None)

    @property
    def published(self) -> OrgVersion | None:
        """The version that is live."""
        return self.versions.get(self.published_id) if self.published_id else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Deed:
    """One thing that was done with a flow, as its history and the audits tell it."""

    id: str
    flow_id: str
    flow_name: str
    action: str
    version_id: str | None
    by: Actor
    at: datetime
    has_succeeded: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class OrgRegistration:
    """A webhook as the organization knows it."""

    id: str
    name: str
    description: str
    type: str
    endpoint_url: str
    events: tuple[str, ...]
    secret: str = field(repr=False)
