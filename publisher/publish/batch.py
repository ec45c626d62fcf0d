"""Many orders at once: some at a time, each after those that it refers to, each with an ending of its own."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from publisher.audit import NO_FLOW, Action
from publisher.errors import PublisherError, WaitTimeoutError
from publisher.genesys.errors import CredentialsError, GenesysError, UnreachableError
from publisher.publish.ending import Ending, Failure, Fate
from publisher.publish.gates import Decision, Gate, Refuse, Skip, decided
from publisher.publish.order import Candidate, Order
from publisher.publish.publisher import Publisher
from publisher.publish.sequence import Turn, sequence
from publisher.trail import Stage, Trail
from publisher.voice import Voice


@dataclass(frozen=True, kw_only=True, slots=True)
class Company:
    """Whoever listens to a batch."""

    voice_of: Callable[[Order], Voice]
    ended: Callable[[Ending, Trail], None]
    """Is told of each ending at once, and how far it had come."""
    monotonic: Callable[[], float]


@dataclass(kw_only=True, slots=True)
class Place:
    """One order's place in a batch."""

    order: Order
    turn: Turn
    trail: Trail
    candidate: Candidate | None = None
    has_begun: bool = False
    ending: Ending | None = None
    done: asyncio.Event = field(default_factory=asyncio.Event)


