"""A ledger in a receiver's history: read over its API, kept by announcements."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from publisher.announcement import AnnouncementType
from publisher.errors import UsageError
from publisher.gathering import gathered
from publisher.genesys.model import Flow, FlowVersion
from publisher.ledger.history import History
from publisher.ledger.model import Block, FlowLedger, LedgerEntry
from publisher.provenance import Provenance


class Tell(Protocol):
    """Tells the receiver something of a flow; an error where it does not take it."""

    async def __call__(
        self, kind: AnnouncementType, flow: Flow, version: FlowVersion | None, provenance: Provenance
    ) -> None:
        """Tell it."""
        ...


class ReceiverLedger:
    """What the receiver's history says that we have published. A publication itself is told by whoever publishes."""

    name = "the receiver's history"

    def __init__(self, history: History, *, tell: Tell | None, provenance: Provenance) -> None:
        self.history = history
        self._tell = tell
        self._provenance = provenance
        """Where the command runs, for what it tells."""

    async def of_flow(self, flow_id: str) -> FlowLedger:
        """What it says of a flow."""
        return await self.history.flow(flow_id)

    async def flows(self, *, environment: str | None) -> Sequence[FlowLedger]:
        """What it says of every flow of an environment; of every one at all, with None."""
        return await gathered(self.history.flow, await self.history.flow_ids(environment=environment))

    async def went_live(self, entry: LedgerEntry) -> None:
        """Nothing: the announcement of the publication has told it."""

    async def adopt(self, entry: LedgerEntry) -> None:
        """Keep that a version of somebody else's is taken over."""
        flow = Flow(id=entry.flow_id, name=entry.flow_name)
        told = replace(
            self._provenance, file=entry.file, content_hash=entry.content_hash, environment=entry.environment
        )
        await self._announce(AnnouncementType.ADOPTED, flow, FlowVersion(id=entry.version_id), told)

    async def block(self, block: Block) -> None:
        """Keep content from going live."""
        await self._announce_block(AnnouncementType.BLOCKED, block, actor=block.actor)

    async def unblock(self, block: Block, *, actor: str | None) -> None:
        """Let content go live again."""
        await self._announce_block(AnnouncementType.UNBLOCKED, block, actor=actor)

    async def _announce_block(self, kind: AnnouncementType, block: Block, *, actor: str | None) -> None:
        told = replace(self._provenance, content_hash=block.content_hash, reason=block.reason, actor=actor)
        await self._announce(kind, Flow(id=block.flow_id, name=block.flow_name), None, told)

    async def _announce(
        self, kind: AnnouncementType, flow: Flow, version: FlowVersion | None, provenance: Provenance
    ) -> None:
        if self._tell is None:
            raise UsageError(
                "The receiver has to be told of this, and CI_WEBHOOK_SECRET (or the variable in receiver.secret) is not"
                " set.",
                code="settings.webhook",
            )
        await self._tell(kind, flow, version, provenance)
