"""The organization: flows, versions, operations and registrations, as they now are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from publisher.sandbox.errors import ApiError, not_found
from publisher.sandbox.settings import SeedFlow

Now = Callable[[], datetime]
NewId = Callable[[], str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Compilation:
    """How the server's check of a version goes: so many looks at it find it in progress, or, with None, all of them."""

    polls_left: int | None = 0
    errors: tuple[str, ...] = ()

    @property
    def status(self) -> str:
        """The word for it."""
        if self.polls_left is None or self.polls_left > 0:
            return "in_progress"
        return "failed" if self.errors else "passed"

    def looked_at(self) -> "Compilation":
        """The same, one look later."""
        return replace(self, polls_left=max(0, self.polls_left - 1)) if self.polls_left is not None else self


@dataclass(frozen=True, kw_only=True, slots=True)
class OrgVersion:
    """One version of a flow."""

    number: int
    definition: Mapping[str, Any] = field(repr=False)
    compilation: Compilation
    created_at: datetime
    created_by: str
    published_at: datetime | None = None

    @property
    def id(self) -> str:
        """The number as the platform writes it."""
        return f"{self.number}.0"


@dataclass(frozen=True, kw_only=True, slots=True)
class OrgOperation:
    """What is, or last was, done with a flow."""

    id: str
    version_id: str
    client: str
    status: str = "STARTED"
    error: str | None = None

    @property
    def is_complete(self) -> bool:
        """Whether it is over, one way or the other."""
        return self.status in {"SUCCESS", "FAILURE"}


@dataclass(frozen=True, kw_only=True, slots=True)
class OrgFlow:
    """A flow with all its versions."""

    id: str
    name: str
    type: str
    description: str = ""
    versions: Mapping[str, OrgVersion] = field(default_factory=dict)
    published_id: str | None = None
    operation: OrgOperation | None = None

    @property
    def latest(self) -> OrgVersion | None:
        """The version that was made last."""
        return max(self.versions.values(), key=lambda version: version.number, default=None)

    @property
    def published(self) -> OrgVersion | None:
        """The version that is live."""
        return self.versions.get(self.published_id) if self.published_id else None


@dataclass(frozen=True, kw_only=True, slots=True)
class OrgRegistration:
    """A webhook as the organization knows it."""

    id: str
    name: str
    description: str
    type: str
    endpoint_url: str
    events: tuple[str, ...]
    secret: str = field(repr=False)


class Org:
    """Everything that the organization holds."""

    def __init__(self, seeds: Sequence[SeedFlow], *, clock: Now, new_id: NewId) -> None:
        self._clock = clock
        self._new_id = new_id
        self._flows = {seed.id: _seeded(seed, now=clock()) for seed in seeds}
        self._registrations: dict[str, OrgRegistration] = {}

    def flows(self) -> list[OrgFlow]:
        """Every flow."""
        return list(self._flows.values())

    def flow(self, flow_id: str) -> OrgFlow:
        """One flow."""
        if flow_id not in self._flows:
            raise not_found(f"Flow {flow_id!r}", code="architect.flow.not.found")
        return self._flows[flow_id]

    def add_flow(self, *, name: str, type: str, description: str = "") -> OrgFlow:  # noqa: A002 - the API's word
        """A new flow without a version."""
        if any((flow.name, flow.type) == (name, type) for flow in self._flows.values()):
            raise ApiError(409, "architect.flow.name.in.use", f"There is a flow named {name!r} of the type {type}.")
        return self._keep(OrgFlow(id=self._new_id(), name=name, type=type, description=description))

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
        self, flow_id: str, definition: Mapping[str, Any], *, compilation: Compilation, by: str
    ) -> OrgVersion:
        """The next version of a flow."""
        latest = self.flow(flow_id).latest
        version = OrgVersion(
            number=latest.number + 1 if latest else 1,
            definition=definition,
            compilation=compilation,
            created_at=self._clock(),
            created_by=by,
        )
        self._keep_version(flow_id, version)
        return version

    def start_publishing(self, flow_id: str, version_id: str, *, by: str) -> OrgOperation:
        """The operation that is to bring a version live."""
        operation = OrgOperation(id=self._new_id(), version_id=version_id, client=by)
        self._keep(replace(self.flow(flow_id), operation=operation))
        return operation

    def finish_publishing(self, flow_id: str, operation: OrgOperation, *, error: str | None = None) -> OrgOperation:
        """End an operation: its version is live now, or the operation says why not."""
        flow = self.flow(flow_id)
        ended = replace(operation, status="FAILURE" if error else "SUCCESS", error=error)
        if error is None:
            live = replace(flow.versions[operation.version_id], published_at=self._clock())
            versions = dict(flow.versions) | {live.id: live}
            flow = replace(flow, versions=versions, published_id=live.id)
        self._keep(replace(flow, operation=ended))
        return ended

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

    def _keep(self, flow: OrgFlow) -> OrgFlow:
        self._flows[flow.id] = flow
        return flow

    def _keep_version(self, flow_id: str, version: OrgVersion) -> None:
        flow = self.flow(flow_id)
        self._keep(replace(flow, versions=dict(flow.versions) | {version.id: version}))


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
        "nodes": [
            {"id": "trigger", "type": "trigger", "name": "Start"},
            {"id": "end", "type": "disconnect", "name": "End"},
        ],
        "connections": [{"id": "c1", "sourceNodeId": "trigger", "targetNodeId": "end", "condition": "always"}],
    }
    return OrgVersion(
        number=number, definition=definition, compilation=Compilation(), created_at=now, created_by="architect"
    )
