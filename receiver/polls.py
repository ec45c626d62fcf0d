"""Polls: asks organizations what has gone live, and takes in what no webhook may ever tell.

A poll is made by one node at a time; what it has found is known by the store, so nothing is lost where it ends early,
and nothing comes twice.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from publisher.genesys.errors import GenesysError, LimitedError, MissingError
from publisher.genesys.model import Flow
from receiver.clock import Clock
from receiver.config import Poll
from receiver.envelopes.polled import Finding
from receiver.errors import ReceiverError
from receiver.ingest import Ingest
from receiver.model import Event, PollState
from receiver.organizations import Organization, Organizations
from receiver.present import Present
from receiver.store import (
    LONGEST_REST,
    Database,
    end_turn,
    first_found_at,
    free_turns,
    known_keys,
    poll_states,
    take_turn,
)

OVERLAP: Final = timedelta(hours=1)
"""How far back is asked each time: a publication may be shown later than it was made."""
LIMIT_S: Final = 120.0
TURN: Final = timedelta(seconds=LIMIT_S + 30)
"""How long a node has a poll for itself."""
LONGEST_BACKOFF_S: Final = 900.0
LONGEST_REST_S: Final = LONGEST_REST.total_seconds()
LOOK_S: Final = 5.0
"""How often it is looked whether a poll is due, at least: another config may be in force."""
LEAST_REST_S: Final = 0.05
AT_ONCE: Final = 100
"""So many events of a baseline share a transaction."""

log = structlog.get_logger(__name__)


class Polls:
    """Makes the polls of the present config when they are due."""

    def __init__(
        self,
        database: Database,
        ingest: Ingest,
        organizations: Organizations,
        *,
        present: Present,
        clock: Clock,
        new_id: Callable[[], str],
    ) -> None:
        self._database = database
        self._ingest = ingest
        self._organizations = organizations
        self._present = present
        self._clock = clock
        self._new_id = new_id
        self._has_begun = False

    async def make_due(self) -> float:
        """Make every poll that is due, and say how long to rest."""
        polls = self._present.config.polls
        if not polls:
            return LOOK_S
        await self._begin()
        ended = await asyncio.gather(*(self._make(poll) for poll in await self._due(polls)), return_exceptions=True)
        for fault in ended:
            if isinstance(fault, BaseException):
                raise fault
        return await self._rest_s(polls)

    async def _begin(self) -> None:
        if not self._has_begun:
            now = self._clock()
            await self._database.write(lambda conn: free_turns(conn, now=now))
            self._has_begun = True

    async def _due(self, polls: Sequence[Poll]) -> Sequence[Poll]:
        """Those that may be due; whether they are is decided when a turn is taken."""
        states, now = await self._database.read(poll_states), self._clock()
        return [poll for poll in polls if _wait_s(states.get(poll.name), now) <= 0]

    async def _rest_s(self, polls: Sequence[Poll]) -> float:
        states, now = await self._database.read(poll_states), self._clock()
        soonest_s = min(_wait_s(states.get(poll.name), now) for poll in polls)
        return min(LOOK_S, max(LEAST_REST_S, soonest_s))

    async def _make(self, poll: Poll) -> None:
        now = self._clock()
        begun = await self._database.write(lambda conn: take_turn(conn, poll.name, now=now, until=now + TURN))
        if begun is None:
            return
        try:
            async with asyncio.timeout(LIMIT_S):
                cursor_at = await self._ask(poll, begun)
        except (GenesysError, ReceiverError, TimeoutError) as exc:
            ended = failed(begun, exc, every_s=poll.every_s, now=self._clock())
        else:
            ended = succeeded(begun, cursor_at, every_s=poll.every_s, now=self._clock())
        await self._database.write(lambda conn: end_turn(conn, ended), settling=True)
        _report(begun, ended)

    async def _ask(self, poll: Poll, state: PollState) -> datetime | None:
        """Take in what has gone live since the last time; the time of the latest of it."""
        organization = await self._organizations.open(poll.environment, self._present.secret)
        await organization.check()
        since = None if state.cursor_at is None else state.cursor_at - OVERLAP
        prefix = poll.environment.name_prefix
        flows = [
            flow
            for flow in await organization.client.flows(name_prefix=prefix, published_after=since)
            if flow.published_version_id and poll.environment.holds(flow.name or "", division=flow.division)
        ]
        findings = sorted((Finding.of_flow(flow) for flow in flows), key=_age)
        latest = max((one.published_at for one in findings if one.published_at is not None), default=None)
        if state.has_baseline:
            for finding in await self._fresh(poll, findings):
                await self._take_versions(poll, organization, finding, since=since)
        else:
            await self._take_baseline(poll, organization, await self._fresh(poll, findings))
        return latest

    async def _take_baseline(self, poll: Poll, organization: Organization, findings: Sequence[Finding]) -> None:
        """Record what was live before this poll was first made: nothing has just happened, so nothing follows."""
        reason = f"was live before {poll.name} first asked"
        events = [self._event(poll, organization, finding) for finding in findings]
        for start in range(0, len(events), AT_ONCE):
            await self._ingest.keep(events[start : start + AT_ONCE], reason=reason)
        log.info("poll has its baseline", source=poll.name, flows=len(events))

    async def _take_versions(
        self, poll: Poll, organization: Organization, live: Finding, *, since: datetime | None
    ) -> None:
        """Take in what has gone live of a flow: the present version, and those that it followed."""
        first = await self._database.read(lambda conn: first_found_at(conn, poll.name, live.flow.id))
        # What of the flow went live before the first that was found is older than the baseline.
        floor = max((at for at in (since, first) if at is not None), default=None)
        found = {one.key: one for one in [*await _versions(organization, live.flow, since=floor), live]}
        for finding in await self._fresh(poll, sorted(found.values(), key=_age)):
            recorded = await self._ingest.take(self._event(poll, organization, finding))
            log.info("poll found a publication", source=poll.name, event_id=recorded.event_id)

    async def _fresh(self, poll: Poll, findings: Sequence[Finding]) -> Sequence[Finding]:
        """Those that this poll has not found before."""
        keys = [finding.key for finding in findings]
        known = await self._database.read(lambda conn: known_keys(conn, poll.name, keys))
        return [finding for finding in findings if finding.key not in known]

    def _event(self, poll: Poll, organization: Organization, finding: Finding) -> Event:
        return finding.event(
            source=poll.name,
            environment=poll.environment.name,
            organization=organization.id,
            received_at=self._clock(),
            new_id=self._new_id,
        )


def succeeded(state: PollState, cursor_at: datetime | None, *, every_s: float, now: datetime) -> PollState:
    """What becomes of a poll that went well."""
    found = [at for at in (state.cursor_at, cursor_at) if at is not None]
    return replace(
        state,
        due_at=now + timedelta(seconds=every_s),
        has_baseline=True,
        # Never later than now: a date of the server that lies ahead would hide what comes before it.
        cursor_at=min(now, max(found)) if found else None,
        answered_at=now,
        failures=0,
        fault=None,
    )


def failed(
    state: PollState, exc: GenesysError | ReceiverError | TimeoutError, *, every_s: float, now: datetime
) -> PollState:
    """What becomes of a poll that failed: it rests the longer, the more often it did, and as long as it was told to."""
    backoff_s = min(every_s * 2 ** min(state.failures, 20), max(every_s, LONGEST_BACKOFF_S))
    wished_s = (exc.retry_after_s or 0.0) if isinstance(exc, LimitedError) else 0.0
    rest_s = min(max(backoff_s, wished_s), LONGEST_REST_S)
    fault = f"It took longer than {LIMIT_S:g} s." if isinstance(exc, TimeoutError) else str(exc)
    return replace(state, due_at=now + timedelta(seconds=rest_s), failures=state.failures + 1, fault=fault)


async def _versions(organization: Organization, flow: Flow, *, since: datetime | None) -> list[Finding]:
    try:
        versions = await organization.client.versions(flow.id)
    except MissingError:
        return []  # deleted meanwhile: what was seen of it still happened
    dated = [version for version in versions if version.date_published is not None]
    return [
        Finding.of_version(flow, version)
        for version in dated
        if since is None or (version.date_published is not None and version.date_published >= since)
    ]


def _wait_s(state: PollState | None, now: datetime) -> float:
    wait_s = 0.0 if state is None else (state.due_at - now).total_seconds()
    return 0.0 if wait_s > LONGEST_REST_S else wait_s


def _age(finding: Finding) -> float:
    """What sorts the oldest first; what has no date was found just now."""
    return float("inf") if finding.published_at is None else finding.published_at.timestamp()


def _report(begun: PollState, ended: PollState) -> None:
    """One log line for each change of state."""
    if ended.fault is not None and _kind(ended.fault) != _kind(begun.fault):
        log.warning("poll failed", source=ended.source, fault=ended.fault)
    elif ended.fault is None and begun.fault is not None:
        log.info("poll works again", source=ended.source)


def _kind(fault: str | None) -> str:
    """A fault without what is another one each time."""
    return (fault or "").partition(" (correlation id")[0]
