"""The words of Genesys Cloud that we use: flow, version, operation, registration."""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Operation:
    """What the platform is doing, or last did, with a flow."""

    id: str | None = None
    action: str | None = None
    status: str | None = None
    is_complete: bool = False
    error_code: str | None = None
    error_message: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Flow:
    """A flow as the organization has it. `locked_by` names who is editing it; a draft exists only while somebody is."""

    id: str
    name: str | None = None
    type: str | None = None
    description: str | None = None
    division: str | None = None
    published_version_id: str | None = None
    published_at: datetime | None = None
    published_by: str | None = None
    checked_in_version_id: str | None = None
    draft_saved_at: datetime | None = None
    locked_by: str | None = None
    locked_by_id: str | None = None
    operation: Operation | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Validation:
    """How far the server's own check of a version has come."""

    status: str
    errors: tuple[str, ...] = ()

    @property
    def is_final(self) -> bool:
        """Whether the server has made up its mind."""
        return self.status in {"passed", "failed"}


@dataclass(frozen=True, kw_only=True, slots=True)
class FlowVersion:
    """One version of a flow. Its id is opaque; `number` is read from it where the server names none."""

    id: str
    number: int | None = None
    status: str | None = None
    type: str | None = None
    date_created: datetime | None = None
    date_published: datetime | None = None
    created_by: str | None = None
    validation: Validation | None = None


def version_number(version_id: str) -> int | None:
    """The number in a version's id: 16 of `16.0`; None where it holds none."""
    whole = version_id.partition(".")[0]
    return int(whole) if whole.isascii() and whole.isdigit() and len(whole) < 16 else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Lock:
    """Who is editing a flow, and since when as far as the organization tells."""

    holder: str
    holder_id: str | None = None
    since: datetime | None = None
    draft_saved_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Organization:
    """The organization that the credentials belong to."""

    id: str
    name: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A thing that the organization has by that name: a queue, a prompt, … `category` parts data actions and flows."""

    id: str
    name: str
    category: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RegistrationDraft:
    """A registration as it should be."""

    name: str
    description: str
    type: str
    endpoint_url: str
    events: tuple[str, ...]
    secret: str = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Registration:
    """Our webhook as Genesys knows it. The secret itself is never told; a host may tell a digest of it."""

    id: str
    name: str | None = None
    description: str | None = None
    type: str | None = None
    endpoint_url: str | None = None
    events: tuple[str, ...] = ()
    secret_digest: str | None = None

    def has_secret(self, secret: str) -> bool | None:
        """Whether this is the registration's secret; None where the host does not let us know."""
        if self.secret_digest is None:
            return None
        return hmac.compare_digest(self.secret_digest.encode(), secret_digest(self.id, secret).encode())


def secret_digest(registration_id: str, secret: str) -> str:
    """What may be told of a registration's secret: a digest, with the registration's id as the salt."""
    return "sha256:" + hmac.new(registration_id.encode(), secret.encode(), hashlib.sha256).hexdigest()
