"""Makes a plan: asks the organization what each file would change, and changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from publisher.contents import read_content
from publisher.environments import Environment, OnDrift
from publisher.errors import NotFoundError, PublisherError, UsageError
from publisher.gathering import gathered
from publisher.genesys.client import GenesysClient
from publisher.genesys.errors import GenesysError, MissingError, NotAllowedError, RefusedError
from publisher.genesys.model import Flow
from publisher.ledger.history import HistoryError
from publisher.ledger.ledger import Ledger
from publisher.outline import Outline, outline_of
from publisher.planning import Entry, Plan
from publisher.preflight import preflight, renamed_of
from publisher.problems import Problem, has_errors
from publisher.publish.finding import Finder
from publisher.publish.order import Candidate, Order
from publisher.publish.sequence import Turn, sequence
from publisher.standing import State
from publisher.standing_gate import standing_of

AT_ONCE = 4
"""Exports at the same time: the platform makes each by a job."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """An order, and what the check of its file has found."""

    order: Order
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Planner:
    """Plans for one environment."""

    client: GenesysClient
    environment: Environment
    on_drift: OnDrift
    ledger: Ledger | None = None

    async def plan(self, files: Sequence[Checked]) -> Plan:
        """The plan for some files, in the order in which they would be published."""
        turns = sequence([file.order.flow for file in files])
        sound = [file.order for file in files if not has_errors(file.problems)]
        unknown: list[str] = []
        warn = None if self.on_drift is OnDrift.FAIL else unknown.append
        finder = Finder(self.client, ledger=self.ledger, warn=warn)
        await finder.prepare(sound)
        found = await preflight(self.client, [order.flow for order in sound], place=self.environment.place)
        entries = await gathered(lambda file: self._entry(file, finder), files, at_once=AT_ONCE)
        told = [replace(entry, problems=(*entry.problems, *found.of(entry.file))) for entry in entries]
        ordered = [replace(told[at], after=names(turns[at], told)) for at in in_order(turns)]
        return Plan(entries=ordered, place=self.environment.place, warnings=(*found.warnings, *unknown))

    async def _entry(self, file: Checked, finder: Finder) -> Entry:
        order = file.order
        entry = Entry(
            file=order.file,
            name=order.name,
            problems=file.problems,
            outline=outline_of(order.flow),
            on_drift=self.on_drift,
        )
        if has_errors(file.problems):
            return entry
        try:
            flow = await finder.flow_of(order)
        except (PublisherError, GenesysError) as exc:
            if not is_about_the_file(exc):
                raise
            return replace(entry, refusal=str(exc))
        return await self._against(replace(entry, flow=flow), order)

    async def _against(self, entry: Entry, order: Order) -> Entry:
        """The entry with all that its flow has to do with it."""
        flow = entry.flow
        entry = await self._standing(entry, order)
        if flow is None:
            return entry
        problem = renamed_of(Candidate(order=order, flow=flow))
        if problem is not None:
            entry = replace(entry, problems=(*entry.problems, problem))
        if flow.locked_by is not None:
            entry = replace(entry, lock=await self.client.lock(flow.id))
        return entry if entry.state is State.UNCHANGED else await self._compared(entry, flow)

    async def _standing(self, entry: Entry, order: Order) -> Entry:
        """The entry with how it stands; a ledger that cannot be asked is in the way where drift would be."""
        try:
            return replace(entry, standing=await standing_of(entry.flow, order.content_hash, self.ledger))
        except HistoryError as exc:
            if self.on_drift is OnDrift.FAIL:
                raise
            return replace(entry, standing=await standing_of(entry.flow, order.content_hash, None), note=str(exc))

    async def _compared(self, entry: Entry, flow: Flow) -> Entry:
        """The entry with what is live, if that can be had."""
        if flow.published_version_id is None:
            return entry
        try:
            former = await self._live(flow, flow.published_version_id)
        except (NotAllowedError, RefusedError) as exc:
            return replace(entry, note=f"what is live was not compared: {exc}")
        if former is None:
            return replace(entry, note="what is live was not compared: no flow can be read from its export")
        return replace(entry, former=former)

    async def _live(self, flow: Flow, version_id: str) -> Outline | None:
        content = await read_content(self.client, flow, version_id)
        return outline_of(content.read(called=f"live {version_id} of {flow.name!r}"))


def is_about_the_file(error: PublisherError | GenesysError) -> bool:
    """Whether an error says that there is no such flow, or several; any other one would meet every file."""
    return isinstance(error, NotFoundError | UsageError | MissingError | RefusedError)


def in_order(turns: Sequence[Turn]) -> list[int]:
    """The numbers of the files, each after those that it refers to, else as they were given."""
    waiting, done = list(range(len(turns))), list[int]()
    while waiting:
        ready = next(number for number in waiting if turns[number].after <= set(done))
        waiting.remove(ready)
        done.append(ready)
    return done


def names(turn: Turn, entries: Sequence[Entry]) -> tuple[str, ...]:
    """The files that a file comes after."""
    return tuple(entries[number].file for number in sorted(turn.after))
