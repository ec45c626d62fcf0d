"""How far one flow file has come: what can be said of it when the command ends early."""

import shlex
from dataclasses import dataclass
from enum import StrEnum

from publisher.genesys.model import Flow, FlowVersion


class Stage(StrEnum):
    """The last thing that is known to be so."""

    NOTHING_SENT = "nothing_sent"
    CREATING = "creating"
    VALIDATING = "validating"
    REJECTED = "rejected"
    VALIDATED = "validated"
    PUBLISHING = "publishing"
    LIVE = "live"


@dataclass(kw_only=True, slots=True)
class Trail:
    """How far one flow file has come. Whoever works on it moves `stage` on, before the deed and after it."""

    file: str
    flow_id: str | None = None
    """The id as it was given, for the next command."""
    stage: Stage = Stage.NOTHING_SENT
    flow: Flow | None = None
    version: FlowVersion | None = None

    def state(self) -> str:
        """What is so now, in one sentence."""
        version = version_name(self.version, self.flow)
        match self.stage:
            case Stage.NOTHING_SENT:
                return f"Nothing of {self.file} was sent."
            case Stage.CREATING:
                return f"A version of {_flow_name(self.flow)} may have been created from {self.file}; it is not live."
            case Stage.VALIDATING:
                return f"{version} was created and is still being validated by the server; it is not live."
            case Stage.REJECTED:
                return f"{version} was created, did not pass the server's validation, and is not live."
            case Stage.VALIDATED:
                return f"{version} was created and passed validation; it is not live."
            case Stage.PUBLISHING:
                return f"{version} was told to go live; whether it did is not known."
            case Stage.LIVE:
                return f"{version} is live."

    def next_command(self) -> str:
        """The command that leads on from here."""
        is_unclear = self.stage in {Stage.CREATING, Stage.PUBLISHING, Stage.LIVE}
        look = ["--dry-run"] if is_unclear else []
        flow_id = ["--flow-id", self.flow_id] if self.flow_id else []
        command = shlex.join(["publisher", "publish", *look, *flow_id, self.file])
        return f"{command}   # says which version is live" if is_unclear else command


def version_name(version: FlowVersion | None, flow: Flow | None) -> str:
    """A version as people call it: number, id and flow."""
    if version is None:
        return f"A version of {_flow_name(flow)}"
    number = f"Version {version.number} (id {version.id})" if version.number is not None else f"Version {version.id}"
    return f"{number} of {_flow_name(flow)}"


def _flow_name(flow: Flow | None) -> str:
    if flow is None:
        return "the flow"
    return f"flow {flow.name!r}" if flow.name else f"flow {flow.id}"
