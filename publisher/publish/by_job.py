"""An Archy file goes live by a job: registered, uploaded, waited for; then the flow itself proves it.

The platform validates and publishes by itself. It tells which flow it was, but not which version: that is the one that
the flow names as published once it is another than before.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from publisher.announcement import AnnouncementType
from publisher.archy import ArchyFile
from publisher.audit import NO_FLOW, Action
from publisher.errors import PublisherError, WaitTimeoutError
from publisher.genesys.errors import GenesysError, LimitedError, UnavailableError, UnreachableError
from publisher.genesys.jobs import Job, JobStatus, Upload
from publisher.genesys.model import Flow, FlowVersion, version_number
from publisher.publish.going_live import VERIFY_DELAYS_S, announce
from publisher.publish.job_failure import JOB_LIMITED, failure_of, server_lines
from publisher.publish.locks import refuse_locked
from publisher.publish.order import Result
from publisher.publish.unchanged_live import refuse_if_overtaken
from publisher.publish.work import Means, Work
from publisher.trail import Stage

FIRST_POLL_S = 1.0
SLOWEST_POLL_S = 5.0
GROWTH = 1.15
JOB_LIMIT_S = 960.0
"""A job that takes longer than this will not end."""

TRIES = 3
BACKOFF_S = 15.0
"""The wait after a job that failed because the organization was limited, longer after each."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ByJob:
    """Publishes Archy files."""

    means: Means

    async def publish(self, work: Work, file: ArchyFile) -> Result:
        """Have the platform publish the file, and prove that it did."""
        if self.means.liaison is not None:
            await self.means.liaison.ensure(voice=work.voice)
        if work.flow is not None and work.flow.name not in {None, work.order.name}:
            work = await self._renamed(work, work.flow)
        if work.flow is not None:
            await announce(self.means, work, AnnouncementType.PUBLISHING, work.flow, None)
        flow_id, before = await self.means.locks.past(
            work.flow, lambda flow: self._published(work, file, flow), voice=work.voice
        )
        flow, version = await self._verify(work, flow_id, before=before)
        told = await announce(self.means, work, AnnouncementType.PUBLISHED, flow, version)
        return Result(file=file.file, flow=flow, version=version, is_live=True, told=told)

    async def _renamed(self, work: Work, flow: Flow) -> Work:
        """Give the flow the name that it has in the file: the job goes by the name, and would make a second flow."""
        name = work.order.name
        work.voice.stage(f"Renaming the flow to {name}")
        with self.means.audit.timed(Action.RENAME, flow_id=flow.id) as entry:
            async with self.means.deadline.limit("renaming the flow"):
                work.trail.flow = renamed = await self.means.client.rename(flow, name)
            work.trail.former_name = flow.name
            entry.message = f"{flow.name!r} is named {name!r} now"
        work.voice.say(f"Flow {flow.id} was named {flow.name!r} and is named {name!r} now.")
        return replace(work, flow=renamed)

    async def _published(self, work: Work, file: ArchyFile, flow: Flow | None) -> tuple[str, str | None]:
        """The id of the flow that a job published, and the version of it that was live before."""
        try:
            await self._look_before(work, flow)
        except (GenesysError, PublisherError) as exc:
            self.means.audit.fail(Action.CREATE_VERSION, exc, flow_id=_flow_id(work))
            raise
        flow_id = await self._patiently(work, file)
        return flow_id, flow.published_version_id if flow is not None and flow.id == flow_id else None

    async def _look_before(self, work: Work, flow: Flow | None) -> None:
        """Spare the platform a job that can only fail, and others that it goes live over their work."""
        if flow is not None and self.means.locks.is_locked(flow):
            raise refuse_locked(flow)
        if work.flow is not None:
            await refuse_if_overtaken(self.means, work.flow)

    async def _patiently(self, work: Work, file: ArchyFile) -> str:
        """The id of the flow that a job published. A failure that only hides a limit is waited out, some times."""
        for attempt in range(1, TRIES):
            try:
                return await self._through_a_job(work, file)
            except LimitedError as exc:
                if exc.code != JOB_LIMITED:
                    raise
            wait_s = BACKOFF_S * attempt
            work.voice.say(f"Waiting {wait_s:.0f} s: the organization's limit made the job fail")
            await self.means.sleep(wait_s)
        return await self._through_a_job(work, file)

    async def _through_a_job(self, work: Work, file: ArchyFile) -> str:
        job_id = await self._hand_in(work, file)
        work.voice.stage(f"Waiting for job {job_id}")
        with self.means.audit.timed(Action.PUBLISH, flow_id=_flow_id(work)) as entry:
            async with self.means.deadline.limit(f"job {job_id}"):
                job = await self._polled(work, job_id)
            if not job.has_succeeded:
                work.trail.stage = Stage.JOB_FAILED
                raise failure_of(job, file)
            for line in server_lines(job, file, severity="warning"):
                work.voice.say(line)
            if job.flow_id is None:
                raise PublisherError(f"Job {job_id} has succeeded, but names no flow.", code="job.no-flow")
            entry.flow_id, entry.message = job.flow_id, f"job {job_id} has succeeded"
        return job.flow_id

    async def _hand_in(self, work: Work, file: ArchyFile) -> str:
        """The id of a job that has the file."""
        work.voice.stage("Uploading the file")
        with self.means.audit.timed(Action.CREATE_VERSION, flow_id=_flow_id(work)) as entry:
            async with self.means.deadline.limit("handing in the file"):
                upload = await self.means.client.register_job(create_stubs=work.needs_stubs)
                await self._upload(work, upload, file.resolved.encode())
            entry.message = f"job {upload.job_id} has {file.file}"
        return upload.job_id

    async def _upload(self, work: Work, upload: Upload, content: bytes) -> None:
        work.trail.job_id = upload.job_id
        work.trail.stage = Stage.HANDED_IN  # from now on the platform may publish it
        try:
            await self.means.client.upload(upload, content)
        except GenesysError as exc:
            is_clear = not isinstance(exc, UnavailableError | UnreachableError)
            if is_clear or not await self._has_arrived(upload.job_id):
                work.trail.stage = Stage.NOTHING_SENT
                raise

    async def _has_arrived(self, job_id: str) -> bool:
        """Whether a file whose upload got no clear answer is there all the same."""
        return (await self.means.client.job(job_id)).status not in {JobStatus.REGISTERED, ""}

    async def _polled(self, work: Work, job_id: str) -> Job:
        """The job, once it is over."""
        for look, delay_s in enumerate(job_delays_s(), start=1):
            await self.means.sleep(delay_s)
            job = await self.means.client.job(job_id)
            if job.is_final:
                return job
            work.voice.detail(f"look {look}, {job.status or 'no status'}")
        raise WaitTimeoutError(
            f"Job {job_id} was not over after {JOB_LIMIT_S / 60:.0f} minutes. It may still publish the file: look at"
            " the flow in Architect before you try again.",
            code="job.stuck",
        )

    async def _verify(self, work: Work, flow_id: str, *, before: str | None) -> tuple[Flow, FlowVersion]:
        """The flow, and the version of it that is live now and was not before."""
        work.voice.stage("Checking that it is live")
        with self.means.audit.timed(Action.VERIFY, flow_id=flow_id) as entry:
            async with self.means.deadline.limit("checking that it is live"):
                flow = await self._live(flow_id, before=before)
            work.trail.flow = flow
            live = flow.published_version_id
            if live is None or live == before:
                raise _no_effect(live)
            version = FlowVersion(id=live, number=version_number(live))
            work.trail.version, work.trail.stage = version, Stage.LIVE
            entry.version_id, entry.message = live, "live"
        return flow, version

    async def _live(self, flow_id: str, *, before: str | None) -> Flow:
        """The flow, as soon as another version than before is live; as it is in the end where none comes."""
        for delay_s in VERIFY_DELAYS_S:
            await self.means.sleep(delay_s)
            flow = await self.means.client.flow(flow_id, is_new=True)
            if flow.published_version_id not in {None, before}:
                break
        return flow


def job_delays_s() -> Iterator[float]:
    """How long to wait before each look at a job: short at first, longer when it takes long, until it must be over."""
    delay_s = FIRST_POLL_S
    waited_s = 0.0
    while waited_s < JOB_LIMIT_S:
        yield delay_s
        waited_s += delay_s
        delay_s = min(SLOWEST_POLL_S, delay_s * GROWTH)


def _flow_id(work: Work) -> str:
    return work.flow.id if work.flow else NO_FLOW


def _no_effect(live: str | None) -> PublisherError:
    is_live = f"version {live}, as before" if live else "nothing"
    return PublisherError(
        f"The job has succeeded but had no effect: live is {is_live}. Look at the flow in Architect, then publish"
        " again.",
        code="publish.no-effect",
    )
