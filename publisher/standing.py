"""How one flow file stands against its flow in an organization: what publishing it would change, and whether it may."""

from dataclasses import dataclass
from enum import StrEnum

from publisher.drift import Drift, drift_of_version
from publisher.genesys.model import Flow
from publisher.ledger.model import Block, FlowLedger, LedgerEntry


class State(StrEnum):
    """How a file stands against its flow."""

    NEW = "new"
    """There is no such flow."""
    NEVER_LIVE = "never_live"
    """Nothing of the flow is live, nor was by us."""
    UNCHANGED = "unchanged"
    """We put this very content live, and it still is."""
    CHANGED = "changed"
    """What is live was put there by us, and is other content."""
    DRIFTED = "drifted"
    """What is live was not put there by us."""
    BLOCKED = "blocked"
    """This content must not go live."""
    UNKNOWN = "unknown"
    """Something is live, and nothing tells what we have published."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """How a file stands against its flow, and why."""

    state: State
    live: str | None = None
    """The version that is live."""
    by: str | None = None
    """Who put it live, as the organization says."""
    known: LedgerEntry | None = None
    """What we know of the live version."""
    drift: Drift | None = None
    block: Block | None = None

    @property
    def sentence(self) -> str:
        """What is so, for people."""
        match self.state:
            case State.NEW:
                return "there is no such flow yet"
            case State.NEVER_LIVE:
                return "nothing of it was ever live"
            case State.UNCHANGED:
                return f"live {self.live} is this very content"
            case State.CHANGED:
                return f"live {self.live} has other content"
            case State.DRIFTED:
                return self.drift.sentence if self.drift else ""
            case State.BLOCKED:
                return _of_block(self.block) if self.block else ""
            case State.UNKNOWN:
                who = f" by {self.by}" if self.by else ""
                return f"live {self.live}{who}; nothing tells whether flow-relay published it"


def standing(*, content_hash: str, flow: Flow | None, ledger: FlowLedger | None) -> Standing:
    """How content stands against its flow, None where there is none; without a ledger little can be known."""
    if flow is None:
        return Standing(state=State.NEW)
    live, by = flow.published_version_id, flow.published_by
    if ledger is None:
        return Standing(state=State.NEVER_LIVE if live is None else State.UNKNOWN, live=live, by=by)
    block = ledger.block_of(content_hash)
    known = ledger.entry_of(live) if live else None
    if block is not None:
        return Standing(state=State.BLOCKED, live=live, by=by, known=known, block=block)
    drift = drift_of_version(flow, ledger)
    if drift is not None:
        return Standing(state=State.DRIFTED, live=live, by=by, known=known, drift=drift)
    if live is None:
        return Standing(state=State.NEVER_LIVE)
    is_same = ledger.hash_of(live) == content_hash
    return Standing(state=State.UNCHANGED if is_same else State.CHANGED, live=live, by=by, known=known)


def _of_block(block: Block) -> str:
    who = f" by {block.actor}" if block.actor else ""
    why = f" ({block.reason})" if block.reason else ""
    name = block.flow_name or block.flow_id
    return (
        f"this content was blocked{who} on {block.at:%Y-%m-%d}{why}: publisher unblock {name!r} lets it go live again"
    )
