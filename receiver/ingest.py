"""The way of an event, from an authenticated body to a durable record: read, plan, record."""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from receiver.clock import Clock
from receiver.config import Config, Source
from receiver.delivery import Delivery
from receiver.envelopes import dedupe_key_of, is_note, read_event
from receiver.inbox import Inbox
from receiver.model import Arrival, Event, Plan, Recorded, Verdict, VerdictKind
from receiver.pipelines import plan
from receiver.rates import Rates
from receiver.store import Database, concerns, record_many


class Ingest:
    """Takes events in. What it returns is on disk."""

    def __init__(
        self,
        database: Database,
        config: Callable[[], Config],
        *,
        clock: Clock,
        new_id: Callable[[], str],
        wake: Callable[[], None],
        heard: Callable[[Event, Recorded], None] = lambda _event, _recorded: None,
        took: Callable[[float], None] = lambda _seconds: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._config = config
        self._clock = clock
        self._new_id = new_id
        self._wake = wake
        self._heard = heard
        self._took = took
        self._monotonic = monotonic
        self._rates = Rates()
        self._record = partial(record_many, new_id=new_id)
        self._under_way = 0
        self.inbox = Inbox(
            database, lambda delivery: self._planned(event_of(delivery)), new_id=new_id, recorded=self._has_recorded
        )

    async def accept(
        self,
        body: bytes,
        *,
        source: Source,
        headers: Mapping[str, str],
        secret: str,
        message_id: str | None = None,
    ) -> Recorded:
        """Record the event that a body is, with all that it sets off.

        Raises `MalformedError` where it is no JSON object, `RateError` where it is one too many of its source, and
        `StoreError` where it could not be recorded.
        """
        now, begun_s = self._clock(), self._monotonic()
        delivery = Delivery(
            id=self._new_id(),
            source=source.name,
            environment=source.environment,
            received_at=now,
            headers=headers,
            secret=secret,
            message_id=message_id,
            body=body,
        )
        self._under_way += 1
        try:
            recorded = await self._taken_in(delivery, source)
        finally:
            self._under_way -= 1
        self._took(self._monotonic() - begun_s)
        return recorded

    async def take(self, event: Event) -> Recorded:
        """Record an event with all that it sets off, after all that came in before."""
        await self.inbox.wait_for_turn()
        arrival = self._planned(event)
        recorded = await self._database.write_one_of_many(self._record, arrival, locks=concerns(arrival))
        self._has_recorded(event, recorded)
        return recorded

    async def keep(self, events: Sequence[Event], *, reason: str) -> None:
        """Record events from which nothing follows, and why, in one transaction; after all that came in before."""
        await self.inbox.wait_for_turn()
        kept = Plan(verdicts=_on_all(self._config(), VerdictKind.BASELINE, reason))
        arrivals = [Arrival(event=event, plan=kept, at=event.received_at) for event in events]
        await self._database.write(lambda conn: self._record(conn, arrivals))

    async def _taken_in(self, delivery: Delivery, source: Source) -> Recorded:
        if self.inbox.is_wanted(self._under_way):
            key = dedupe_key_of(delivery.body, headers=delivery.headers, message_id=delivery.message_id)
            self._rates.take(source, now=delivery.received_at)
            return await self.inbox.put(delivery, dedupe_key=key)
        event = event_of(delivery)
        self._rates.take(source, now=delivery.received_at)
        return await self.take(event)

    def _planned(self, event: Event) -> Arrival:
        return Arrival(event=event, plan=plan_for(event, self._config(), new_id=self._new_id), at=event.received_at)

    def _has_recorded(self, event: Event, recorded: Recorded) -> None:
        self._heard(event, recorded)
        if recorded.run_ids:
            self._wake()


def event_of(delivery: Delivery) -> Event:
    """The event that a delivery is."""
    return read_event(
        delivery.body,
        source=Source(name=delivery.source, environment=delivery.environment),
        headers=delivery.headers,
        received_at=delivery.received_at,
        new_id=lambda: delivery.id,
        secret=delivery.secret,
        message_id=delivery.message_id,
    )


def plan_for(event: Event, config: Config, *, new_id: Callable[[], str]) -> Plan:
    """What an event sets off; a note sets off nothing, whatever the rules say."""
    if not is_note(event):
        return plan(event, config, new_id=new_id)
    reason = f"{event.type} tells of something that is only under way"
    return Plan(verdicts=_on_all(config, VerdictKind.NOT_MATCHED, reason))


def _on_all(config: Config, kind: VerdictKind, reason: str) -> tuple[Verdict, ...]:
    return tuple(Verdict(pipeline=pipeline.name, kind=kind, reason=reason) for pipeline in config.pipelines)
