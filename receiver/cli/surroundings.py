"""What the commands get from outside: environment, streams, time, chance and the network."""

import asyncio
import os
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TextIO

import httpx
import typer

from receiver.cli import streams
from receiver.cli.console import Console
from receiver.clock import Clock, new_id, utc_now


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """Everything that a command does not make itself; tests hand in their own."""

    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ), repr=False)
    input: TextIO = field(default_factory=streams.stdin)
    out: TextIO = field(default_factory=streams.stdout)
    err: TextIO = field(default_factory=streams.stderr)
    clock: Clock = utc_now
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    new_id: Callable[[], str] = new_id
    new_secret: Callable[[], str] = secrets.token_urlsafe
    transport: httpx.AsyncBaseTransport | None = None
    """What requests go through; None: the network."""

    def console(self, *, as_json: bool = False) -> Console:
        """Where the command's words go."""
        return Console(out=self.out, err=self.err, as_json=as_json)


def around(context: typer.Context) -> Surroundings:
    """The surroundings that a command was called in."""
    return context.ensure_object(Surroundings)
