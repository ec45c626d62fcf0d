"""What the organization's jobs do: an uploaded file becomes a version and goes live; a version becomes a file."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import yaml

from publisher.genesys.inventory import Kind
from publisher.sandbox.archy_files import ROOTS, ArchyUpload, read_archy_upload
from publisher.sandbox.depot import OrgExport, OrgJob
from publisher.sandbox.faults import FaultKind
from publisher.sandbox.publishing import finish
from publisher.sandbox.records import Actor, OrgFlow, OrgVersion
from publisher.sandbox.sandbox import Sandbox


def register(sandbox: Sandbox, *, by: Actor, create_stubs: bool) -> OrgJob:
    """A job that waits for its file."""
    fault = sandbox.faults.due((FaultKind.STUCK,))
    polls = None if fault else sandbox.settings.job_polls
    job = sandbox.depot.register(by=by, create_stubs=create_stubs, polls=polls)
    sandbox.hide(job.id)
    return job


def take(sandbox: Sandbox, job: OrgJob, content: bytes) -> None:
    """Take the file of a job, and begin; the same file again changes nothing."""
    if job.content is not None:
        return
    begun = sandbox.depot.keep(replace(job, content=content))
    if begun.polls_left is None:
        return
    if sandbox.settings.job_s <= 0:
        _end(sandbox, begun)
    else:
        sandbox.outbox.start(_end_later(sandbox, begun), name=f"job {job.id}")


def export(sandbox: Sandbox, flow_id: str, version_id: str | None) -> OrgExport:
    """A job that exports a version of a flow; without one it gives the latest, be it live or not."""
    flow = sandbox.org.flow(flow_id)
    fault = sandbox.faults.due((FaultKind.EXPORT_FAILED,))
    version = flow.versions.get(version_id) if version_id else flow.latest
    messages: tuple[str, ...] = ()
    if fault is not None:
        messages = fault.messages
    elif version is None:
        messages = (f"Version {version_id!r} of flow {flow_id!r} was not found.",)
    content = _source(flow, version) if version is not None and fault is None else None
    made = sandbox.depot.register_export(content=content, messages=messages, polls=sandbox.settings.job_polls)
    sandbox.hide(made.id)
    return made


async def _end_later(sandbox: Sandbox, job: OrgJob) -> None:
    await sandbox.world.sleep(sandbox.settings.job_s)
    _end(sandbox, sandbox.depot.job(job.id))


def _end(sandbox: Sandbox, job: OrgJob) -> None:
    fault = sandbox.faults.due((FaultKind.JOB_FAILED,))
    upload = read_archy_upload(job.content or b"")
    messages = fault.messages if fault is not None else tuple(_faults(sandbox, job, upload))
    flow_id = None if fault is not None or messages else _publish(sandbox, job, upload)
    sandbox.depot.keep(replace(sandbox.depot.job(job.id), has_ended=True, flow_id=flow_id, messages=messages or None))


def _faults(sandbox: Sandbox, job: OrgJob, upload: ArchyUpload) -> Iterator[str]:
    yield from upload.faults
    if upload.faults:
        return
    flow = sandbox.org.flow_named(upload.name, upload.type)
    if flow is not None and flow.lock is not None and flow.lock.by != job.by:
        yield f"The flow '{upload.name}' is locked by another entity: {flow.lock.by.name}."
    for kind, name in upload.names:
        is_stub = kind is Kind.FLOW and job.create_stubs
        if not is_stub and not _exists(sandbox, kind, name):
            yield f"The {kind.value.replace('_', ' ')} '{name}' does not exist in the organization."


def _exists(sandbox: Sandbox, kind: Kind, name: str) -> bool:
    if kind is Kind.FLOW:
        return any(flow.name == name for flow in sandbox.org.flows())
    return any((thing.kind, thing.name) == (kind, name) for thing in sandbox.things)


def _publish(sandbox: Sandbox, job: OrgJob, upload: ArchyUpload) -> str:
    _make_stubs(sandbox, upload, by=job.by)
    flow = sandbox.org.flow_named(upload.name, upload.type)
    if flow is None:
        flow = sandbox.org.add_flow(name=upload.name, type=upload.type, division=upload.division, by=job.by)
        sandbox.hide(flow.id)
    sandbox.org.keep(replace(flow, description=upload.description, lock=None))
    version = sandbox.org.add_version(flow.id, {"name": upload.name, "nodes": []}, source=job.content, by=job.by)
    finish(sandbox, flow.id, sandbox.org.start(flow.id, "PUBLISH", version_id=version.id, by=job.by))
    return flow.id


def _make_stubs(sandbox: Sandbox, upload: ArchyUpload, *, by: Actor) -> None:
    for kind, name in upload.names:
        if kind is Kind.FLOW and not _exists(sandbox, kind, name):
            sandbox.org.add_flow(name=name, type="INBOUNDCALL", by=by)


def _source(flow: OrgFlow, version: OrgVersion) -> bytes:
    """The Archy file that a version was made from, or a small one where it was made from something else."""
    if version.source is not None:
        return version.source
    root = next((root for root, kind in ROOTS.items() if kind == flow.type), "inboundCall")
    body: Mapping[str, Any] = {
        "name": flow.name,
        "description": flow.description,
        "division": flow.division,
        "defaultLanguage": "en-us",
        "startUpRef": f"/{root}/tasks/task[start]",
        "tasks": [{"task": {"name": "Start", "refId": "start", "actions": [{"disconnect": {"name": "End"}}]}}],
    }
    return yaml.safe_dump({root: body}, sort_keys=False, allow_unicode=True).encode()
