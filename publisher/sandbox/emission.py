"""Events of publications, sent straight to a receiver: in a burst, twice, out of order, or not at all."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

import httpx

from publisher.sandbox.envelopes import EventStyle, Sender, audit_envelope, flow_envelope, published_event
from publisher.sandbox.records import Actor, Deed, OrgFlow, OrgOperation, OrgVersion
from publisher.sandbox.settings import FLOW_ID, FLOW_NAME, ORGANIZATION_ID
from publisher.sandbox.webhooks import SECRET_HEADER

APART = timedelta(milliseconds=1)
TIMEOUT_S = 10.0
ONE_IN = 5
"""Of so many events one is dropped."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Emission:
    """What is to be sent: so many publications of one flow, version after version."""

    burst: int = 1
    first_version: int = 1
    duplicates: bool = False
    reorders: bool = False
    drops: bool = False
    style: EventStyle = EventStyle.WEBHOOK
    flow_id: str = FLOW_ID
    flow_name: str = FLOW_NAME
    flow_type: str = "INBOUNDCALL"


@dataclass(frozen=True, kw_only=True, slots=True)
class WentLive:
    """The number of a version, and when it went live."""

    number: int
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Queue:
    """The events in the order of their sending, and the ids of those that are never sent."""

    events: Sequence[dict[str, Any]] = field(repr=False)
    dropped: Sequence[str] = ()


@dataclass(kw_only=True, slots=True)
class Tally:
    """What became of them: how often each status was answered; None is no answer at all."""

    statuses: Counter[int | None] = field(default_factory=Counter)

    @property
    def sent(self) -> int:
        """How many were sent."""
        return self.statuses.total()

    @property
    def taken(self) -> int:
        """How many were answered with a success."""
        return sum(count for status, count in self.statuses.items() if status is not None and 200 <= status < 300)


def out_of_nothing(emission: Emission, *, now: datetime) -> list[WentLive]:
    """The versions of an emission that nobody has."""
    start = now - emission.burst * APART
    return [
        WentLive(number=emission.first_version + place, at=start + (place + 1) * APART)
        for place in range(emission.burst)
    ]


async def in_sandbox(http: httpx.AsyncClient, emission: Emission, *, url: str) -> list[WentLive]:
    """Have somebody publish so many versions in a running sandbox, one after the other.

    Raises `httpx.HTTPError` or `ValueError` where that is none, or has no such flow.
    """
    address = f"{url.rstrip('/')}/sandbox/flows/{emission.flow_id}/publish"
    return [_went_live(await http.post(address, timeout=TIMEOUT_S)) for _ in range(emission.burst)]


def _went_live(response: httpx.Response) -> WentLive:
    try:
        version = response.raise_for_status().json()["flow"]["publishedVersion"]
        return WentLive(number=version["versionNumber"], at=datetime.fromisoformat(version["datePublished"]))
    except (KeyError, TypeError) as exc:
        raise ValueError("what answers there is no sandbox of flow-relay") from exc


def queue_of(emission: Emission, went_live: Sequence[WentLive], *, new_id: Callable[[], str], rng: Random) -> Queue:
    """The events of an emission. The same chance gives the same order and drops the same ones."""
    made = list(_events(emission, went_live, new_id=new_id))
    dropped = rng.sample(made, -(-len(made) // ONE_IN)) if emission.drops else []
    dropped_ids = {event["id"] for event in dropped}
    kept = [event for event in made if event["id"] not in dropped_ids]
    copies = [event for event in kept for _ in range(2 if emission.duplicates else 1)]
    if emission.reorders:
        rng.shuffle(copies)
    return Queue(events=copies, dropped=[event["id"] for event in dropped])


async def emit(
    http: httpx.AsyncClient, queue: Queue, *, url: str, secret: str, concurrency: int, heard: Callable[[], None]
) -> Tally:
    """Send the events, so many at a time and each once; `heard` is called after each answer."""
    tally, left = Tally(), iter(queue.events)

    async def work() -> None:
        for event in left:
            tally.statuses[await _sent(http, event, url=url, secret=secret)] += 1
            heard()

    async with asyncio.TaskGroup() as group:
        for number in range(concurrency):
            group.create_task(work(), name=f"emit {number}")
    return tally


async def _sent(http: httpx.AsyncClient, event: dict[str, Any], *, url: str, secret: str) -> int | None:
    with contextlib.suppress(httpx.HTTPError, TimeoutError):
        async with asyncio.timeout(TIMEOUT_S):
            return (await http.post(url, json=event, headers={SECRET_HEADER: secret})).status_code
    return None


def _events(
    emission: Emission, went_live: Sequence[WentLive], *, new_id: Callable[[], str]
) -> Iterator[dict[str, Any]]:
    sender = Sender(organization_id=ORGANIZATION_ID, new_id=new_id)
    by = Actor.client("sandbox")
    for live in went_live:
        at = live.at
        version = OrgVersion(number=live.number, definition={}, created_at=at, created_by=by, published_at=at)
        flow = OrgFlow(
            id=emission.flow_id,
            name=emission.flow_name,
            type=emission.flow_type,
            versions={version.id: version},
            published_id=version.id,
        )
        yield _event(emission.style, sender, flow, version, by=by, at=at)


def _event(
    style: EventStyle, sender: Sender, flow: OrgFlow, version: OrgVersion, *, by: Actor, at: datetime
) -> dict[str, Any]:
    match style:
        case EventStyle.WEBHOOK:
            return published_event(sender, flow, version, by=by, at=at)
        case EventStyle.EVENTBRIDGE:
            operation = OrgOperation(id=sender.new_id(), version_id=version.id, by=by, status="SUCCESS")
            return flow_envelope(sender, flow, operation, at=at)
        case EventStyle.AUDIT:
            deed = Deed(
                id=sender.new_id(),
                flow_id=flow.id,
                flow_name=flow.name,
                action="PUBLISH",
                version_id=None,
                by=by,
                at=at,
            )
            return audit_envelope(sender, deed)
