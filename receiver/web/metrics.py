"""`GET /metrics`, for Prometheus: read from the store when it is asked for, so a scrape costs a few indexed queries.

It names sources, and nothing of flows, people or secrets (docs/metrics.md).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from receiver.errors import StoreError
from receiver.model import PollState
from receiver.relay import Relay
from receiver.store import Counts, counts, next_due_at, poll_states
from receiver.web.problems import problem


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)  # a registry holds it by what it is, not by its values
class Snapshot(Collector):
    """How things stand at one moment."""

    now: datetime
    counts: Counts
    due_at: datetime | None
    polls: Mapping[str, PollState]
    refused: int

    def collect(self) -> Iterator[Metric]:
        """Each of them as Prometheus has it."""
        overdue_s = 0.0 if self.due_at is None else max(0.0, (self.now - self.due_at).total_seconds())
        yield InfoMetricFamily("flowrelay_build", "This release.", {"version": version("flow-relay")})
        yield GaugeMetricFamily("flowrelay_queue_depth", "Steps that wait to be sent.", self.counts.due)
        yield GaugeMetricFamily("flowrelay_queue_oldest_age_seconds", "How long the oldest is overdue.", overdue_s)
        yield GaugeMetricFamily("flowrelay_steps_in_flight", "Steps sent and not settled.", self.counts.in_flight)
        yield GaugeMetricFamily("flowrelay_dead_letters", "Failed steps not dismissed.", self.counts.dead_letters)
        yield GaugeMetricFamily("flowrelay_runs_waiting", "Runs that wait for another.", self.counts.waiting_runs)
        yield CounterMetricFamily("flowrelay_requests_refused", "Requests refused since the start.", self.refused)
        yield from self._of_polls()

    def _of_polls(self) -> Iterator[Metric]:
        failures = GaugeMetricFamily("flowrelay_poll_failures", "Failed polls in a row.", labels=["source"])
        last = GaugeMetricFamily(
            "flowrelay_poll_last_success_timestamp_seconds", "When a poll last went well.", labels=["source"]
        )
        for source, state in self.polls.items():
            failures.add_metric([source], state.failures)
            if state.answered_at is not None:
                last.add_metric([source], state.answered_at.timestamp())
        yield from (failures, last)


async def metrics(request: Request) -> Response:
    """How things stand now."""
    relay: Relay = request.app.state.relay
    try:
        found, due_at, states = await relay.database.read(
            lambda conn: (counts(conn), next_due_at(conn), poll_states(conn))
        )
    except StoreError as exc:
        return problem(503, str(exc), headers={"Retry-After": "5"})
    polls = {name: state for name, state in states.items() if name in relay.config.source_names}
    registry = CollectorRegistry()
    registry.register(
        Snapshot(now=relay.clock(), counts=found, due_at=due_at, polls=polls, refused=relay.refusals.total)
    )
    return Response(
        generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"}
    )


routes: list[BaseRoute] = [Route("/metrics", metrics, methods=["GET"])]
