"""The jobs of the organization, and the files that they take and give at signed addresses."""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from publisher.sandbox.errors import StorageError, not_found
from publisher.sandbox.records import Actor

LIFE = timedelta(minutes=15)
"""How long a signed address is good."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OrgJob:
    """A job that takes a file. So many looks at it still find it under way; with None, all of them do."""

    id: str
    by: Actor
    create_stubs: bool
    signature: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    registered_at: datetime
    content: bytes | None = field(default=None, repr=False)
    polls_left: int | None = 0
    flow_id: str | None = None
    messages: tuple[str, ...] | None = None
    has_ended: bool = False

    @property
    def status(self) -> str:
        """The platform's word for how far it is."""
        if self.content is None:
            return "Registered"
        if not self.has_ended or self.polls_left is None or self.polls_left > 0:
            return "Started"
        return "Success" if self.flow_id else "Failure"

    def looked_at(self) -> "OrgJob":
        """The same, one look later."""
        is_waiting = self.has_ended and self.polls_left
        return replace(self, polls_left=(self.polls_left or 0) - 1) if is_waiting else self


@dataclass(frozen=True, kw_only=True, slots=True)
class OrgExport:
    """A job that gives a file, or messages that say why not."""

    id: str
    signature: str = field(repr=False)
    ready_at: datetime
    polls_left: int | None
    content: bytes | None = field(default=None, repr=False)
    messages: tuple[str, ...] = ()

    @property
    def status(self) -> str:
        """The platform's word for how far it is."""
        if self.polls_left is None or self.polls_left > 0:
            return "Started"
        return "Failure" if self.content is None else "Success"

    def looked_at(self) -> "OrgExport":
        """The same, one look later."""
        return replace(self, polls_left=self.polls_left - 1) if self.polls_left else self


class Depot:
    """Every job, and who may fetch or bring its file: whoever has the signature, for a quarter of an hour."""

    def __init__(
        self, *, clock: Callable[[], datetime], new_id: Callable[[], str], new_token: Callable[[], str]
    ) -> None:
        self._clock = clock
        self._new_id = new_id
        self._new_token = new_token
        self._jobs: dict[str, OrgJob] = {}
        self._exports: dict[str, OrgExport] = {}

    def register(self, *, by: Actor, create_stubs: bool, polls: int | None) -> OrgJob:
        """A job that waits for its file."""
        job_id = self._new_id()
        return self.keep(
            OrgJob(
                id=job_id,
                by=by,
                create_stubs=create_stubs,
                signature=self._new_token(),
                headers={"x-amz-meta-jobid": job_id, "x-amz-server-side-encryption": "AES256"},
                registered_at=self._clock(),
                polls_left=polls,
            )
        )

    def register_export(self, *, content: bytes | None, messages: tuple[str, ...], polls: int | None) -> OrgExport:
        """A job that has its file, or none, after so many looks."""
        return self.keep_export(
            OrgExport(
                id=self._new_id(),
                signature=self._new_token(),
                ready_at=self._clock(),
                polls_left=polls,
                content=content,
                messages=messages,
            )
        )

    def keep(self, job: OrgJob) -> OrgJob:
        """Put a job in the place of the one with its id."""
        self._jobs[job.id] = job
        return job

    def keep_export(self, export: OrgExport) -> OrgExport:
        """Put an export in the place of the one with its id."""
        self._exports[export.id] = export
        return export

    def job(self, job_id: str) -> OrgJob:
        """One job as it now is."""
        if job_id not in self._jobs:
            raise not_found(f"Job {job_id!r}")
        return self._jobs[job_id]

    def export(self, job_id: str) -> OrgExport:
        """One export as it now is."""
        if job_id not in self._exports:
            raise not_found(f"Export job {job_id!r}")
        return self._exports[job_id]

    def for_upload(self, job_id: str, *, signature: str, headers: Mapping[str, str]) -> OrgJob:
        """The job that a file is brought for: with its signature, exactly its headers, no token, and in time."""
        job = self._jobs.get(job_id)
        if job is None:
            raise StorageError(404, "NoSuchKey")
        self._check(signature, wanted=job.signature, since=job.registered_at)
        own = {name: value for name, value in headers.items() if name.startswith("x-amz-")}
        if own != dict(job.headers) or "authorization" in headers:
            raise StorageError(403, "SignatureDoesNotMatch")
        return job

    def for_download(self, job_id: str, *, signature: str) -> bytes:
        """The file that somebody comes for with its signature."""
        export = self._exports.get(job_id)
        if export is None or export.content is None:
            raise StorageError(404, "NoSuchKey")
        self._check(signature, wanted=export.signature, since=export.ready_at)
        return export.content

    def _check(self, signature: str, *, wanted: str, since: datetime) -> None:
        if not hmac.compare_digest(wanted.encode(), signature.encode()):
            raise StorageError(403, "SignatureDoesNotMatch")
        if self._clock() > since + LIFE:
            raise StorageError(403, "AccessDenied")
