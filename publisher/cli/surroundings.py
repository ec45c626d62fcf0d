"""What the commands get from outside: environment, streams, time, chance and the network.

The event loop and the network take longer to load than hundreds of files take to check, and the commands that ask
nobody do without them: they are loaded where they are first used.
"""

import getpass
import os
import random
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

from publisher.cli import streams
from publisher.cli.console import Console

if TYPE_CHECKING:
    import httpx

Answer = TypeVar("Answer")


def utc_now() -> datetime:
    """The present time, aware, in UTC."""
    return datetime.now(UTC)


def new_id() -> str:
    """A UUIDv7: later ids sort after earlier ones."""
    import uuid_utils  # noqa: PLC0415

    return str(uuid_utils.uuid7())


def environment() -> Mapping[str, str]:
    """The process's variables, as text that can be sent: what is not UTF-8 in them becomes U+FFFD."""
    return {name: os.fsencode(value).decode(errors="replace") for name, value in os.environ.items()}


async def addresses(host: str) -> Sequence[str]:
    """The addresses of a host, as the machine's resolver gives them."""
    from publisher.cli import loop  # noqa: PLC0415

    return await loop.addresses(host)


async def sleep(delay_s: float) -> None:
    """Let the others work for so long."""
    import asyncio  # noqa: PLC0415

    await asyncio.sleep(delay_s)


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """Everything that a command does not make itself; tests hand in their own."""

    environ: Mapping[str, str] = field(default_factory=environment, repr=False)
    out: TextIO = field(default_factory=streams.stdout)
    err: TextIO = field(default_factory=streams.stderr)
    answers: TextIO = field(default_factory=streams.stdin)
    read_secret: Callable[[str], str] = getpass.getpass
    """Asks the terminal for something that is not to be shown."""
    clock: Callable[[], datetime] = utc_now
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = sleep
    new_id: Callable[[], str] = new_id
    rng: random.Random = field(default_factory=random.Random)
    resolve: Callable[[str], Awaitable[Sequence[str]]] = addresses
    """Looks up the addresses of a host; OSError where there are none."""
    transport: "httpx.AsyncBaseTransport | None" = None
    """What requests go through; None: the network, by way of the proxies that the environment names."""

    @property
    def wants_colours(self) -> bool:
        """Whether stdout is a terminal, and nobody minds colours there."""
        return self.out.isatty() and not self.environ.get("NO_COLOR")

    def console(self, *, as_json: bool) -> Console:
        """Where the command's words go."""
        return Console(out=self.out, err=self.err, as_json=as_json)


def run(work: Coroutine[Any, Any, Answer]) -> Answer:
    """Run the work to its end. Ctrl-C and SIGTERM end it at once, with every task that it started: StoppedError."""
    from publisher.cli import loop  # noqa: PLC0415

    return loop.run(work)
