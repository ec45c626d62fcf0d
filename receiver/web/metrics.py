"""`GET /metrics`, for Prometheus: read from the store when it is asked for, so a scrape costs a few indexed queries.

It names sources, targets and pipelines, and nothing of flows, people or secrets (docs/metrics.md).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from receiver.errors import StoreError
from receiver.hearing import KnownSource
from receiver.relay import Relay
from receiver.silence import AbsenceKind
from receiver.store import Counts, count_absences, count_aside, counts, next_due_at, size_of
from receiver.tally import BOUNDS_S
from receiver.web.problems import problem

ANNOUNCED = (AbsenceKind.CONFIRMATION, AbsenceKind.PUBLICATION)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)  # a registry holds it by what it is, not by its values
class Snapshot(Collector):
    """How things stand at one moment."""

    now: datetime
    counts: Counts
    due_at: datetime | None
    size: int
    """How much the database holds."""
    absent: Counter[AbsenceKind]
    aside: int
    """Deliveries that could not be recorded."""
    sources: Sequence[KnownSource]
    relay: Relay

    def collect(self) -> Iterator[Metric]:
        """Each of them as Prometheus has it."""
        yield InfoMetricFamily("flowrelay_build", "This release.", {"version": version("flow-relay")})
        yield from self._of_queue()
        yield self._of_inbox()
        yield from self._of_sources()
        yield from self._of_polls()
        yield from self._of_database()
        yield from self._counted()
        yield self._durations()

    def _of_queue(self) -> Iterator[Metric]:
        overdue_s = 0.0 if self.due_at is None else max(0.0, (self.now - self.due_at).total_seconds())
        yield GaugeMetricFamily("flowrelay_queue_depth", "Steps that wait to be sent.", self.counts.due)
        yield GaugeMetricFamily("flowrelay_queue_oldest_age_seconds", "How long the oldest is overdue.", overdue_s)
        yield GaugeMetricFamily("flowrelay_steps_in_flight", "Steps sent and not settled.", self.counts.in_flight)
        yield GaugeMetricFamily("flowrelay_dead_letters", "Failed steps not dismissed.", self.counts.dead_letters)
        yield GaugeMetricFamily("flowrelay_runs_waiting", "Runs that wait for another.", self.counts.waiting_runs)

    def _of_inbox(self) -> Metric:
        return _gauge(
            "flowrelay_inbox_deliveries",
            "What came in and is not recorded as events.",
            "state",
            {"waiting": self.relay.ingest.inbox.size, "aside": self.aside},
        )

    def _of_sources(self) -> Iterator[Metric]:
        yield _gauge(
            "flowrelay_last_event_timestamp_seconds",
            "When a source was last heard from.",
            "source",
            {one.source.name: one.last_event_at.timestamp() for one in self.sources if one.last_event_at},
        )
        yield _gauge(
            "flowrelay_source_silent",
            "Whether a source is silent for longer than it expects.",
            "source",
            {one.source.name: float(one.silent_since is not None) for one in self.sources},
        )
        yield _gauge(
            "flowrelay_announcements_unanswered",
            "Announcements that nothing has answered in time.",
            "missing",
            {kind.value: self.absent[kind] for kind in ANNOUNCED},
        )

    def _of_polls(self) -> Iterator[Metric]:
        states = {one.source.name: one.poll for one in self.sources if one.poll}
        failures = {name: state.failures for name, state in states.items()}
        answered = {name: state.answered_at.timestamp() for name, state in states.items() if state.answered_at}
        yield _gauge("flowrelay_poll_failures", "Failed polls in a row.", "source", failures)
        yield _gauge("flowrelay_poll_last_success_timestamp_seconds", "When a poll last went well.", "source", answered)

    def _of_database(self) -> Iterator[Metric]:
        most = self.relay.config.retention.max_bytes
        yield GaugeMetricFamily("flowrelay_db_size_bytes", "How much the database holds.", self.size)
        if most:
            yield GaugeMetricFamily(
                "flowrelay_db_fill_ratio", "How much of what may be kept that is.", self.size / most
            )

    def _counted(self) -> Iterator[Metric]:
        tally, present = self.relay.tally, self.relay.present
        loads = {"loaded": present.reloads - present.failed_reloads, "refused": present.failed_reloads}
        refused = {str(status): count for status, count in self.relay.refusals.by_status.items()}
        yield _counter("flowrelay_events_received", "Events taken in.", ("source", "outcome"), tally.received)
        yield _counter("flowrelay_requests_refused", "Requests refused.", ("status",), _keyed(refused))
        yield _counter("flowrelay_attempts", "Attempts settled.", ("target", "outcome"), tally.attempts)
        yield _counter("flowrelay_steps_ended", "Steps that an attempt ended.", ("target", "outcome"), tally.steps)
        yield _counter("flowrelay_runs_ended", "Runs that a step ended.", ("pipeline", "outcome"), tally.runs)
        yield _counter("flowrelay_config_reloads", "Times the config was read again.", ("outcome",), _keyed(loads))

    def _durations(self) -> Metric:
        tally = self.relay.tally
        bounds = [*map(floatToGoString, BOUNDS_S), "+Inf"]
        return HistogramMetricFamily(
            "flowrelay_ingest_duration_seconds",
            "From a whole body to a durable record.",
            buckets=list(zip(bounds, accumulate(tally.durations), strict=True)),
            sum_value=tally.duration_s,
        )


def _gauge(name: str, what: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, what, labels=[label])
    for labelled, value in values.items():
        family.add_metric([labelled], value)
    return family


def _counter(name: str, what: str, labels: Sequence[str], values: Mapping[tuple[str, ...], int]) -> Metric:
    family = CounterMetricFamily(name, what, labels=labels)
    for labelled, value in values.items():
        family.add_metric(labelled, value)
    return family


def _keyed(values: Mapping[str, int]) -> Mapping[tuple[str, ...], int]:
    return {(key,): value for key, value in values.items()}


async def _snapshot(relay: Relay) -> Snapshot:
    found, due_at, size, absent, aside = await relay.database.read(
        lambda conn: (counts(conn), next_due_at(conn), size_of(conn), count_absences(conn), count_aside(conn))
    )
    return Snapshot(
        now=relay.clock(),
        counts=found,
        due_at=due_at,
        size=size,
        absent=absent,
        aside=aside,
        sources=await relay.hearing.sources(),
        relay=relay,
    )


async def metrics(request: Request) -> Response:
    """How things stand now."""
    try:
        snapshot = await _snapshot(request.app.state.relay)
    except StoreError as exc:
        return problem(503, str(exc), headers={"Retry-After": "5"})
    registry = CollectorRegistry()
    registry.register(snapshot)
    return Response(
        generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"}
    )


routes: list[BaseRoute] = [Route("/metrics", metrics, methods=["GET"])]
