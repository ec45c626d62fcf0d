"""The keyring: the secrets that sources are verified with, who still comes in with each, and which are revoked."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

import structlog

from receiver.clock import Clock
from receiver.errors import NotFoundError
from receiver.present import Present
from receiver.store import Database, Revocation, last_uses, note_uses, restore_secret, revocations_of, revoke
from receiver.verify import fingerprint

EVERY_S: Final = 30.0
"""How often uses are written: once for all requests of that time, not once for each."""
SHARED_EVERY_S: Final = 1.0
"""How soon a process hears of what another one on the same database has revoked."""

log = structlog.get_logger(__name__)


class Standing(StrEnum):
    """Whether a secret lets anybody in."""

    ACTIVE = "active"
    REVOKED = "revoked"
    UNSET = "unset"


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownSecret:
    """A secret of the config, without its value."""

    name: str
    """The variable that holds it."""
    standing: Standing
    sources: Sequence[str]
    fingerprint: str | None = None
    """Of the value that is set."""
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None


class Keyring:
    """The secrets of sources, as this process knows them."""

    def __init__(
        self,
        database: Database,
        present: Present,
        *,
        clock: Clock,
        on_change: Callable[[], None] = lambda: None,
        is_shared: bool = False,
    ) -> None:
        self._database = database
        self._is_shared = is_shared
        self._present = present
        self._clock = clock
        self._on_change = on_change
        self._unwritten: dict[str, datetime] = {}
        self._written_at: datetime | None = None
        self._revocations: Mapping[str, Revocation] = {}
        # One look at a time: an older one that came in last would bring a revoked secret back.
        self._looking = asyncio.Lock()

    @property
    def revoked(self) -> frozenset[str]:
        """The fingerprints of values that let nobody in."""
        return frozenset(self._revocations)

    def used(self, name: str, at: datetime) -> None:
        """Note that a secret let a request in. It is called for every event, so it writes nothing."""
        self._unwritten[name] = at

    async def refresh(self) -> None:
        """Learn what is revoked by now, here or by another process."""
        async with self._looking:
            self._learn(await self._database.read(revocations_of))

    async def write_uses(self) -> None:
        """Keep the uses that were noted since the last time."""
        uses, self._unwritten = self._unwritten, {}
        if not uses:
            return
        try:
            await self._database.write(lambda conn: note_uses(conn, uses), settling=True)
        except BaseException:
            self._unwritten = uses | self._unwritten
            raise

    async def do(self) -> None:
        """What is done again and again: hear what others have revoked, where there are any, and write uses."""
        if self._is_shared:
            await self.refresh()
        now = self._clock()
        if self._written_at is None or abs((now - self._written_at).total_seconds()) >= EVERY_S:
            self._written_at = now
            await self.write_uses()

    async def listed(self) -> Sequence[KnownSecret]:
        """Every secret of a source, by name."""
        await self.refresh()
        uses = {**await self._database.read(last_uses), **self._unwritten}
        return [self._known(name, uses.get(name)) for name in sorted(self._sources)]

    async def revoke(self, name: str) -> KnownSecret:
        """Let the present value of a variable open nothing from now on, whatever other names it has.

        That holds in every process on the database, and after a restart.
        """
        value, now = self._value_of(name), self._clock()
        await self._database.write(lambda conn: revoke(conn, value, name=name, now=now), settling=True)
        await self.refresh()
        log.warning("secret revoked", secret=name, fingerprint=value, sources=self._sources[name])
        return await self._one(name)

    async def restore(self, name: str) -> KnownSecret:
        """Let the present value of a variable be as good as before it was revoked."""
        value = self._value_of(name)
        await self._database.write(lambda conn: restore_secret(conn, value), settling=True)
        await self.refresh()
        log.warning("secret restored", secret=name, fingerprint=value, sources=self._sources[name])
        return await self._one(name)

    def warnings(self) -> Iterator[str]:
        """Sources that nobody can come in by, in sentences."""
        for source in self._present.config.sources:
            found = {self._known(name, None).standing for name in source.secrets}
            if source.secrets and Standing.ACTIVE not in found:
                yield f"source {source.name!r} takes nothing in: every secret of it that is set is revoked"

    @property
    def _sources(self) -> Mapping[str, Sequence[str]]:
        """The names of all secrets, each with the sources that it opens."""
        found: dict[str, list[str]] = {}
        for source in self._present.config.sources:
            for name in source.secrets:
                found.setdefault(name, []).append(source.name)
        return found

    def _known(self, name: str, last_used_at: datetime | None) -> KnownSecret:
        value = self._present.secret(name)
        if value is None:
            return KnownSecret(
                name=name, standing=Standing.UNSET, sources=self._sources[name], last_used_at=last_used_at
            )
        known_as = fingerprint(value)
        revocation = self._revocations.get(known_as)
        return KnownSecret(
            name=name,
            standing=Standing.REVOKED if revocation else Standing.ACTIVE,
            sources=self._sources[name],
            fingerprint=known_as,
            last_used_at=last_used_at,
            revoked_at=revocation.revoked_at if revocation else None,
        )

    async def _one(self, name: str) -> KnownSecret:
        return next(known for known in await self.listed() if known.name == name)

    def _value_of(self, name: str) -> str:
        """The fingerprint of what a variable holds."""
        if name not in self._sources:
            known = ", ".join(sorted(self._sources))
            raise NotFoundError(f"No source of the config has the secret {name[:100]!r}; there are {known}.")
        value = self._present.secret(name)
        if value is None:
            raise NotFoundError(f"{name} is not set, so it lets nobody in, and there is no value to revoke or restore.")
        return fingerprint(value)

    def _learn(self, known: Mapping[str, Revocation]) -> None:
        has_changed = known.keys() != self._revocations.keys()
        self._revocations = known
        if has_changed:
            self._on_change()
