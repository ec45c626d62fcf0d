"""Runs due steps: claims them with a lease, has each attempted, and settles what became of it."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta

import structlog

from receiver.attempts import Attempts, attempt_timeout_s
from receiver.clock import Clock
from receiver.errors import ReceiverError, StoreError, described
from receiver.model import Claim, Settlement
from receiver.states import StepStatus
from receiver.store import (
    Database,
    begin_anew,
    claim_due,
    end_leases,
    extend_lease,
    follow_clock,
    next_due_at,
    settle,
    settling_locks,
)
from receiver.tally import Tally
from receiver.trouble import Trouble

CLAIMS_AT_ONCE = 8
"""Few at a time, so that what is claimed for a target that turns out to be slow leaves seats for the others."""
LEAST_PAUSE_S = 0.02
"""Keeps the loop from spinning where a step is due that cannot be claimed."""
CLOCK_SLACK = timedelta(seconds=1)
"""What a clock is corrected by now and then, without anything being made of it."""
LEASE_MARGIN_S = 5.0
"""What an attempt must leave of its lease, so that it is settled while the lease holds."""
SETTLE_PAUSES_S = (0.1, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""A database that is full, locked or away for half a minute does not cost an answer."""
LONGEST_LAST_PAUSE_S = 2.0
"""Longer ones are not made while stopping."""

log = structlog.get_logger()


