"""What is to go live, and what came of it."""

from dataclasses import dataclass

from publisher.archy import ArchyFile
from publisher.genesys.model import Flow, FlowVersion
from publisher.loader import FlowFile
from publisher.provenance import Provenance


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """One flow file of either kind that is to go live, as it is called in the environment."""

    flow: FlowFile | ArchyFile
    flow_id: str | None = None
    """The id of the flow that it is for, where that was given."""
    provenance: Provenance

    @property
    def file(self) -> str:
        """The file's name, as it was given."""
        return self.flow.file

    @property
    def name(self) -> str:
        """What the flow is called."""
        return self.flow.name

    @property
    def type(self) -> str | None:
        """The type of the flow; only Archy files tell it."""
        return self.flow.flow_type if isinstance(self.flow, ArchyFile) else None

    @property
    def content_hash(self) -> str:
        """The SHA-256 of what is sent, as announcements and the history tell it."""
        return self.provenance.content_hash or ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """An order that could be sent, and its flow as it now is; None where publishing will make it."""

    order: Order
    flow: Flow | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """What became of one flow file that was sent."""

    file: str
    flow: Flow
    version: FlowVersion
    is_live: bool = False
    told: bool | None = None
    """Whether the receiver took our announcement; None where there was none to make."""
