"""The platform's jobs: an Archy file is uploaded to a signed address and goes live; a version is exported from one.

A signed address is as good as a password: it is never shown, and only the object's owner may see it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from publisher.genesys.exchange import Needs, Request, Response, quote
from publisher.genesys.fields import identity, named, part, parts, segment, text

CREATE = Needs(permissions=("architect:job:create",), scope="flow:write")
VIEW = Needs(permissions=("architect:job:view",), scope="flow:view")
EXPORT = Needs(permissions=("architect:jobExport:create",), scope="flow:view")
VIEW_EXPORT = Needs(permissions=("architect:jobExport:view",), scope="flow:view")

LONGEST_MESSAGE = 2000
LIMITED = re.compile(r"\b429\b|too many requests|rate limit", re.IGNORECASE)


class JobStatus(StrEnum):
    """How far a job has come."""

    REGISTERED = "Registered"
    STARTED = "Started"
    SUCCESS = "Success"
    FAILURE = "Failure"


@dataclass(frozen=True, kw_only=True, slots=True)
class JobMessage:
    """One thing that the platform says of a job: `severity` is error, warning or unknown."""

    severity: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Upload:
    """A registered job, and where its file goes: with exactly these headers, and without a token."""

    job_id: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """A job as it now is; `flow_id` is told when it has succeeded. A failure may come without any message."""

    id: str
    status: str
    flow_id: str | None = None
    messages: tuple[JobMessage, ...] = ()
    correlation_id: str | None = None
    """Of the answer that told all this: what Genesys Cloud's support asks for."""

    @property
    def is_final(self) -> bool:
        """Whether it is over, one way or the other."""
        return self.status in {JobStatus.SUCCESS, JobStatus.FAILURE}

    @property
    def is_locked(self) -> bool:
        """Whether it failed because somebody else is editing the flow."""
        return self.status == JobStatus.FAILURE and any("locked by" in message.text for message in self.messages)

    @property
    def is_limited(self) -> bool:
        """Whether it failed because the platform's own publisher ran into the organization's limit."""
        said = " ".join(message.text for message in self.messages)
        return self.status == JobStatus.FAILURE and (LIMITED.search(said) is not None or _hides_a_limit(said))

    @property
    def has_succeeded(self) -> bool:
        """Whether the file is live."""
        return self.status == JobStatus.SUCCESS


@dataclass(frozen=True, kw_only=True, slots=True)
class ExportJob:
    """An export as it now is; the address of its file is there once it has succeeded."""

    id: str
    status: str
    url: str | None = field(default=None, repr=False)
    messages: tuple[JobMessage, ...] = ()

    @property
    def is_final(self) -> bool:
        """Whether it is over, one way or the other."""
        return self.status in {JobStatus.SUCCESS, JobStatus.FAILURE}

    @property
    def is_worth_another(self) -> bool:
        """Whether it failed as the platform's own exporter does when it was limited: a flow that exists is unknown."""
        return self.status == JobStatus.FAILURE and _hides_a_limit(" ".join(each.text for each in self.messages))


def register_job(*, create_stubs: bool = False) -> Request:
    """Ask for a job and an address to upload to. Without an upload it does nothing, so it may be asked for again."""
    return Request(
        method="POST",
        path="/api/v2/flows/jobs",
        json={"createStubs": True} if create_stubs else None,
        doing="register a publish job",
        needs=CREATE,
    )


def get_job(job_id: str) -> Request:
    """Ask how far a job has come, and what it says."""
    return Request(
        method="GET",
        path=f"/api/v2/flows/jobs/{segment(job_id)}",
        query={"expand": "messages"},
        doing=f"read job {named(job_id)}",
        needs=VIEW,
    )


def register_export(flow_id: str, version_id: str) -> Request:
    """Ask for the YAML of a version; without the version the platform might give the draft."""
    flow = {"flow": {"id": flow_id, "version": version_id}, "exportType": "Yaml"}
    return Request(
        method="POST",
        path="/api/v2/flows/export/jobs",
        json={"flows": [flow]},
        doing=f"export version {named(version_id)} of flow {named(flow_id)}",
        needs=EXPORT,
    )


def get_export(job_id: str) -> Request:
    """Ask how far an export has come."""
    return Request(
        method="GET",
        path=f"/api/v2/flows/export/jobs/{segment(job_id)}",
        query={"expand": "messages"},
        doing=f"read export job {named(job_id)}",
        needs=VIEW_EXPORT,
    )


def read_upload(response: Response, *, api_url: str) -> Upload:
    """The job and its address in an answer."""
    data = response.object()
    headers = {str(name): str(value) for name, value in part(data, "headers").items()}
    return Upload(
        job_id=identity(data, response), url=_address(data, "presignedUrl", response, api_url=api_url), headers=headers
    )


def read_job(response: Response) -> Job:
    """The job in an answer."""
    data = response.object()
    return Job(
        id=identity(data, response),
        status=text(data, "status") or "",
        flow_id=text(part(data, "flow"), "id"),
        messages=_messages(data),
        correlation_id=response.correlation_id,
    )


def read_job_id(response: Response) -> str:
    """The id of a job that was registered."""
    return identity(response.object(), response)


def read_export(response: Response, *, api_url: str) -> ExportJob:
    """The export in an answer."""
    data = response.object()
    status = text(data, "status") or ""
    has_file = status == JobStatus.SUCCESS
    return ExportJob(
        id=identity(data, response),
        status=status,
        url=_address(data, "downloadUrl", response, api_url=api_url) if has_file else None,
        messages=_messages(data),
    )


def _hides_a_limit(said: str) -> bool:
    """Whether the platform's own tool says that it does not know a flow: so it says when it was limited."""
    is_unknown = "could not find the flow with id" in said
    return is_unknown and ("exit code: 107" in said or "Archy failed" in said)


def _address(data: Mapping[str, Any], key: str, response: Response, *, api_url: str) -> str:
    """A signed address; a plain one is taken only from a plain API, such as the sandbox's."""
    url = text(data, key) or ""
    try:
        parts_of_url = urlsplit(url)
        _ = parts_of_url.port
    except ValueError as exc:
        raise response.unreadable(f"names an odd {key}") from exc
    allowed = {"https", urlsplit(api_url).scheme}
    if parts_of_url.scheme not in allowed or not parts_of_url.hostname or not url.isascii() or not url.isprintable():
        raise response.unreadable(f"names no usable {key}")
    return url


def _messages(data: Mapping[str, Any]) -> tuple[JobMessage, ...]:
    """What is said of a job. Its `details` quote whole requests, secrets included: they are left out."""
    return tuple(
        JobMessage(
            severity=(text(message, "type") or "unknown").lower(),
            text=quote(text(message, "text"), longest=LONGEST_MESSAGE),
        )
        for message in parts(data, "messages")
        if text(message, "text")
    )