class Dispatcher:
    """The loop that has steps done. One of it runs in each process that works."""

    def __init__(
        self,
        database: Database,
        attempts: Attempts,
        *,
        clock: Clock,
        new_id: Callable[[], str],
        seats: int = 32,
        lease_s: float = 60.0,
        poll_s: float = 1.0,
        grace_s: float = 5.0,
        settle_pauses_s: Sequence[float] = SETTLE_PAUSES_S,
        tally: Tally | None = None,
    ) -> None:
        self._database = database
        self._attempts = attempts
        self._clock = clock
        self._new_id = new_id
        self._seats = seats
        self._lease_s = lease_s
        self._poll_s = poll_s
        self._grace_s = grace_s
        self._settle_pauses_s = settle_pauses_s
        self._tally = tally or Tally()
        self._woken = asyncio.Event()
        self._stopping = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        self._seen_at = clock()
        self._stall = Trouble("due steps could not be claimed", "due steps are claimed again")

    def wake(self) -> None:
        """Look for due steps now: one may have just been recorded."""
        self._woken.set()

    def stop(self) -> None:
        """Claim nothing more; `run` returns once what is in flight has ended, or after its grace been broken off."""
        self._stopping.set()
        self._woken.set()

    async def run(self) -> None:
        """Have due steps done until stopped."""
        # An attempt lets no fault escape: one that did would cancel its neighbours.
        async with asyncio.TaskGroup() as group:
            await self._take_over()
            while not self._stopping.is_set():
                self._woken.clear()
                await self._follow_clock()
                wanted = min(self._seats - len(self._running), CLAIMS_AT_ONCE)
                claims = await self._claimed(wanted) if wanted else ()
                for claim in claims or ():
                    self._begin(group, claim)
                if not claims or len(claims) < wanted:
                    await self._rest(self._poll_s if claims is None else await self._pause_s(len(claims)))
            await self._wind_down()

    async def _take_over(self) -> None:
        """Carry on at once with what an earlier process left behind, also where the clock has been set back since."""
        now, ahead = self._clock(), timedelta(0)
        with _outlived("what an earlier process left could not be taken over"):
            ahead = await self._database.write(lambda conn: begin_anew(conn, now=now), settling=True)
            await self._database.write(lambda conn: end_leases(conn, now=now), settling=True)
        if ahead:
            by_s = round(ahead.total_seconds())
            log.warning("the clock was set back before the start; what is due follows it", by_s=by_s)

    async def _follow_clock(self) -> None:
        """Where the clock was set back, let what is due follow it: what waits a second must not wait an hour."""
        before, now = self._seen_at, self._clock()
        self._seen_at, back = now, before - now
        if back <= CLOCK_SLACK:
            return
        with _outlived("what is due could not follow the clock"):
            await self._database.write(lambda conn: follow_clock(conn, now=now, back=back), settling=True)
            log.warning("the clock was set back; what is due follows it", by_s=round(back.total_seconds()))

    async def _claimed(self, limit: int) -> Sequence[Claim] | None:
        """The next due steps, leased; None when the database cannot say."""
        now, lease, busy = self._clock(), self._new_id(), self._attempts.busy_targets
        try:
            claims = await self._database.write(
                lambda conn: claim_due(
                    conn,
                    limit=limit,
                    now=now,
                    lease_s=self._lease_s,
                    new_lease=lease,
                    new_id=self._new_id,
                    except_targets=busy,
                ),
                settling=True,
            )
        except Exception as exc:  # broad, as in `_outlived`
            self._stall.met(exc)
            return None
        self._stall.ended()
        return claims

    def _begin(self, group: asyncio.TaskGroup, claim: Claim) -> None:
        attempt = group.create_task(self._attempt(claim), name=f"attempt {claim.attempt.id}")
        self._running.add(attempt)
        attempt.add_done_callback(self._ended)

    def _ended(self, attempt: asyncio.Task[None]) -> None:
        self._running.discard(attempt)
        self.wake()  # a seat is free, and the next step of the run may be due

    async def _rest(self, pause_s: float) -> None:
        """Wait until woken, or so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(pause_s):
                await self._woken.wait()

    async def _pause_s(self, claimed: int) -> float:
        """How long until the next step is due; at most `poll_s`, so that no jump of the clock stalls anything."""
        due_at = None
        with _outlived("the next due step could not be read"):
            due_at = await self._database.read(next_due_at)
        is_full = len(self._running) >= self._seats or (not claimed and self._attempts.busy_targets)
        if due_at is None or is_full:  # an attempt that ends will wake us
            return self._poll_s
        return min(self._poll_s, max(LEAST_PAUSE_S, (due_at - self._clock()).total_seconds()))

    async def _wind_down(self) -> None:
        """Give what is in flight its grace, then break it off."""
        if self._running:
            await asyncio.wait(tuple(self._running), timeout=self._grace_s)
        self._attempts.cut()

    async def _attempt(self, claim: Claim) -> None:
        settlement = await self._made(claim)
        with _outlived("attempt was not settled; the step is unknown once its lease is over", step=claim.step.id):
            await self._settle(claim, settlement)

    async def _made(self, claim: Claim) -> Settlement:
        with _outlived("attempt broke", step=claim.step.id, attempt=claim.attempt.id):
            lease_s = await self._lease(claim)
            return await self._attempts.make(claim, limit_s=lease_s - LEASE_MARGIN_S)
        return self._attempts.broken(claim)

    async def _lease(self, claim: Claim) -> float:
        """How long the step is leased for: longer than usual where an attempt at it may take long."""
        needed_s = attempt_timeout_s(claim.step)
        if needed_s <= self._lease_s / 2:
            return self._lease_s
        until = self._clock() + timedelta(seconds=needed_s + self._lease_s)
        try:
            await self._database.write(lambda conn: extend_lease(conn, claim, until=until), settling=True)
        except StoreError:
            return self._lease_s  # enough for most; an attempt that needs more is broken off and made again
        return needed_s + self._lease_s

    async def _settle(self, claim: Claim, settlement: Settlement) -> None:
        for pause_s in self._settle_pauses_s:
            try:
                return await self._settle_once(claim, settlement)
            except StoreError:
                if not await self._has_rested(pause_s):
                    break
        return await self._settle_once(claim, settlement)

    async def _has_rested(self, pause_s: float) -> bool:
        """Rest; whether there is time for another try after this one: not where a long rest ends by being stopped."""
        if pause_s <= LONGEST_LAST_PAUSE_S:
            await asyncio.sleep(pause_s)
            return True
        with suppress(TimeoutError):
            async with asyncio.timeout(pause_s):
                await self._stopping.wait()
        return not self._stopping.is_set()

    async def _settle_once(self, claim: Claim, settlement: Settlement) -> None:
        now = self._clock()
        run = await self._database.write(
            lambda conn: settle(conn, claim, settlement, now=now), settling=True, locks=settling_locks(claim)
        )
        if run is not None:
            self._tally.settled(claim, settlement, run)
        _report(claim, settlement, held=run is not None)


@contextmanager
def _outlived(event: str, **fields: str) -> Iterator[None]:
    """Log whatever breaks inside, and go on."""
    try:
        yield
    except Exception as exc:
        # Broad: every step waits for this loop, so no step and no state of the database may end it.
        say = log.warning if isinstance(exc, ReceiverError) else log.error
        say(event, fault=described(exc), **fields)


def _report(claim: Claim, settlement: Settlement, *, held: bool) -> None:
    """One log line for each change of state."""
    step = claim.step
    told = log.bind(step=step.id, name=step.name, target=step.target, run=step.run_id, attempts=step.attempts)
    if not held:
        told.warning("answer came after the lease", status=settlement.status.value)
        return
    say = told.warning if settlement.status in {StepStatus.FAILED, StepStatus.HELD} else told.info
    say(f"step {settlement.status.value}", message=settlement.message)
