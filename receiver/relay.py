"""The relay: everything that lives as long as the process does, opened together and closed in the right order."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from random import Random

import structlog

from receiver.absences import EVERY_S as ABSENCES_EVERY_S
from receiver.absences import Absences
from receiver.aging import EVERY_S as AGING_EVERY_S
from receiver.aging import Aging
from receiver.attempts import Attempts
from receiver.clock import Clock
from receiver.config import Config
from receiver.dispatcher import Dispatcher
from receiver.doubts import doubts
from receiver.errors import ConfigError, StoreError
from receiver.hearing import EVERY_S as HEARING_EVERY_S
from receiver.hearing import Hearing
from receiver.importing import Importer
from receiver.inbox import Inbox
from receiver.ingest import Ingest
from receiver.keyring import EVERY_S as KEYRING_EVERY_S
from receiver.keyring import SHARED_EVERY_S, Keyring
from receiver.model import Event, Recorded
from receiver.organizations import Organizations
from receiver.polls import LOOK_S, Polls
from receiver.present import Present
from receiver.refusals import Refusal, Refusals
from receiver.store import Database, open_database, save_config
from receiver.sweep import Chore, Sweep
from receiver.tally import Tally
from receiver.targets.network import AddressPolicy
from receiver.targets.sender import Senders, open_senders
from receiver.verify import Gates

SPARE_BYTES = 1024 * 1024
"""What the disk must have left beside the largest body: for runs, steps and indexes."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Provisions:
    """What the relay is given rather than takes: time, chance, and the secrets."""

    secrets: Mapping[str, str]
    clock: Clock
    new_id: Callable[[], str]
    new_secret: Callable[[], str]
    """Makes an unguessable text."""
    rng: Random


class Relay:
    """The receiver at work, as the routes see it."""

    def __init__(
        self,
        *,
        database: Database,
        present: Present,
        policy: AddressPolicy,
        ingest: Ingest,
        hearing: Hearing,
        tally: Tally,
        refusals: Refusals,
        aging: Aging,
        importer: Importer,
        provisions: Provisions,
        on_stop: Callable[[], None],
    ) -> None:
        self.database = database
        self.present = present
        self.ingest = ingest
        self.hearing = hearing
        self.tally = tally
        self.refusals = refusals
        self.aging = aging
        self.importer = importer
        self.clock = provisions.clock
        self.keyring = Keyring(
            database,
            present,
            clock=provisions.clock,
            on_change=self._hang_gates,
            is_shared=database.path is None,
        )
        self._policy = policy
        self._unknown_secret = provisions.new_secret()
        self._hang_gates()
        self._on_stop = on_stop
        self._is_stopping = False

    @property
    def config(self) -> Config:
        """The config that is in force now; a reload puts another one in its place."""
        return self.present.config

    @property
    def is_stopping(self) -> bool:
        """Whether it is about to end: what has come in is finished, nothing new should be sent here."""
        return self._is_stopping

    def begin_stop(self) -> None:
        """Be ready for nothing more, and begin no step and no chore; what is in flight has its grace from now on."""
        self._is_stopping = True
        self._on_stop()

    def refused_unread(self, address: str, status: int, reason: str) -> None:
        """Note a request that was refused before anybody could tell where it wanted to go."""
        self.refusals.add(Refusal(at=self.clock(), source="", address=address, status=status, reason=reason))

    async def is_ready(self) -> bool:
        """Whether an event that came now would be recorded, be it as large as any."""
        return not self._is_stopping and await self.database.is_writable(room=room_needed(self.config))

    async def reload(self, read: Callable[[], tuple[Config, Mapping[str, str]]]) -> None:
        """Read config and secrets again and put them in force; where they are faulty, all stays as it was.

        An attempt that has begun ends by what held when it began; a request is judged by what holds once it is whole.
        """
        now = self.clock()
        try:
            config, secrets = await asyncio.to_thread(read)
            self._check_there(config)
            await self.database.write(lambda conn: save_config(conn, config.digest, config.text, now=now))
        except (ConfigError, StoreError) as exc:
            self._refuse(exc, at=now)
            return
        self.present.put_in_force(config, secrets, at=now)
        self._hang_gates()
        self._policy.deny(config.outbound_deny)
        for warning in (*doubts(config), *self.keyring.warnings()):
            log.warning(warning)
        log.info("config reloaded", file=config.file, digest=config.digest[:12], pipelines=len(config.pipelines))

    def _check_there(self, config: Config) -> None:
        """Refuse to go on without the file of the config in force: that would end every pipeline."""
        if self.config.file and not config.file:
            raise ConfigError([f"The config {self.config.file} is not there any more."])

    def _refuse(self, exc: ConfigError | StoreError, *, at: datetime) -> None:
        faults = exc.faults if isinstance(exc, ConfigError) else (str(exc),)
        self.present.refuse(faults, at=at)
        log.error("config not reloaded: the one before it stays in force", faults=faults)

    def _hang_gates(self) -> None:
        """Let whoever comes in now be held against what is in force now."""
        self.gates = Gates(
            self.config.sources,
            self.present.secrets,
            unknown_secret=self._unknown_secret,
            revoked=self.keyring.revoked,
        )


def room_needed(config: Config) -> int:
    """What the disk must have left for the largest event: it goes into the log, and from there into the file."""
    return 2 * config.max_body_bytes + SPARE_BYTES


