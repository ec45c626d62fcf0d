"""A graph file goes live as a version: created, validated by the server, published, proven.

The order is what matters. The registration is ensured before the publish action, so that the first event is not
missed; and a 200 to the publish action proves nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from publisher.audit import Action
from publisher.errors import ProblemsError, WaitTimeoutError
from publisher.genesys.errors import GenesysError
from publisher.genesys.model import Flow, FlowVersion
from publisher.loader import FlowFile
from publisher.publish.going_live import GoingLive
from publisher.publish.order import Result
from publisher.publish.work import Means, Work
from publisher.trail import Stage, version_name

FIRST_POLL_S = 2.0
SLOWEST_POLL_S = 5.0
MOST_POLLS = 60
GROWTH = 1.25


@dataclass(frozen=True, kw_only=True, slots=True)
class ByVersion:
    """Publishes graph files."""

    means: Means
    goes_live: bool = True
    """Otherwise it ends after a passed validation."""

    async def publish(self, work: Work, flow: Flow, file: FlowFile) -> Result:
        """Make the file a version of its flow, and that version live."""
        version = await self._create(work, flow, file)
        await self._validate(work, flow, version)
        if self.means.liaison is not None:
            await self.means.liaison.ensure(voice=work.voice)
        if not self.goes_live:
            return Result(file=file.file, flow=flow, version=version)
        return await GoingLive(means=self.means).put_live(work, flow, version)

    async def _create(self, work: Work, flow: Flow, file: FlowFile) -> FlowVersion:
        work.voice.stage("Creating a version")
        with self.means.audit.timed(Action.CREATE_VERSION, flow_id=flow.id) as entry:
            async with self.means.deadline.limit("creating a version"):
                work.trail.version = version = await self.means.locks.past(
                    flow, lambda _: self._push(work, flow, file), voice=work.voice
                )
            work.trail.stage = Stage.VALIDATING
            entry.version_id, entry.message = version.id, f"{version_name(version, flow)} created"
        return version

    async def _push(self, work: Work, flow: Flow, file: FlowFile) -> FlowVersion:
        work.trail.stage = Stage.CREATING
        try:
            return await self.means.client.create_version(flow.id, file.definition)
        except GenesysError as exc:
            if not exc.may_have_happened:
                work.trail.stage = Stage.NOTHING_SENT
            raise

    async def _validate(self, work: Work, flow: Flow, version: FlowVersion) -> None:
        work.voice.stage("Waiting for the server's validation")
        with self.means.audit.timed(Action.POLL_VALIDATION, flow_id=flow.id, version_id=version.id) as entry:
            async with self.means.deadline.limit("the server's validation"):
                checked = await self._polled(work, flow, version)
            if checked.validation is not None and checked.validation.status == "failed":
                work.trail.stage = Stage.REJECTED
                raise ProblemsError(server_problems(work.order.file, flow, checked), code="validation.failed")
            work.trail.stage = Stage.VALIDATED
            entry.message = "passed"

    async def _polled(self, work: Work, flow: Flow, version: FlowVersion) -> FlowVersion:
        """The version, once the server has made up its mind about it."""
        if _is_decided(version):
            return version
        for poll, delay_s in enumerate(poll_delays_s(), start=1):
            work.voice.detail(f"look {poll} of {MOST_POLLS}")
            await self.means.sleep(delay_s)
            seen = await self.means.client.version(flow.id, version.id)
            if _is_decided(seen):
                return seen
        raise WaitTimeoutError(
            f"The server was still validating version {version.id} after {MOST_POLLS} looks. It may be busy: try again"
            " later. If it happens again, look in the flow for deeply nested conditions and for very many references to"
            " variables, which take it long.",
            code="validation.stuck",
        )


def poll_delays_s() -> Iterator[float]:
    """How long to wait before each look at a version: short at first, longer when it takes long."""
    delay_s = FIRST_POLL_S
    for _ in range(MOST_POLLS):
        yield delay_s
        delay_s = min(SLOWEST_POLL_S, delay_s * GROWTH)


def server_problems(file: str, flow: Flow, version: FlowVersion) -> str:
    """What the server's validation found, one line for each error."""
    summary = f"{version_name(version, flow)} did not pass the server's validation and is not live"
    errors = version.validation.errors if version.validation else ()
    lines = [f"{file}: error: {error} [server]" for error in errors]
    return "\n".join([f"{summary}:", *lines]) if lines else f"{summary}; it gave no reason."


def _is_decided(version: FlowVersion) -> bool:
    return version.validation is not None and version.validation.is_final