class Batch:
    """Takes all its orders to the organization."""

    def __init__(
        self,
        publisher: Publisher,
        orders: Sequence[Order],
        *,
        company: Company,
        gates: Sequence[Gate] = (),
        concurrency: int,
    ) -> None:
        turns = sequence([order.flow for order in orders])
        self.places = [
            Place(order=order, turn=turn, trail=Trail(file=order.file, flow_id=order.flow_id))
            for order, turn in zip(orders, turns, strict=True)
        ]
        self._publisher = publisher
        self._company = company
        self._gates = gates
        self._seats = asyncio.Semaphore(concurrency)
        self._stopped_by: Failure | None = None

    @property
    def endings(self) -> list[Ending]:
        """How it ended, for all orders for which it has."""
        return [place.ending for place in self.places if place.ending is not None]

    async def prepare(self) -> list[tuple[Candidate, Turn]]:
        """Find the flow of each order, and decide on each; what is still to be sent then. Changes nothing."""
        await self._publisher.prepare([place.order for place in self.places])
        async with asyncio.TaskGroup() as group:
            for place in self.places:
                group.create_task(self._find(place), name=f"find {place.order.file}")
        await self._decide()
        return [(place.candidate, place.turn) for place in self._open() if place.candidate is not None]

    async def run(self) -> list[Ending]:
        """Prepare, and send. However it ends, what was not tried is recorded."""
        try:
            await self.prepare()
            async with asyncio.TaskGroup() as group:
                for place in self._open():
                    group.create_task(self._take(place), name=f"publish {place.order.file}")
        finally:
            self._note_untried()
        return self.endings

    async def _find(self, place: Place) -> None:
        async with self._seats:
            if self._stopped_by is not None:
                self._end(place, Fate.NOT_TRIED, reason="the command ended before it")
                return
            try:
                place.candidate = await self._publisher.find(place.order)
                place.trail.flow = place.candidate.flow
            except (PublisherError, GenesysError) as exc:
                self._fail(place, exc)

    async def _decide(self) -> None:
        places = self._open()
        candidates = [place.candidate for place in places if place.candidate is not None]
        for place, decision in zip(places, await decided(candidates, self._gates), strict=True):
            self._apply(place, decision)

    def _apply(self, place: Place, decision: Decision) -> None:
        match decision:
            case Skip(reason=reason):
                self._publisher.means.audit.skip(
                    Action.CREATE_VERSION,
                    f"{place.order.file}: unchanged; {reason}",
                    flow_id=place.trail.flow.id if place.trail.flow else NO_FLOW,
                )
                self._end(place, Fate.UNCHANGED, reason=reason)
            case Refuse(error=error):
                self._publisher.means.audit.fail(Action.CREATE_VERSION, error)
                self._fail(place, error)

    async def _take(self, place: Place) -> None:
        """Send one order once its turn has come."""
        for number in sorted(place.turn.after):
            await self.places[number].done.wait()
        async with self._seats:
            obstacle = self._obstacle(place)
            if obstacle is None:
                await self._send(place)
            else:
                self._end(place, Fate.NOT_TRIED, reason=obstacle)

    def _obstacle(self, place: Place) -> str | None:
        """Why an order is not to be tried."""
        if self._stopped_by is not None:
            return "the command ended before it"
        before = [self.places[number] for number in sorted(place.turn.after)]
        missing = [other.order.file for other in before if is_missing(other)]
        return f"it refers to what is in {', '.join(missing)}, and that is not live" if missing else None

    async def _send(self, place: Place) -> None:
        started = self._company.monotonic()
        place.has_begun = True
        try:
            result = await self._publisher_of(place).publish(
                place.order,
                trail=place.trail,
                candidate=place.candidate,
                voice=self._company.voice_of(place.order),
                needs_stubs=bool(place.turn.stubs),
            )
        except (PublisherError, GenesysError) as exc:
            self._fail(place, exc, latency_ms=self._since_ms(started))
            return
        latency_ms = self._since_ms(started)
        self._settle(place, Ending.of_result(place.order, result, latency_ms=latency_ms))

    def _publisher_of(self, place: Place) -> Publisher:
        if len(self.places) == 1:
            return self._publisher
        return self._publisher.among_others(place.order.file, stand_aside=self._stand_aside)

    async def _stand_aside(self, delay_s: float) -> None:
        """Sleep, and let others have the seat meanwhile."""
        self._seats.release()
        try:
            await self._publisher.means.sleep(delay_s)
        finally:
            await self._seats.acquire()

    def _fail(self, place: Place, error: Failure, *, latency_ms: int = 0) -> None:
        if concerns_all(error):
            self._stopped_by = error
        self._settle(place, Ending(order=place.order, fate=Fate.FAILED, error=error, latency_ms=latency_ms))

    def _end(self, place: Place, fate: Fate, *, reason: str) -> None:
        self._settle(place, Ending(order=place.order, fate=fate, reason=reason))

    def _settle(self, place: Place, ending: Ending) -> None:
        place.ending = ending
        place.done.set()
        self._company.ended(ending, place.trail)

    def _open(self) -> list[Place]:
        return [place for place in self.places if place.ending is None]

    def _note_untried(self) -> None:
        """Record every order that was never begun."""
        for place in self.places:
            is_untried = place.ending is not None and place.ending.fate is Fate.NOT_TRIED
            if is_untried or (place.ending is None and not place.has_begun):
                reason = place.ending.reason if place.ending else "the command ended before it"
                self._publisher.means.audit.skip(Action.CREATE_VERSION, f"{place.order.file}: not tried; {reason}")

    def _since_ms(self, started: float) -> int:
        return round((self._company.monotonic() - started) * 1000)


def concerns_all(error: Failure) -> bool:
    """Whether no other order would fare better."""
    is_over = isinstance(error, WaitTimeoutError) and error.code == "timeout"
    return is_over or isinstance(error, CredentialsError | UnreachableError)


def half_done(places: Sequence[Place]) -> Mapping[str, list[str]]:
    """For each file that is live, those that it refers to, that were to come after it, and that are not live."""
    return {
        place.order.file: missing
        for place in places
        if place.ending is not None and place.ending.fate is Fate.PUBLISHED
        if (missing := [places[number].order.file for number in sorted(place.turn.stubs) if is_missing(places[number])])
    }


def is_missing(place: Place) -> bool:
    """Whether an order has ended without its flow being what it should; what follows may fail when it is."""
    return place.ending is None or not (place.ending.fate.is_good or place.trail.stage is Stage.LIVE)
