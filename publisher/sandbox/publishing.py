"""What happens to a flow: it is checked out and in, gets versions, goes live and off again."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from publisher.sandbox.archy_files import described
from publisher.sandbox.definitions import compile_errors
from publisher.sandbox.errors import ApiError
from publisher.sandbox.faults import FaultKind
from publisher.sandbox.records import Actor, Compilation, OrgFlow, OrgOperation, OrgVersion
from publisher.sandbox.sandbox import Sandbox

ON_THE_WAY = ("STARTED", "PENDING_GENERATION", "PENDING_BACKEND_NOTIFICATION")
"""What the operation of a publication goes through when it takes its time, in equal parts."""


def create_version(sandbox: Sandbox, flow_id: str, definition: Mapping[str, Any], *, by: Actor) -> OrgVersion:
    """Take a definition as the next version, and begin to compile it."""
    free_flow(sandbox, flow_id, by=by)
    return sandbox.org.add_version(flow_id, definition, compilation=_compilation(sandbox, definition), by=by)


def publish(sandbox: Sandbox, flow_id: str, version_id: str | None, *, by: Actor) -> OrgOperation:
    """Begin to bring a version live. As on the platform, the answer to an unknown version looks the same."""
    flow = free_flow(sandbox, flow_id, by=by)
    wanted = version_id or (flow.latest.id if flow.latest else "")
    fault = sandbox.faults.due((FaultKind.NO_EFFECT, FaultKind.PUBLISH_FAILED))
    if wanted not in flow.versions or (fault is not None and fault.kind is FaultKind.NO_EFFECT):
        return OrgOperation(id=sandbox.world.new_id(), version_id=wanted, by=by)
    error = "; ".join(fault.messages) if fault else _unfit(flow.versions[wanted])
    operation = sandbox.org.start(flow_id, "PUBLISH", version_id=wanted, by=by)
    sandbox.herald.moved(flow_id, operation)
    if sandbox.settings.publish_s <= 0:
        return finish(sandbox, flow_id, operation, error=error)
    sandbox.outbox.start(_finish_later(sandbox, flow_id, operation, error=error), name=f"publish {operation.id}")
    return operation


def finish(sandbox: Sandbox, flow_id: str, operation: OrgOperation, *, error: str | None = None) -> OrgOperation:
    """End a publication: its version is live now, or the operation says why not."""
    if error is None:
        sandbox.org.put_live(flow_id, operation.version_id, by=operation.by)
    ended = _end(sandbox, flow_id, operation, error=error)
    sandbox.herald.moved(flow_id, ended)
    return ended


def check_out(sandbox: Sandbox, flow_id: str, *, by: Actor) -> OrgFlow:
    """Give somebody the lock."""
    free_flow(sandbox, flow_id, by=by)
    flow = sandbox.org.lock(flow_id, by=by)
    sandbox.herald.done(sandbox.org.deeds()[-1])
    return flow


def check_in(sandbox: Sandbox, flow_id: str, *, by: Actor) -> OrgOperation:
    """Take the lock back, and make the draft a version."""
    free_flow(sandbox, flow_id, by=by)
    operation = sandbox.org.start(flow_id, "CHECKIN", by=by)
    flow = sandbox.org.release(flow_id, by=by)
    version_id = flow.latest.id if flow.latest else ""
    ended = sandbox.org.move(flow_id, replace(operation, version_id=version_id), "SUCCESS")
    sandbox.herald.moved(flow_id, ended)
    return ended


def revert(sandbox: Sandbox, flow_id: str, *, by: Actor) -> OrgFlow:
    """Take the lock back, and throw the draft away."""
    free_flow(sandbox, flow_id, by=by)
    flow = sandbox.org.release(flow_id, by=by, keeps_draft=False)
    sandbox.herald.done(sandbox.org.note(flow, "REVERT", by=by))
    return flow


def unlock(sandbox: Sandbox, flow_id: str, *, by: Actor) -> OrgFlow:
    """Take the lock from whoever holds it; the draft is kept as a version."""
    return sandbox.org.release(flow_id, by=by)


def deactivate(sandbox: Sandbox, flow_id: str, *, by: Actor) -> OrgFlow:
    """Take the live version off."""
    flow = free_flow(sandbox, flow_id, by=by)
    sandbox.org.keep(replace(flow, published_id=None, published_by=None))
    _end(sandbox, flow_id, sandbox.org.start(flow_id, "DEACTIVATE", by=by))
    flow = sandbox.org.flow(flow_id)
    if flow.operation is not None:
        sandbox.herald.moved(flow_id, flow.operation)
    return flow


def delete(sandbox: Sandbox, flow_id: str, *, by: Actor) -> None:
    """Delete a flow."""
    flow = free_flow(sandbox, flow_id, by=by)
    sandbox.herald.done(sandbox.org.note(flow, "DELETE", by=by))
    sandbox.org.keep(replace(flow, is_deleted=True, published_id=None))


def edit(sandbox: Sandbox, flow_id: str, *, by: Actor) -> OrgOperation:
    """Do what people do in Architect: change a flow by hand, and publish it."""
    flow = sandbox.org.flow(flow_id)
    latest, change = flow.latest, {"description": f"Edited by {by.name}"}
    definition = {**(latest.definition if latest else {"name": flow.name, "nodes": []}), **change}
    source = described(latest.source, change) if latest and latest.source else None
    version = sandbox.org.add_version(flow_id, definition, source=source, by=by)
    return finish(sandbox, flow_id, sandbox.org.start(flow_id, "PUBLISH", version_id=version.id, by=by))


def free_flow(sandbox: Sandbox, flow_id: str, *, by: Actor) -> OrgFlow:
    """A flow that nobody else has checked out."""
    flow = sandbox.org.flow(flow_id)
    if flow.lock is not None and flow.lock.by != by:
        text = f"The flow is locked by another user: {flow.lock.by.name}."
        raise ApiError(409, "architect.flow.locked", text)
    return flow


def _end(sandbox: Sandbox, flow_id: str, operation: OrgOperation, *, error: str | None = None) -> OrgOperation:
    ended = sandbox.org.move(flow_id, operation, "FAILURE" if error else "SUCCESS", error=error)
    deed = sandbox.org.note(
        sandbox.org.flow(flow_id),
        operation.action,
        by=operation.by,
        version_id=operation.version_id or None,
        has_succeeded=error is None,
    )
    sandbox.herald.done(deed)
    return ended


async def _finish_later(sandbox: Sandbox, flow_id: str, operation: OrgOperation, *, error: str | None) -> None:
    for status in ON_THE_WAY[1:]:
        await sandbox.world.sleep(sandbox.settings.publish_s / len(ON_THE_WAY))
        sandbox.herald.moved(flow_id, sandbox.org.move(flow_id, operation, status))
    await sandbox.world.sleep(sandbox.settings.publish_s / len(ON_THE_WAY))
    finish(sandbox, flow_id, operation, error=error)


def _compilation(sandbox: Sandbox, definition: Mapping[str, Any]) -> Compilation:
    fault = sandbox.faults.due((FaultKind.STUCK, FaultKind.INVALID))
    if fault is not None and fault.kind is FaultKind.STUCK:
        return Compilation(polls_left=None)
    errors = fault.messages if fault is not None else compile_errors(definition)
    return Compilation(polls_left=sandbox.settings.validation_polls, errors=errors)


def _unfit(version: OrgVersion) -> str | None:
    if version.compilation.status == "passed":
        return None
    return f"Version {version.id} has not passed validation: {version.compilation.status}."
