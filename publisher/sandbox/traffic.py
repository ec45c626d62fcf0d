"""The calls that went through the flows, as the analytics count them."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from publisher.sandbox.envelopes import timestamp

METRICS = (
    "nFlow",
    "nFlowMilestone",
    "nFlowOutcome",
    "nFlowOutcomeFailed",
    "oFlowMilestone",
    "tFlow",
    "tFlowDisconnect",
    "tFlowExit",
    "tFlowOutcome",
)
"""What is counted: `n…` is a number of times, `t…` a number of times and how many milliseconds they took."""

DIMENSIONS = ("flowId", "flowName", "flowType", "flowVersion")


@dataclass(frozen=True, kw_only=True, slots=True)
class Passage:
    """Some calls through one version of a flow at one moment: how often each metric counts."""

    at: datetime
    dimensions: Mapping[str, str]
    counts: Mapping[str, int]


class Traffic:
    """Every passage, and its sums."""

    def __init__(self) -> None:
        self._passages: list[Passage] = []

    def add(self, passage: Passage) -> None:
        """Count some calls."""
        self._passages.append(passage)

    def sums(
        self,
        *,
        since: datetime,
        until: datetime,
        step: timedelta | None,
        group_by: Collection[str],
        metrics: Collection[str],
        wanted: Mapping[str, Collection[str]],
    ) -> list[dict[str, Any]]:
        """The sums of an interval, in steps or whole, for each group; groups without calls are left out."""
        groups: dict[tuple[str, ...], list[Passage]] = defaultdict(list)
        for passage in self._passages:
            if since <= passage.at < until and all(passage.dimensions.get(key) in wanted[key] for key in wanted):
                groups[tuple(passage.dimensions.get(key, "") for key in group_by)].append(passage)
        return [
            {
                "group": {"mediaType": "voice"} | dict(zip(group_by, names, strict=True)),
                "data": list(_steps(passages, since=since, until=until, step=step, metrics=metrics)),
            }
            for names, passages in groups.items()
        ]


def _steps(
    passages: Collection[Passage],
    *,
    since: datetime,
    until: datetime,
    step: timedelta | None,
    metrics: Collection[str],
) -> Iterator[dict[str, Any]]:
    length = step or (until - since)
    for number in sorted({(passage.at - since) // length for passage in passages}):
        start = since + number * length
        end = min(start + length, until)
        within = [passage for passage in passages if start <= passage.at < end]
        counted = {name: sum(passage.counts.get(name, 0) for passage in within) for name in metrics}
        yield {
            "interval": f"{timestamp(start)}/{timestamp(end)}",
            "metrics": [{"metric": name, "stats": _stats(name, count)} for name, count in counted.items() if count],
        }


def _stats(name: str, count: int) -> dict[str, float]:
    if name.startswith("t"):
        return {"count": count, "sum": count * 30_000.0, "min": 30_000.0, "max": 30_000.0}
    return {"count": count}
