"""The organization: flows, versions, operations, locks and registrations, as they now are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from publisher.sandbox.errors import ApiError, not_found
from publisher.sandbox.records import (
    ARCHITECT,
    Actor,
    Compilation,
    Deed,
    OrgFlow,
    OrgLock,
    OrgOperation,
    OrgRegistration,
    OrgVersion,
)
from publisher.sandbox.settings import SeedFlow

Now = Callable[[], datetime]
NewId = Callable[[], str]


class Org:
    """Everything that the organization holds."""

    def __init__(self, seeds: Sequence[SeedFlow], *, clock: Now, new_id: NewId) -> None:
        self._clock = clock
        self._new_id = new_id
        self._flows = {seed.id: _seeded(seed, now=clock()) for seed in seeds}
        self._registrations: dict[str, OrgRegistration] = {}
        self._deeds: list[Deed] = []

    def flows(self) -> list[OrgFlow]:
        """Every flow that was not deleted."""
        return [flow for flow in self._flows.values() if not flow.is_deleted]

    def all_flows(self) -> list[OrgFlow]:
        """Every flow, deleted or not."""
        return list(self._flows.values())

    def flow(self, flow_id: str) -> OrgFlow:
        """One flow."""
        if flow_id not in self._flows or self._flows[flow_id].is_deleted:
            raise not_found(f"Flow {flow_id!r}", code="architect.flow.not.found")
        return self._flows[flow_id]

    def flow_named(self, name: str, type: str) -> OrgFlow | None:  # noqa: A002 - the API's word
        """The flow of that name and type; the platform tells flows apart by both."""
        return next((flow for flow in self.flows() if (flow.name, flow.type) == (name, type)), None)

    def check_name(self, name: str, type: str, *, of: OrgFlow | None = None) -> None:  # noqa: A002 - the API's word
        """Refuse a name that another flow of the type has."""
        other = self.flow_named(name, type)
        if other is not None and (of is None or other.id != of.id):
            raise ApiError(409, "architect.flow.name.in.use", f"There is a flow named {name!r} of the type {type}.")

    def add_flow(
        self,
        *,
        name: str,
        type: str,  # noqa: A002 - the API's word
        description: str = "",
        division: str = "Home",
        by: Actor,
    ) -> OrgFlow:
        """A new flow without a version."""
        self.check_name(name, type)
        flow = OrgFlow(id=self._new_id(), name=name, type=type, description=description, division=division)
        self.keep(flow)
        self.note(flow, "CREATE", by=by)
        return flow

    def keep(self, flow: OrgFlow) -> OrgFlow:
        """Put a flow in the place of the one with its id."""
        self._flows[flow.id] = flow
        return flow

    def version(self, flow_id: str, version_id: str) -> OrgVersion:
        """One version as it now is."""
        versions = self.flow(flow_id).versions
        if version_id not in versions:
            raise not_found(f"Version {version_id!r} of flow {flow_id!r}", code="architect.flow.version.not.found")
        return versions[version_id]

    def look_at_version(self, flow_id: str, version_id: str) -> OrgVersion:
        """One version as it is found; each look brings its compilation on."""
        version = self.version(flow_id, version_id)
        self._keep_version(flow_id, replace(version, compilation=version.compilation.looked_at()))
        return version

    def add_version(
        self,
        flow_id: str,
        definition: Mapping[str, Any],
        *,
        source: bytes | None = None,
        compilation: Compilation | None = None,
        by: Actor,
    ) -> OrgVersion:
        """The next version of a flow."""
        latest = self.flow(flow_id).latest
        version = OrgVersion(
            number=latest.number + 1 if latest else 1,
            definition=definition,
            source=source,
            compilation=compilation or Compilation(),
            created_at=self._clock(),
            created_by=by,
        )
        flow = self._keep_version(flow_id, version)
        self.note(flow, "CHECKIN", by=by, version_id=version.id)
        return version

    def start(self, flow_id: str, action: str, *, version_id: str = "", by: Actor) -> OrgOperation:
        """The operation that is to do something with a flow."""
        operation = OrgOperation(id=self._new_id(), version_id=version_id, by=by, action=action)
        self.keep(replace(self.flow(flow_id), operation=operation))
        return operation

    def move(self, flow_id: str, operation: OrgOperation, status: str, *, error: str | None = None) -> OrgOperation:
        """Bring an operation on."""
        moved = replace(operation, status=status, error=error)
        self.keep(replace(self.flow(flow_id), operation=moved))
        return moved

    def put_live(self, flow_id: str, version_id: str, *, by: Actor) -> None:
        """Make a version the live one."""
        flow = self.flow(flow_id)
        live = replace(flow.versions[version_id], published_at=self._clock())
        versions = dict(flow.versions) | {live.id: live}
        self.keep(replace(flow, versions=versions, published_id=live.id, published_by=by))

    def lock(self, flow_id: str, *, by: Actor, draft: bool = False) -> OrgFlow:
        """Check a flow out, with changes saved already or without."""
        now = self._clock()
        flow = self.flow(flow_id)
        flow = self.keep(replace(flow, lock=OrgLock(by=by, since=now, draft_saved_at=now if draft else None)))
        self.note(flow, "CHECKOUT", by=by)
        return flow

    def release(self, flow_id: str, *, by: Actor, keeps_draft: bool = True) -> OrgFlow:
        """Take the lock off a flow; a draft becomes its next version, unless it is not to be kept."""
        flow = self.flow(flow_id)
        draft = flow.lock is not None and flow.lock.draft_saved_at is not None
        self.keep(replace(flow, lock=None))
        if draft and keeps_draft and flow.latest is not None:
            self.add_version(flow_id, flow.latest.definition, source=flow.latest.source, by=by)
        return self.flow(flow_id)

    def note(
        self, flow: OrgFlow, action: str, *, by: Actor, version_id: str | None = None, has_succeeded: bool = True
    ) -> Deed:
        """Write into the history what was done."""
        deed = Deed(
            id=self._new_id(),
            flow_id=flow.id,
            flow_name=flow.name,
            action=action,
            version_id=version_id,
            by=by,
            at=self._clock(),
            has_succeeded=has_succeeded,
        )
        self._deeds.append(deed)
        return deed

    def deeds(self) -> list[Deed]:
        """Everything that was done, the oldest first."""
        return list(self._deeds)

    def registrations(self) -> list[OrgRegistration]:
        """Every registration."""
        return list(self._registrations.values())

    def registration(self, registration_id: str) -> OrgRegistration:
        """One registration."""
        if registration_id not in self._registrations:
            raise not_found(f"Webhook {registration_id!r}")
        return self._registrations[registration_id]

    def keep_registration(self, registration: OrgRegistration) -> OrgRegistration:
        """Add a registration, or put it in the place of the one with its id."""
        self._registrations[registration.id] = registration
        return registration

    def drop_registration(self, registration_id: str) -> None:
        """Remove a registration."""
        del self._registrations[self.registration(registration_id).id]

    def _keep_version(self, flow_id: str, version: OrgVersion) -> OrgFlow:
        flow = self.flow(flow_id)
        return self.keep(replace(flow, versions=dict(flow.versions) | {version.id: version}))


def _seeded(seed: SeedFlow, *, now: datetime) -> OrgFlow:
    made = [_seeded_version(seed, number, now=now) for number in range(1, seed.versions + 1)]
    live = made[-1] if made and seed.is_published else None
    versions = {version.id: version for version in made}
    if live is not None:
        versions[live.id] = replace(live, published_at=now)
    return OrgFlow(
        id=seed.id, name=seed.name, type=seed.type, versions=versions, published_id=live.id if live else None
    )


def _seeded_version(seed: SeedFlow, number: int, *, now: datetime) -> OrgVersion:
    definition = {
        "name": seed.name,
        "description": "",
        "language": "en-US",
        "nodes": [
            {"id": "trigger", "type": "trigger", "name": "Start"},
            {"id": "end", "type": "disconnect", "name": "End"},
        ],
        "connections": [{"id": "c1", "sourceNodeId": "trigger", "targetNodeId": "end", "condition": "always"}],
    }
    return OrgVersion(number=number, definition=definition, created_at=now, created_by=ARCHITECT)
