"""What is kept of the secrets of sources: when each let a request in last, and which values are revoked.

No secret is here: a value is known by its fingerprint, the same that people are shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, select, update

from receiver.store.dialect import insert_if_new
from receiver.store.tables import events, revocations, secret_uses

RECENT_EVENTS = 1_000
"""So many of the newest events are looked at for uses that no process has noted yet."""

_ADD_USE = insert_if_new(secret_uses, "name")
_LATER_USE = (
    update(secret_uses)
    .where(secret_uses.c.name == bindparam("of"), secret_uses.c.last_used_at < bindparam("at"))
    .values(last_used_at=bindparam("at"))
)
_RECENT = select(events.c.secret, events.c.received_at).order_by(events.c.id.desc()).limit(RECENT_EVENTS).subquery()
_RECENT_USES = (
    select(_RECENT.c.secret, func.max(_RECENT.c.received_at).label("at"))
    .where(_RECENT.c.secret.is_not(None))
    .group_by(_RECENT.c.secret)
)
_REVOKE = insert_if_new(revocations, "fingerprint")


@dataclass(frozen=True, kw_only=True, slots=True)
class Revocation:
    """A value that lets nobody in any more."""

    fingerprint: str
    name: str
    """The variable that held it then."""
    revoked_at: datetime


def note_uses(conn: Connection, uses: Mapping[str, datetime]) -> None:
    """Keep when secrets let a request in; a use that is known to be later stays."""
    for name, at in uses.items():
        conn.execute(_ADD_USE[conn.dialect.name], {"name": name, "last_used_at": at})
        conn.execute(_LATER_USE, {"of": name, "at": at})


def last_uses(conn: Connection) -> Mapping[str, datetime]:
    """When each secret let a request in last, by its name."""
    found = {row.name: row.last_used_at for row in conn.execute(select(secret_uses))}
    for row in conn.execute(_RECENT_USES):
        found[row.secret] = max(row.at, found.get(row.secret, row.at))
    return found


def revocations_of(conn: Connection) -> Mapping[str, Revocation]:
    """Everything that is revoked, by fingerprint."""
    return {row["fingerprint"]: Revocation(**row) for row in conn.execute(select(revocations)).mappings()}


def revoke(conn: Connection, fingerprint: str, *, name: str, now: datetime) -> None:
    """Keep that a value is revoked; once is enough."""
    conn.execute(_REVOKE[conn.dialect.name], {"fingerprint": fingerprint, "name": name, "revoked_at": now})


def restore_secret(conn: Connection, fingerprint: str) -> None:
    """Let a value be as good as before."""
    conn.execute(delete(revocations).where(revocations.c.fingerprint == fingerprint))
