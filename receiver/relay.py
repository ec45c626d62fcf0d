"""The relay: everything that lives as long as the process does, opened together and closed in the right order."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from random import Random

from receiver.attempts import Attempts
from receiver.clock import Clock
from receiver.config import Config
from receiver.dispatcher import Dispatcher
from receiver.ingest import Ingest
from receiver.refusals import Refusals
from receiver.store import Database, open_database, save_config
from receiver.targets.sender import Senders, open_senders
from receiver.verify import Gates


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
        config: Config,
        gates: Gates,
        ingest: Ingest,
        refusals: Refusals,
        clock: Clock,
        on_stop: Callable[[], None],
    ) -> None:
        self.database = database
        self.config = config
        self.gates = gates
        self.ingest = ingest
        self.refusals = refusals
        self.clock = clock
        self._on_stop = on_stop
        self._is_stopping = False

    @property
    def is_stopping(self) -> bool:
        """Whether it is about to end: what has come in is finished, nothing new should be sent here."""
        return self._is_stopping

    def begin_stop(self) -> None:
        """Be ready for nothing more, and begin no step; what is in flight has its grace from now on."""
        self._is_stopping = True
        self._on_stop()

    async def is_ready(self) -> bool:
        """Whether an event that came now would be recorded."""
        return not self._is_stopping and await self.database.is_writable()


@asynccontextmanager
async def open_relay(
    database_url: str, config: Config, provisions: Provisions, *, has_worker: bool = True, grace_s: float = 5.0
) -> AsyncIterator[Relay]:
    """A relay at work; at the end, steps in flight have their grace and are handed back after it."""
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(database_url))
        now = provisions.clock()
        await database.write(lambda conn: save_config(conn, config.digest, config.text, now=now))
        senders = await stack.enter_async_context(open_senders(deny=config.outbound_deny))
        dispatcher = _dispatcher(database, senders, config, provisions, grace_s=grace_s)
        relay = _relay(database, config, provisions, dispatcher)
        if not has_worker:
            yield relay
            return
        async with _running(dispatcher):
            yield relay


def _dispatcher(
    database: Database, senders: Senders, config: Config, provisions: Provisions, *, grace_s: float
) -> Dispatcher:
    attempts = Attempts(
        senders,
        config=lambda: config,
        secret=provisions.secrets.get,
        clock=provisions.clock,
        rng=provisions.rng,
    )
    return Dispatcher(database, attempts, clock=provisions.clock, new_id=provisions.new_id, grace_s=grace_s)


def _relay(database: Database, config: Config, provisions: Provisions, dispatcher: Dispatcher) -> Relay:
    return Relay(
        database=database,
        config=config,
        gates=Gates(config.sources, provisions.secrets, unknown_secret=provisions.new_secret()),
        ingest=Ingest(database, config, clock=provisions.clock, new_id=provisions.new_id, wake=dispatcher.wake),
        refusals=Refusals(),
        clock=provisions.clock,
        on_stop=dispatcher.stop,
    )


@asynccontextmanager
async def _running(dispatcher: Dispatcher) -> AsyncIterator[None]:
    """Run the dispatcher beside the body; what the body raises comes out as it is, not in a group."""
    raised: Exception | None = None
    async with asyncio.TaskGroup() as group:
        group.create_task(dispatcher.run(), name="dispatcher")
        try:
            yield
        except Exception as exc:  # raised again below: within the group it would cut off steps in flight
            raised = exc
        finally:
            dispatcher.stop()
    if raised is not None:
        raise raised
