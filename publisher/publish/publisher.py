"""Publishes one order: finds its flow, and goes the way of its kind of file."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from copy import copy
from dataclasses import replace
from datetime import datetime

from publisher.archy import ArchyFile
from publisher.audit import NO_FLOW, Action, Audit
from publisher.deadline import Deadline
from publisher.errors import PublisherError
from publisher.genesys.client import GenesysClient
from publisher.genesys.errors import GenesysError
from publisher.genesys.model import Flow
from publisher.genesys.wire import utc_now
from publisher.ledger.ledger import Ledger
from publisher.liaison import Liaison
from publisher.publish.by_job import ByJob
from publisher.publish.by_version import ByVersion
from publisher.publish.finding import Finder
from publisher.publish.keeping import keep
from publisher.publish.locks import Locks
from publisher.publish.order import Candidate, Order, Result
from publisher.publish.work import Means, Work
from publisher.trail import Trail
from publisher.voice import Voice

Sleep = Callable[[float], Awaitable[None]]


class Publisher:
    """Takes orders to one organization."""

    def __init__(
        self,
        client: GenesysClient,
        *,
        audit: Audit,
        deadline: Deadline,
        voice: Voice,
        liaison: Liaison | None = None,
        locks: Locks | None = None,
        ledger: Ledger | None = None,
        needs_ledger: bool = True,
        looks_again: bool = False,
        goes_live: bool = True,
        sleep: Sleep = asyncio.sleep,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        locks = locks or Locks(client=client, deadline=deadline, sleep=sleep)
        self.means = Means(
            client=client,
            audit=audit,
            deadline=deadline,
            locks=locks,
            liaison=liaison,
            ledger=ledger,
            looks_again=looks_again,
            sleep=sleep,
            clock=clock,
        )
        self._voice = voice
        self._finder = Finder(client, ledger=ledger, warn=None if needs_ledger else voice.warn)
        self._goes_live = goes_live
        """Otherwise it ends after a passed validation."""

    async def authenticate(self) -> None:
        """Get a token, before anything else is asked for."""
        self._voice.stage("Getting a token")
        with self.means.audit.timed(Action.AUTHENTICATE):
            async with self.means.deadline.limit("getting a token"):
                await self.means.client.authenticate()

    async def prepare(self, orders: Sequence[Order]) -> None:
        """Get ready to `find` these orders."""
        if len(orders) > 1:
            self._voice.stage("Looking for the flows")
        async with self.means.deadline.limit("looking for the flows"):
            await self._finder.prepare(orders)

    async def find(self, order: Order) -> Candidate:
        """The order with its flow as it now is. Reads, changes nothing."""
        try:
            async with self.means.deadline.limit("looking for the flow"):
                return Candidate(order=order, flow=await self._finder.flow_of(order))
        except (GenesysError, PublisherError) as exc:
            self.means.audit.fail(Action.CREATE_VERSION, exc, flow_id=order.flow_id or NO_FLOW)
            raise

    def among_others(self, file: str, *, stand_aside: Sleep) -> "Publisher":
        """The same publisher for one of several files: records name it, and others go on while it waits for a lock."""
        other = copy(self)
        locks = replace(self.means.locks, sleep=stand_aside)
        other.means = replace(self.means, audit=self.means.audit.of_file(file), locks=locks)
        return other

    async def publish(
        self,
        order: Order,
        *,
        trail: Trail,
        candidate: Candidate | None = None,
        voice: Voice | None = None,
        needs_stubs: bool = False,
    ) -> Result:
        """Put the file live, and prove it. The trail tells how far it has come."""
        voice = voice or self._voice
        flow = (candidate or await self.find(order)).flow
        trail.flow = flow = await self.means.locks.taken_away(flow, voice=voice)
        work = Work(order=order, flow=flow, trail=trail, voice=voice, needs_stubs=needs_stubs)
        result = await self._put_live(work)
        if result.is_live:
            await keep(self.means, result, order.provenance)
        return result

    async def preview(self, candidate: Candidate, *, needs_stubs: bool = False) -> list[str]:
        """What `publish` would do, each line completing "would …". Reads, changes nothing."""
        async with self.means.deadline.limit("the dry run"):
            webhook = [await self.means.liaison.intention()] if self.means.liaison else []
        if isinstance(candidate.order.flow, ArchyFile):
            return [*webhook, _job_intention(candidate, needs_stubs=needs_stubs)]
        flow = candidate.flow
        lines = [f"create a version of {_shown(flow)}" if flow else "create a version", *webhook]
        return [*lines, "publish it, and check that it is live"] if self._goes_live else lines

    async def _put_live(self, work: Work) -> Result:
        file = work.order.flow
        if isinstance(file, ArchyFile):
            return await ByJob(means=self.means).publish(work, file)
        if work.flow is None:
            raise AssertionError("a graph file has a flow, or was refused for having none")
        return await ByVersion(means=self.means, goes_live=self._goes_live).publish(work, work.flow, file)


def _job_intention(candidate: Candidate, *, needs_stubs: bool) -> str:
    stubs = ", with stubs for the flows that it refers to" if needs_stubs else ""
    if candidate.flow is None:
        what = f"make the flow {candidate.order.name!r} ({candidate.order.type})"
    else:
        name = candidate.order.name
        rename = "" if candidate.flow.name in {None, name} else f", named {name!r} from then on,"
        what = f"publish {_shown(candidate.flow)}{rename}"
    return f"{what} by a job{stubs}, and check that it is live"


def _shown(flow: Flow) -> str:
    live = f"version {flow.published_version_id}" if flow.published_version_id else "nothing"
    return f"flow {flow.name!r} (id {flow.id}, live now: {live})"
