"""Flows that somebody else is editing: who it is and since when, waiting for them, and taking the lock away."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from publisher.deadline import Deadline
from publisher.genesys.client import GenesysClient
from publisher.genesys.errors import GenesysError, LockedError
from publisher.genesys.model import Flow, Lock
from publisher.genesys.wire import utc_now
from publisher.voice import Voice

LOOK_S = 10.0
"""How long to wait before each further look at a lock."""

Answer = TypeVar("Answer")


@dataclass(frozen=True, kw_only=True, slots=True)
class Locks:
    """What to do about locks: fail, unless there is time to wait, or somebody agreed to take one away."""

    client: GenesysClient
    deadline: Deadline
    sleep: Callable[[float], Awaitable[None]]
    clock: Callable[[], datetime] = utc_now
    own_id: str = ""
    """The id of our OAuth client: a lock that it holds is no obstacle."""
    wait_s: float = 0.0
    forced: set[str] = field(default_factory=set)
    """The flows that somebody agreed to unlock."""

    async def past(
        self, flow: Flow | None, attempt: Callable[[Flow | None], Awaitable[Answer]], *, voice: Voice
    ) -> Answer:
        """The answer to an attempt that a lock can refuse, made again once the lock is gone.

        The attempt gets the flow as it last was; whoever held the lock may have put something live meanwhile.
        """
        left_s = self.wait_s
        while True:
            try:
                return await attempt(flow)
            except LockedError as exc:
                lock = await self.lock_of(flow)
                if left_s <= 0 or flow is None:
                    raise self._explained(exc, flow, lock) from exc
                if left_s == self.wait_s:
                    voice.say(f"{self.sentence(flow, lock)}; waiting up to {span(timedelta(seconds=left_s))} for it")
            flow, left_s = await self._awaited(flow, left_s, voice=voice)

    async def taken_away(self, flow: Flow | None, *, voice: Voice) -> Flow | None:
        """The flow without its lock, if somebody agreed to take it away."""
        if flow is None or flow.id not in self.forced:
            return flow
        async with self.deadline.limit("unlocking the flow"):
            free = await self.client.unlock(flow.id)
        self.forced.discard(flow.id)
        voice.say(f"flow {flow.name!r} was unlocked; what {flow.locked_by} had saved is a version of it now")
        return free

    def is_locked(self, flow: Flow | None) -> bool:
        """Whether somebody else is editing a flow."""
        return flow is not None and flow.locked_by is not None and flow.locked_by_id != self.own_id

    async def lock_of(self, flow: Flow | None) -> Lock | None:
        """Who is editing a flow, as far as can be found out."""
        if flow is None:
            return None
        try:
            found = await self.client.lock(flow.id)
        except GenesysError:
            found = None  # who it is is a courtesy: the lock itself matters more
        return found or (Lock(holder=flow.locked_by, holder_id=flow.locked_by_id) if flow.locked_by else None)

    def sentence(self, flow: Flow, lock: Lock | None) -> str:
        """Who is editing a flow, since when, and what they have saved."""
        if lock is None:
            return f"flow {flow.name!r} is locked"
        said = f"flow {flow.name!r} is locked by {lock.holder}"
        if lock.since is not None:
            said += f" since {at(lock.since)} ({span(self.clock() - lock.since)})"
        return said + (f", with a draft saved at {at(lock.draft_saved_at)}" if lock.draft_saved_at else "")

    async def _awaited(self, flow: Flow, left_s: float, *, voice: Voice) -> tuple[Flow, float]:
        """The flow once nobody else is editing it, or the time is over; and how much time is left."""
        voice.stage("Waiting for the lock")
        async with self.deadline.limit("waiting for the lock"):
            while left_s > 0:
                voice.detail(f"another {span(timedelta(seconds=left_s))}")
                pause_s = min(LOOK_S, left_s)
                await self.sleep(pause_s)
                left_s -= pause_s
                flow = await self.client.flow(flow.id)
                if not self.is_locked(flow):
                    break
        return flow, left_s

    def _explained(self, error: LockedError, flow: Flow | None, lock: Lock | None) -> LockedError:
        """The error with who it is, and what one can do."""
        if flow is None or lock is None:
            return error
        said = self.sentence(flow, lock)
        return LockedError(
            f"{error}\n{said[0].upper()}{said[1:]}. `--wait-for-lock 10m` waits for it; on a terminal, `--force-unlock`"
            " takes the lock away.",
            code=error.code,
            status=error.status,
            correlation_id=error.correlation_id,
        )


def refuse_locked(flow: Flow) -> LockedError:
    """The error that says that a flow need not be tried."""
    return LockedError(
        f"Could not publish flow {flow.name!r}: someone else is editing it. Have them check it in or unlock it in"
        " Architect, then try again.",
        code="flow.locked",
    )


def at(moment: datetime) -> str:
    """A moment, to the minute."""
    return f"{moment:%Y-%m-%d %H:%M} {moment.tzname() or ''}".rstrip()


def span(duration: timedelta) -> str:
    """How long something is: `2 d 3 h`, `1 h 5 min`, `4 min`, `20 s`."""
    seconds = max(0, round(duration.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86_400
    if days:
        return f"{days} d {hours % 24} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"
