"""The way of an event, from an authenticated body to a durable record: read, plan, record."""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from receiver.clock import Clock
from receiver.config import Config, Source
from receiver.envelopes import is_note, read_event
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
        event = read_event(
            body,
            source=source,
            headers=headers,
            received_at=now,
            new_id=self._new_id,
            secret=secret,
            message_id=message_id,
        )
        self._rates.take(source, now=now)
        recorded = await self.take(event)
        self._took(self._monotonic() - begun_s)
        return recorded

    async def take(self, event: Event) -> Recorded:
        """Record an event with all that it sets off."""
        planned = plan_for(event, self._config(), new_id=self._new_id)
        arrival = Arrival(event=event, plan=planned, at=event.received_at)
        recorded = await self._database.write_one_of_many(self._record, arrival, locks=concerns(arrival))
        self._heard(event, recorded)
        if recorded.run_ids:
            self._wake()
        return recorded

    async def keep(self, events: Sequence[Event], *, reason: str) -> None:
        """Record events from which nothing follows, and why, in one transaction."""
        kept = Plan(verdicts=_on_all(self._config(), VerdictKind.BASELINE, reason))
        arrivals = [Arrival(event=event, plan=kept, at=event.received_at) for event in events]
        await self._database.write(lambda conn: self._record(conn, arrivals))


def plan_for(event: Event, config: Config, *, new_id: Callable[[], str]) -> Plan:
    """What an event sets off; a note sets off nothing, whatever the rules say."""
    if not is_note(event):
        return plan(event, config, new_id=new_id)
    reason = f"{event.type} tells of something that is only under way"
    return Plan(verdicts=_on_all(config, VerdictKind.NOT_MATCHED, reason))


def _on_all(config: Config, kind: VerdictKind, reason: str) -> tuple[Verdict, ...]:
    return tuple(Verdict(pipeline=pipeline.name, kind=kind, reason=reason) for pipeline in config.pipelines)
