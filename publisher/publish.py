"""Takes checked flow files to the organization: version, validation, registration, publication, proof.

The order is what matters. The registration is ensured before the publish action, so that the first event is not
missed; and a version counts as live only once the flow itself names it: a 200 to the publish action proves nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from publisher.announcement import AnnouncementType
from publisher.audit import NO_FLOW, Action, Audit
from publisher.deadline import Deadline
from publisher.errors import NotFoundError, ProblemsError, PublisherError, UsageError, WaitTimeoutError
from publisher.genesys.client import GenesysClient
from publisher.genesys.errors import GenesysError, LockedError
from publisher.genesys.model import Flow, FlowVersion, Operation
from publisher.liaison import Liaison
from publisher.loader import FlowFile
from publisher.provenance import Provenance
from publisher.trail import Stage, Trail, version_name
from publisher.voice import Voice

FIRST_POLL_S = 2.0
SLOWEST_POLL_S = 5.0
MOST_POLLS = 60
GROWTH = 1.25

VERIFY_DELAYS_S = (0.0, 1.0, 2.0, 3.0, 5.0, 5.0, 5.0)

HOW_TO_NAME = "--flow-id, GENESYS_FLOW_ID or config/publisher.yaml"


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """One flow file that is to go live, and what is known of it."""

    flow: FlowFile
    flow_id: str | None = None
    provenance: Provenance


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """What became of one flow file."""

    file: str
    flow: Flow
    version: FlowVersion
    is_live: bool = False
    told: bool | None = None
    """Whether the receiver took our announcement; None where there was none to make."""


class Publisher:
    """Takes one flow file after another to one organization."""

    def __init__(
        self,
        client: GenesysClient,
        *,
        audit: Audit,
        deadline: Deadline,
        voice: Voice,
        liaison: Liaison | None = None,
        goes_live: bool = True,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._client = client
        self._audit = audit
        self._deadline = deadline
        self._voice = voice
        self._liaison = liaison
        self._goes_live = goes_live
        """Otherwise it ends after a passed validation."""
        self._sleep = sleep

    async def authenticate(self) -> None:
        """Get a token, before anything else is asked for."""
        self._voice.stage("Getting a token")
        with self._audit.timed(Action.AUTHENTICATE):
            async with self._deadline.limit("getting a token"):
                await self._client.authenticate()

    async def publish(self, order: Order, *, trail: Trail) -> Result:
        """Make the file a version of its flow, and that version live. The trail tells how far it has come."""
        flow, version = await self._create(order, trail=trail)
        await self._validate(flow, version, trail=trail)
        if self._liaison is not None:
            await self._liaison.ensure()
        if not self._goes_live:
            return Result(file=order.flow.file, flow=flow, version=version)
        await self._announce(AnnouncementType.PUBLISHING, order, flow, version)
        operation = await self._ask_to_publish(flow, version, trail=trail)
        await self._verify(flow, version, operation, trail=trail)
        told = await self._announce(AnnouncementType.PUBLISHED, order, flow, version)
        return Result(file=order.flow.file, flow=flow, version=version, is_live=True, told=told)

    async def preview(self, order: Order) -> list[str]:
        """What `publish` would do, each line completing "would …". Reads, changes nothing."""
        async with self._deadline.limit("the dry run"):
            flow = await find_flow(self._client, order)
            webhook = [await self._liaison.intention()] if self._liaison else []
        live = f"version {flow.published_version_id}" if flow.published_version_id else "nothing"
        lines = [f"create a version of flow {flow.name!r} (id {flow.id}, live now: {live})", *webhook]
        return [*lines, "publish it, and check that it is live"] if self._goes_live else lines

    async def _create(self, order: Order, *, trail: Trail) -> tuple[Flow, FlowVersion]:
        self._voice.stage(f"Creating a version from {order.flow.file}")
        with self._audit.timed(Action.CREATE_VERSION, flow_id=order.flow_id or NO_FLOW) as entry:
            async with self._deadline.limit("creating a version"):
                trail.flow = flow = await find_flow(self._client, order)
                entry.flow_id = flow.id
                trail.version = version = await self._push(order, flow, trail=trail)
            trail.stage = Stage.VALIDATING
            entry.version_id, entry.message = version.id, f"{version_name(version, flow)} created"
        return flow, version

    async def _push(self, order: Order, flow: Flow, *, trail: Trail) -> FlowVersion:
        trail.stage = Stage.CREATING
        try:
            return await self._client.create_version(flow.id, order.flow.definition)
        except GenesysError as exc:
            if not exc.may_have_happened:
                trail.stage = Stage.NOTHING_SENT
            if isinstance(exc, LockedError) and flow.locked_by:
                self._voice.warn(f"the flow is locked by {flow.locked_by}")
            raise

    async def _validate(self, flow: Flow, version: FlowVersion, *, trail: Trail) -> None:
        self._voice.stage("Waiting for the server's validation")
        with self._audit.timed(Action.POLL_VALIDATION, flow_id=flow.id, version_id=version.id) as entry:
            async with self._deadline.limit("the server's validation"):
                checked = await self._polled(flow, version)
            if checked.validation is not None and checked.validation.status == "failed":
                trail.stage = Stage.REJECTED
                raise ProblemsError(server_problems(trail.file, flow, checked), code="validation.failed")
            trail.stage = Stage.VALIDATED
            entry.message = "passed"

    async def _polled(self, flow: Flow, version: FlowVersion) -> FlowVersion:
        """The version, once the server has made up its mind about it."""
        if _is_decided(version):
            return version
        for poll, delay_s in enumerate(poll_delays_s(), start=1):
            self._voice.detail(f"look {poll} of {MOST_POLLS}")
            await self._sleep(delay_s)
            seen = await self._client.version(flow.id, version.id)
            if _is_decided(seen):
                return seen
        raise WaitTimeoutError(
            f"The server was still validating version {version.id} after {MOST_POLLS} looks. It may be busy: try again"
            " later. If it happens again, look in the flow for deeply nested conditions and for very many references to"
            " variables, which take it long.",
            code="validation.stuck",
        )

    async def _ask_to_publish(self, flow: Flow, version: FlowVersion, *, trail: Trail) -> Operation:
        self._voice.stage(f"Publishing version {version.id}")
        trail.stage = Stage.PUBLISHING
        with self._audit.timed(Action.PUBLISH, flow_id=flow.id, version_id=version.id):
            try:
                async with self._deadline.limit("publishing"):
                    return await self._client.publish(flow.id, version.id)
            except GenesysError as exc:
                if not exc.may_have_happened:
                    trail.stage = Stage.VALIDATED
                raise

    async def _verify(self, flow: Flow, version: FlowVersion, operation: Operation, *, trail: Trail) -> None:
        self._voice.stage("Checking that it is live")
        with self._audit.timed(Action.VERIFY, flow_id=flow.id, version_id=version.id) as entry:
            async with self._deadline.limit("checking that it is live"):
                fault = await self._fault_of_publication(flow, version, operation)
            trail.stage = Stage.VALIDATED if fault else Stage.LIVE
            if fault is not None:
                raise fault
            entry.message = "live"

    async def _fault_of_publication(
        self, flow: Flow, version: FlowVersion, operation: Operation
    ) -> PublisherError | None:
        """Wait until the flow names the version as its published one; the error where it does not come to that."""
        live = flow.published_version_id
        for delay_s in VERIFY_DELAYS_S:
            await self._sleep(delay_s)
            seen = await self._client.flow(flow.id)
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

    async def _announce(self, kind: AnnouncementType, order: Order, flow: Flow, version: FlowVersion) -> bool | None:
        if self._liaison is None or not self._liaison.announces:
            return None
        return await self._liaison.tell(kind, flow, version, order.provenance)


async def find_flow(client: GenesysClient, order: Order) -> Flow:
    """The flow that a file is for: by its id where that is known, else by the name in the file."""
    if order.flow_id is not None:
        return await client.flow(order.flow_id)
    name = order.flow.name
    found = await client.flows_named(name)
    if not found:
        raise NotFoundError(
            f"{order.flow.file}: there is no flow named {name!r}. Create it in Architect first, or give its id with"
            f" {HOW_TO_NAME}.",
            code="flow.not-found",
        )
    if len(found) > 1:
        ids = ", ".join(f"{flow.id} ({flow.type})" for flow in found)
        raise UsageError(
            f"{order.flow.file}: {len(found)} flows are named {name!r}: {ids}. Give the id of the right one with"
            f" {HOW_TO_NAME}.",
            code="flow.ambiguous",
        )
    return found[0]


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


def has_failed(seen: Operation | None, asked: Operation) -> bool:
    """Whether the flow says that the very operation that was asked for has failed."""
    return seen is not None and seen.is_complete and seen.id == asked.id and seen.status not in {None, "SUCCESS"}


def _is_decided(version: FlowVersion) -> bool:
    return version.validation is not None and version.validation.is_final
