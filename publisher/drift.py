"""Drift: where an organization is not as we left it, because somebody else has changed what is live."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from publisher.genesys.model import Flow
from publisher.ledger.model import FlowLedger, LedgerEntry

WAY_OUT = "publisher adopt, or --on-drift overwrite"


class DriftKind(StrEnum):
    """What somebody else has done with a flow."""

    FOREIGN = "foreign"
    """What is live was never published by us."""
    PUT_BACK = "put_back"
    """What is live is a version of ours, but not the one that we put live last."""
    DEACTIVATED = "deactivated"
    DELETED = "deleted"
    RENAMED = "renamed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Drift:
    """How a flow is other than we left it: what is live, by whom and when, and what we had put live."""

    kind: DriftKind
    name: str
    """The flow, as people call it."""
    live: str | None = None
    by: str | None = None
    at: datetime | None = None
    known: LedgerEntry | None = None

    @property
    def sentence(self) -> str:
        """What is so, and the way out of it."""
        ours = f"{self.known.version_id} (on {_day(self.known.at)})" if self.known else "nothing"
        live = f"live {self.live}{_by(self.by)}"
        match self.kind:
            case DriftKind.FOREIGN:
                return f"{live} was never published by flow-relay: {WAY_OUT}"
            case DriftKind.PUT_BACK:
                return f"{live} is not what flow-relay put live last, {ours}: {WAY_OUT}"
            case DriftKind.DEACTIVATED:
                return f"nothing is live; flow-relay had put {ours} live: --on-drift overwrite publishes again"
            case DriftKind.DELETED:
                return f"the flow was deleted; flow-relay had put {ours} live"
            case DriftKind.RENAMED:
                was = self.known.flow_name if self.known else None
                return f"the flow is named {self.name!r} now; flow-relay knows it as {was!r}: publisher adopt"


def drift_of(flow: Flow | None, ledger: FlowLedger) -> Drift | None:
    """How a flow, None where it is gone, is other than we left it."""
    if flow is None:
        known = ledger.last
        name = (known.flow_name if known else None) or ledger.flow_id
        return Drift(kind=DriftKind.DELETED, name=name, known=known) if known else None
    return drift_of_version(flow, ledger) or _renamed(flow, ledger)


def drift_of_version(flow: Flow, ledger: FlowLedger) -> Drift | None:
    """How the live version is another one than we put live last."""
    live, last = flow.published_version_id, ledger.last
    if live == (last.version_id if last else None):
        return None
    name = flow.name or flow.id
    if live is None:
        return Drift(kind=DriftKind.DEACTIVATED, name=name, known=last)
    kind = DriftKind.PUT_BACK if ledger.entry_of(live) else DriftKind.FOREIGN
    return Drift(kind=kind, name=name, live=live, by=flow.published_by, at=flow.published_at, known=last)


def _renamed(flow: Flow, ledger: FlowLedger) -> Drift | None:
    known = ledger.last
    if known is None or known.flow_name is None or flow.name in {None, known.flow_name}:
        return None
    return Drift(kind=DriftKind.RENAMED, name=flow.name or flow.id, live=flow.published_version_id, known=known)


def _by(name: str | None) -> str:
    return f" by {name}" if name else ""


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d}"
