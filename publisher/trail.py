"""How far one flow file has come: what can be said of it when the command ends early."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from publisher.genesys.model import Flow, FlowVersion


class Stage(StrEnum):
    """The last thing that is known to be so."""

    NOTHING_SENT = "nothing_sent"
    HANDED_IN = "handed_in"
    JOB_FAILED = "job_failed"
    CREATING = "creating"
    VALIDATING = "validating"
    REJECTED = "rejected"
    VALIDATED = "validated"
    PUBLISHING = "publishing"
    LIVE = "live"


UNCLEAR = frozenset({Stage.CREATING, Stage.HANDED_IN, Stage.PUBLISHING, Stage.LIVE})
"""After these only a look tells what is live."""
SENTENCES: Mapping[Stage, str] = {
    Stage.NOTHING_SENT: "Nothing of {file} was sent.",
    Stage.HANDED_IN: "Job {job} was handed {file}; whether it has put it live is not known.",
    Stage.JOB_FAILED: "Job {job} failed; {file} is not live.",
    Stage.CREATING: "A version of {flow} may have been created from {file}; it is not live.",
    Stage.VALIDATING: "{version} was created and is still being validated by the server; it is not live.",
    Stage.REJECTED: "{version} was created, did not pass the server's validation, and is not live.",
    Stage.VALIDATED: "{version} was created and passed validation; it is not live.",
    Stage.PUBLISHING: "{version} was told to go live; whether it did is not known.",
    Stage.LIVE: "{version} is live.",
}


@dataclass(kw_only=True, slots=True)
class Trail:
    """How far one flow file has come. Whoever works on it moves `stage` on, before the deed and after it."""

    file: str
    flow_id: str | None = None
    """The id as it was given, for the next command."""
    stage: Stage = Stage.NOTHING_SENT
    flow: Flow | None = None
    version: FlowVersion | None = None
    job_id: str | None = None
    """Of an Archy file: the job that publishes it."""
    former_name: str | None = None
    """What the flow was called until it was renamed on the way."""

    @property
    def says_nothing_new(self) -> bool:
        """Whether nothing is other than before, or the error says it all."""
        return self.former_name is None and self.stage in {Stage.NOTHING_SENT, Stage.REJECTED, Stage.JOB_FAILED}

    def state(self) -> str:
        """What is so now: in one sentence, and a second one where the flow was renamed."""
        version = version_name(self.version, self.flow)
        said = SENTENCES[self.stage].format(
            file=self.file, job=self.job_id, version=version, flow=_flow_name(self.flow)
        )
        if self.former_name is None:
            return said
        return f"{said} The renaming stands: {_flow_name(self.flow)} was named {self.former_name!r} before."


def next_command(trails: Sequence[Trail], *, place: Sequence[str] = (), values: Sequence[str] = ()) -> str:
    """The command that leads on from here; where it is unclear what is live, one looks first.

    It repeats the options that say where (`place`: --env, --state) and, of a publication, with what (`values`).
    A version that only has to be put live is named: publishing its file again makes another one.
    """
    first = trails[0]
    if len(trails) == 1 and first.stage is Stage.VALIDATED and first.flow and first.version:
        listing = shlex.join(["publisher", "versions", first.flow.id, *place])
        return f"{listing}   # `publisher rollback --to {first.version.id}` puts it live; publishing makes another"
    is_unclear = any(trail.stage in UNCLEAR for trail in trails)
    look = ["--dry-run"] if is_unclear else []
    flow_id = first.flow_id if len(trails) == 1 else None
    given = [*place, *values, *(["--flow-id", flow_id] if flow_id else [])]
    command = shlex.join(["publisher", "publish", *look, *given, *(trail.file for trail in trails)])
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
