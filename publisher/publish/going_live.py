"""The last steps of a publication: the publish action, the proof, and what the receiver is told."""

from dataclasses import dataclass

from publisher.announcement import AnnouncementType
from publisher.audit import Action
from publisher.errors import PublisherError
from publisher.genesys.errors import GenesysError
from publisher.genesys.model import Flow, FlowVersion, Operation
from publisher.publish.order import Result
from publisher.publish.unchanged_live import refuse_if_overtaken
from publisher.publish.work import Means, Passage
from publisher.trail import Stage

VERIFY_DELAYS_S = (0.0, 1.0, 2.0, 3.0, 5.0, 5.0, 5.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class GoingLive:
    """Puts a version that is there already live; a rollback is no more than that."""

    means: Means

    async def put_live(self, work: Passage, flow: Flow, version: FlowVersion) -> Result:
        """Publish a version, and prove it. A version counts as live only once the flow itself names it."""
        await refuse_if_overtaken(self.means, flow)
        await announce(self.means, work, AnnouncementType.PUBLISHING, flow, version)
        operation = await self._ask_to_publish(work, flow, version)
        await self._verify(work, flow, version, operation)
        told = await announce(self.means, work, AnnouncementType.PUBLISHED, flow, version)
        return Result(file=work.file, flow=flow, version=version, is_live=True, told=told)

    async def _ask_to_publish(self, work: Passage, flow: Flow, version: FlowVersion) -> Operation:
        work.voice.stage(f"Publishing version {version.id}")
        work.trail.stage = Stage.PUBLISHING
        with self.means.audit.timed(Action.PUBLISH, flow_id=flow.id, version_id=version.id):
            try:
                async with self.means.deadline.limit("publishing"):
                    return await self.means.locks.past(
                        flow, lambda _: self.means.client.publish(flow.id, version.id), voice=work.voice
                    )
            except GenesysError as exc:
                if not exc.may_have_happened:
                    work.trail.stage = Stage.VALIDATED
                raise

    async def _verify(self, work: Passage, flow: Flow, version: FlowVersion, operation: Operation) -> None:
        work.voice.stage("Checking that it is live")
        with self.means.audit.timed(Action.VERIFY, flow_id=flow.id, version_id=version.id) as entry:
            async with self.means.deadline.limit("checking that it is live"):
                fault = await self._fault_of_publication(flow, version, operation)
            work.trail.stage = Stage.VALIDATED if fault else Stage.LIVE
            if fault is not None:
                raise fault
            entry.message = "live"

    async def _fault_of_publication(
        self, flow: Flow, version: FlowVersion, operation: Operation
    ) -> PublisherError | None:
        """Wait until the flow names the version as its published one; the error where it does not come to that."""
        live = flow.published_version_id
        for delay_s in VERIFY_DELAYS_S:
            await self.means.sleep(delay_s)
            seen = await self.means.client.flow(flow.id)
            live = seen.published_version_id
            if live == version.id:
                return None
            if has_failed(seen.operation, operation):
                reason = seen.operation.error_message if seen.operation else None
                return PublisherError(
                    f"Genesys Cloud could not publish version {version.id}: {reason or 'it gives no reason.'}",
                    code="publish.failed",
                )
        return PublisherError(
            f"The publish action was accepted but had no effect: live is {f'version {live}' if live else 'nothing'},"
            f" wanted was version {version.id}. Look at the flow in Architect, then publish again.",
            code="publish.no-effect",
        )


async def announce(
    means: Means, work: Passage, kind: AnnouncementType, flow: Flow, version: FlowVersion | None
) -> bool | None:
    """Tell the receiver, where that is ours to do; whether it took it."""
    if means.liaison is None or not means.liaison.announces:
        return None
    return await means.liaison.tell(kind, flow, version, work.provenance, voice=work.voice)


def has_failed(seen: Operation | None, asked: Operation) -> bool:
    """Whether the flow says that the very operation that was asked for has failed."""
    return seen is not None and seen.is_complete and seen.id == asked.id and seen.status not in {None, "SUCCESS"}
