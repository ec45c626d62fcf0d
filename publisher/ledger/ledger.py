"""What every ledger can be asked, and told."""

from collections.abc import Sequence
from typing import Protocol

from publisher.ledger.model import Block, FlowLedger, LedgerEntry


class Ledger(Protocol):
    """Where it is kept what we have published: in a receiver's history, or in a state file."""

    name: str
    """As sentences call it."""

    async def of_flow(self, flow_id: str) -> FlowLedger:
        """What it says of a flow."""
        ...

    async def flows(self, *, environment: str | None) -> Sequence[FlowLedger]:
        """What it says of every flow of an environment; of every one at all, with None."""
        ...

    async def went_live(self, entry: LedgerEntry) -> None:
        """Keep that a version of ours is live."""
        ...

    async def adopt(self, entry: LedgerEntry) -> None:
        """Keep that a version of somebody else's is taken over."""
        ...

    async def block(self, block: Block) -> None:
        """Keep content from going live."""
        ...

    async def unblock(self, block: Block, *, actor: str | None) -> None:
        """Let content go live again."""
        ...