@asynccontextmanager
async def open_relay(
    database_url: str, config: Config, provisions: Provisions, *, has_worker: bool = True, grace_s: float = 5.0
) -> AsyncIterator[Relay]:
    """A relay at work; at the end, steps in flight have their grace and are handed back after it."""
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(database_url))
        now = provisions.clock()
        await database.write(lambda conn: save_config(conn, config.digest, config.text, now=now))
        policy = AddressPolicy(config.outbound_deny)
        senders = await stack.enter_async_context(open_senders(policy))
        organizations = Organizations(rng=provisions.rng)
        stack.push_async_callback(organizations.close)
        present, tally = Present(config, provisions.secrets), Tally()
        dispatcher = _dispatcher(database, senders, present, provisions, tally=tally, grace_s=grace_s)
        await stack.enter_async_context(database.bell.hung(dispatcher.wake if has_worker else None))
        works: list[Dispatcher | Sweep] = [dispatcher]
        relay = _relay(
            database, present, provisions, dispatcher, policy=policy, tally=tally, on_stop=lambda: _stop(works)
        )
        await relay.keyring.refresh()
        inbox = relay.ingest.inbox
        await inbox.open()
        polls = _polls(relay, organizations, provisions)
        sweep = Sweep(_chores(relay, polls, has_worker=has_worker), grace_s=grace_s)
        works.append(sweep)
        async with _running(dispatcher, sweep, inbox) if has_worker else _running(sweep, inbox):
            yield relay
        with suppress(StoreError):  # the events themselves tell of the last uses
            await relay.keyring.write_uses()
            await relay.hearing.write()


def _relay(
    database: Database,
    present: Present,
    provisions: Provisions,
    dispatcher: Dispatcher,
    *,
    policy: AddressPolicy,
    tally: Tally,
    on_stop: Callable[[], None],
) -> Relay:
    hearing = Hearing(database, present, clock=provisions.clock)

    def heard(event: Event, recorded: Recorded) -> None:
        hearing.heard(event)
        tally.took_in(event, recorded)

    def wake() -> None:
        dispatcher.wake()
        database.bell.ring()

    ingest = _ingest(database, present, provisions, wake=wake, heard=heard, took=tally.took)
    return Relay(
        database=database,
        present=present,
        policy=policy,
        ingest=ingest,
        hearing=hearing,
        tally=tally,
        refusals=Refusals(),
        aging=Aging(database, lambda: present.config.retention, clock=provisions.clock),
        importer=_importer(database, present, provisions, inbox=ingest.inbox, wake=dispatcher.wake),
        provisions=provisions,
        on_stop=on_stop,
    )


def _dispatcher(
    database: Database, senders: Senders, present: Present, provisions: Provisions, *, tally: Tally, grace_s: float
) -> Dispatcher:
    attempts = Attempts(
        senders,
        config=lambda: present.config,
        secret=present.secret,
        clock=provisions.clock,
        rng=provisions.rng,
    )
    return Dispatcher(
        database, attempts, clock=provisions.clock, new_id=provisions.new_id, grace_s=grace_s, tally=tally
    )


def _ingest(
    database: Database,
    present: Present,
    provisions: Provisions,
    *,
    wake: Callable[[], None],
    heard: Callable[[Event, Recorded], None],
    took: Callable[[float], None],
) -> Ingest:
    return Ingest(
        database,
        lambda: present.config,
        clock=provisions.clock,
        new_id=provisions.new_id,
        wake=wake,
        heard=heard,
        took=took,
    )


def _importer(
    database: Database, present: Present, provisions: Provisions, *, inbox: Inbox, wake: Callable[[], None]
) -> Importer:
    return Importer(
        database,
        lambda: present.config,
        clock=provisions.clock,
        new_id=provisions.new_id,
        first=inbox.wait_until_empty,
        wake=wake,
    )


def _polls(relay: Relay, organizations: Organizations, provisions: Provisions) -> Polls:
    return Polls(
        relay.database,
        relay.ingest,
        organizations,
        present=relay.present,
        clock=provisions.clock,
        new_id=provisions.new_id,
    )


def _chores(relay: Relay, polls: Polls, *, has_worker: bool) -> Sequence[Chore]:
    """What is done again and again; most of it while the worker runs."""
    is_shared = relay.database.path is None
    keyring = Chore(name="keyring", every_s=SHARED_EVERY_S if is_shared else KEYRING_EVERY_S, do=relay.keyring.do)
    hearing = Chore(name="hearing", every_s=HEARING_EVERY_S, do=relay.hearing.write)
    absences = Absences(relay.database, relay.present, relay.hearing, clock=relay.clock)
    of_worker = (
        Chore(name="aging", every_s=AGING_EVERY_S, do=relay.aging.do),
        Chore(name="polls", every_s=LOOK_S, do=polls.make_due, has_grace=True),
        Chore(name="absences", every_s=ABSENCES_EVERY_S, do=absences.do),
    )
    return (keyring, hearing, *of_worker) if has_worker else (keyring, hearing)


@asynccontextmanager
async def _running(*loops: Dispatcher | Inbox | Sweep) -> AsyncIterator[None]:
    """Run what goes on and on beside the body; what the body raises comes out as it is, not in a group."""
    raised: Exception | None = None
    async with asyncio.TaskGroup() as group:
        for loop in loops:
            group.create_task(loop.run(), name=type(loop).__name__.lower())
        try:
            yield
        except Exception as exc:  # raised again below: within the group it would cut off steps in flight
            raised = exc
        finally:
            _stop(loops)
    if raised is not None:
        raise raised


def _stop(loops: Iterable[Dispatcher | Inbox | Sweep]) -> None:
    """Let them begin nothing more."""
    for loop in loops:
        loop.stop()
