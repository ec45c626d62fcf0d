"""Waiting until runs have ended, and telling on the way how they stand."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

from receiver.cli.connection import History
from receiver.cli.exits import CommandError, ExitCode
from receiver.cli.surroundings import Surroundings
from receiver.cli.tables import progress_line
from receiver.model import FLOW_VERSION_PUBLISHED
from receiver.web.views import JsonObject

FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 2.0
EVENTS_LOOKED_AT = 50

Look = Callable[[], Awaitable[Sequence[JsonObject] | None]]
"""The runs that are waited for as they stand now; None while there are none yet."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """Which runs are waited for: one, those of an event, or those of a flow's newest publication."""

    run: str | None = None
    event: str | None = None
    flow: str | None = None
    version: str | None = None

    def look(self, history: History) -> Look:
        """How to look at them."""
        if self.run is not None:
            return lambda: _one(history, str(self.run))
        if self.event is not None:
            return lambda: _of_event(history, str(self.event))
        return lambda: _of_flow(history, str(self.flow), self.version)


async def wait(here: Surroundings, history: History, wanted: Wanted, *, timeout_s: float) -> Sequence[JsonObject]:
    """The runs once all of them have ended; how they stand goes to stderr whenever it changes."""
    console, told = here.console(), ""
    async for runs in _looks(here, wanted.look(history), timeout_s=timeout_s):
        standing = "\n".join(progress_line(run) for run in runs or ())
        if standing != told:
            console.say(standing)
            told = standing
        if runs and all(run["is_final"] for run in runs):
            return runs
    raise CommandError(_too_late(told, timeout_s), code=ExitCode.TIMED_OUT)


async def _looks(here: Surroundings, look: Look, *, timeout_s: float) -> AsyncIterator[Sequence[JsonObject] | None]:
    """What is seen, look after look, until the time is over; a receiver that is away for a while is waited for."""
    end, pause_s = here.monotonic() + timeout_s, FIRST_PAUSE_S
    while True:
        left_s = end - here.monotonic()
        try:
            async with asyncio.timeout(max(left_s, 0.001)):
                runs = await look()
        except TimeoutError:
            return
        except CommandError as exc:
            if exc.code is not ExitCode.TRY_AGAIN:
                raise
            here.console().say(f"{exc} Trying again.")
            runs = None
        yield runs
        if here.monotonic() + pause_s >= end:
            return
        await here.sleep(pause_s)
        pause_s = min(pause_s * 1.5, LONGEST_PAUSE_S)


async def _one(history: History, run_id: str) -> Sequence[JsonObject]:
    return [await history.run(run_id)]


async def _of_event(history: History, event_id: str) -> Sequence[JsonObject]:
    """The runs of an event, or of the publication that it joined."""
    event = await history.event(event_id)
    if not event["runs"]:
        raise CommandError(_nothing_set_off(event), code=ExitCode.NOT_FOUND)
    return [await history.run(run["id"]) for run in event["runs"]]


async def _of_flow(history: History, flow: str, version: str | None) -> Sequence[JsonObject] | None:
    """The runs of the newest event that tells of the flow, and of the version where one is named."""
    filters = {"flow": flow, "type": FLOW_VERSION_PUBLISHED, "faulty": "false"}
    async for event in history.events(filters, limit=EVENTS_LOOKED_AT):
        if version in {None, event["version_id"]}:
            return await _of_event(history, event["id"])
    return None


def _nothing_set_off(event: JsonObject) -> str:
    reasons = "; ".join(f"{verdict['pipeline']}: {verdict['reason']}" for verdict in event["verdicts"])
    return f"Event {event['id']} set off no run: {reasons or 'no pipeline was configured'}."


def _too_late(told: str, timeout_s: float) -> str:
    return f"Not ended within {timeout_s:g} s: {told}." if told else f"No run appeared within {timeout_s:g} s."
