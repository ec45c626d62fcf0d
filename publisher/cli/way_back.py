"""Which way back a rollback takes: from which version of a flow to which."""

from dataclasses import dataclass

import httpx

from publisher.cli.desk import Desk
from publisher.cli.ledgers import history_of
from publisher.contents import LIVE, chosen_version, live_version
from publisher.errors import NotFoundError, UsageError
from publisher.finding import Wanted, find
from publisher.genesys.client import GenesysClient
from publisher.genesys.model import Flow, FlowVersion
from publisher.ledger.history import HistoryError
from publisher.ledger.ledger import Ledger
from publisher.ledger.model import FlowLedger
from publisher.problems import quoted
from publisher.rollback import GOOD, PREVIOUS, is_blocked, previous_version
from publisher.standing_gate import BlockedError


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """From which version to which."""

    flow: Flow
    live: str
    version: FlowVersion
    ledger: FlowLedger | None
    """What is known of the flow; None where that could not be found out."""

    @property
    def name(self) -> str:
        """The flow, in quotes."""
        return quoted(self.flow.name or self.flow.id)

    @property
    def was_live(self) -> bool:
        """Whether the version is known to have been live before."""
        is_ours = self.ledger is not None and self.ledger.entry_of(self.version.id) is not None
        return is_ours or self.version.date_published is not None

    @property
    def doing(self) -> str:
        """What is to be done, completing "To …"."""
        if not self.was_live:
            unknown = "which is not known to have been before"
            return f"put {self.version.id} of {self.name} live, {unknown}, in place of {self.live}"
        return f"roll back {self.name} from {self.live} to {self.version.id}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Guide:
    """Finds the way."""

    desk: Desk
    client: GenesysClient
    http: httpx.AsyncClient
    ledger: Ledger | None

    async def way(self, wanted: Wanted, *, to: str) -> Way:
        """The way to `previous`, `good`, or a version."""
        flow = await find(self.client, wanted, environment=self.desk.project.environment)
        live = live_version(flow)
        known = await self._known(flow)
        version = await self._previous(flow, known) if to == PREVIOUS else await self._named(flow, to)
        if known is not None and version.id != live and is_blocked(version.id, known):
            raise BlockedError(
                f"The content of {version.id} is blocked; choose another version, or `publisher unblock {flow.id}`."
            )
        return Way(flow=flow, live=live, version=version, ledger=known)

    async def _known(self, flow: Flow) -> FlowLedger | None:
        """What is known of the flow; a receiver that is away must not stand in the way back."""
        if self.ledger is None:
            return None
        try:
            return await self.ledger.of_flow(flow.id)
        except HistoryError as exc:
            self.desk.console.warn(f"{exc} It is rolled back without.")
            return None

    async def _previous(self, flow: Flow, known: FlowLedger | None) -> FlowVersion:
        found = previous_version(flow, await self.client.versions(flow.id), known)
        if found is None:
            raise NotFoundError(
                f"Of flow {quoted(flow.name or flow.id)} no other version is known to have been live before"
                f" {flow.published_version_id}. Name one with --to: `publisher versions {flow.id}` lists them.",
                code="rollback.no-previous",
            )
        return found

    async def _named(self, flow: Flow, to: str) -> FlowVersion:
        called = await self._good(flow) if to == GOOD else live_version(flow) if to == LIVE else to
        return chosen_version(flow, await self.client.versions(flow.id), called)

    async def _good(self, flow: Flow) -> str:
        history = history_of(self.desk.around, self.desk.project, http=self.http)
        if history is None:
            raise UsageError(
                "--to good asks the receiver which version went well: give receiver.url in config/publisher.yaml and"
                " its token in RELAY_TOKEN; or name a version."
            )
        found = await history.good_version(flow.id)
        if found is None:
            raise NotFoundError(
                f"The receiver knows of no version of flow {quoted(flow.name or flow.id)} after which all went well."
                " Use --to previous, or name a version.",
                code="rollback.no-good",
            )
        return found
