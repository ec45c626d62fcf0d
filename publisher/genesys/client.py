"""Genesys Cloud, as the publisher speaks to it."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, TypeVar

from publisher.genesys import calls, inventory, jobs
from publisher.genesys.budget import RateBudget
from publisher.genesys.errors import (
    GenesysError,
    MissingError,
    NotAllowedError,
    NoWebhookApiError,
    NoWebhookListError,
    RefusedError,
    UnavailableError,
    UnreadableError,
)
from publisher.genesys.exchange import Request, Response
from publisher.genesys.inventory import Kind
from publisher.genesys.jobs import ExportJob, Job, Upload
from publisher.genesys.model import (
    Flow,
    FlowVersion,
    Found,
    Lock,
    Operation,
    Organization,
    Registration,
    RegistrationDraft,
)
from publisher.genesys.storage import Transfer
from publisher.genesys.wire import Wire

MOST_PAGES = 1000
MOST_PAGES_OF_THINGS = 5

UNSEEN_DELAYS_S = (1.0, 2.0, 4.0, 8.0)
"""How long to wait before each further look at something that was just made and cannot be seen yet."""

EXPORT_POLL_S = 2.0
EXPORT_LIMIT_S = 90.0
EXPORT_TRIES = 5
EXPORT_BACKOFF_S = 15.0
NO_SUCH_API = frozenset({404, 405, 501})

Item = TypeVar("Item")


class GenesysClient:
    """One organization: its flows, their versions, the jobs that make them, and the webhook registrations."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def authenticate(self) -> None:
        """Make sure that there is a token."""
        await self._wire.authenticate()

    @property
    def budget(self) -> RateBudget:
        """What the organization still lets us ask."""
        return self._wire.budget

    async def organization(self) -> Organization:
        """The organization that the credentials belong to."""
        return inventory.read_organization(await self._wire.send(inventory.get_organization()))

    async def permissions(self) -> frozenset[str]:
        """What the client's roles allow, as `domain:entity:action` with `*` for anything; see `inventory.holds`."""
        return inventory.read_permissions(await self._wire.send(inventory.get_grants()))

    async def is_allowed(self, permission: str) -> bool:
        """Whether the client has one of the permissions in `inventory.PROBES`, found out by asking for something."""
        try:
            await self._wire.send(inventory.probe(permission))
        except NotAllowedError:
            return False
        except (MissingError, RefusedError):
            return True
        return True

    async def flow(self, flow_id: str, *, is_new: bool = False) -> Flow:
        """A flow as it now is. One that was just made may not be seen at once: it is looked for some times."""
        request = calls.get_flow(flow_id)
        return calls.read_flow(await (self._seen(request) if is_new else self._wire.send(request)))

    async def flows(
        self, *, name_prefix: str = "", types: Collection[str] = (), published_after: datetime | None = None
    ) -> list[Flow]:
        """The flows whose name begins so, of these types, and live since that time."""
        pattern = f"{name_prefix}*" if name_prefix else None
        found = await self._pages(
            lambda page: calls.list_flows(pattern, page=page, types=types, published_after=published_after),
            calls.read_flows,
        )
        return [flow for flow in found if (flow.name or "").startswith(name_prefix)]

    async def flows_named(self, name: str) -> list[Flow]:
        """The flows with exactly this name; there may be one of each type."""
        found = await self._pages(lambda page: calls.list_flows(name, page=page), calls.read_flows)
        return [flow for flow in found if flow.name == name]

    async def create_version(self, flow_id: str, definition: Mapping[str, Any]) -> FlowVersion:
        """Push a definition as the flow's next version, which the server then checks by itself."""
        return calls.read_version(await self._wire.send(calls.create_version(flow_id, definition)))

    async def version(self, flow_id: str, version_id: str) -> FlowVersion:
        """A version as it now is."""
        return calls.read_version(await self._wire.send(calls.get_version(flow_id, version_id)))

    async def versions(self, flow_id: str) -> list[FlowVersion]:
        """Every version of a flow."""
        return await self._pages(lambda page: calls.list_versions(flow_id, page=page), calls.read_versions)

    async def definition(self, flow_id: str, version_id: str) -> Mapping[str, Any] | None:
        """The definition of nodes that a version was made from; None where it was made from something else.

        An organization of the platform itself is not asked: it has no such versions.
        """
        if self._wire.hosts.is_org:
            return None
        try:
            return calls.read_definition(await self._wire.send(calls.get_configuration(flow_id, version_id)))
        except MissingError:
            return None

    async def rename(self, flow: Flow, name: str) -> Flow:
        """Give a flow another name; its id stays."""
        changes = {"name": name} | ({"description": flow.description} if flow.description is not None else {})
        return calls.read_flow(await self._wire.send(calls.update_flow(flow.id, changes)))

    async def register_job(self, *, create_stubs: bool = False) -> Upload:
        """A job that waits for its file, and then publishes it by itself; `job` tells how far it has come.

        With stubs, flows that the file names and that do not exist yet are made empty first.
        """
        try:
            registered = await self._wire.send(jobs.register_job(create_stubs=create_stubs))
        except GenesysError as exc:
            if exc.status not in NO_SUCH_API:
                raise
            raise GenesysError(
                f"This host knows no publish jobs (HTTP {exc.status}), so it takes no Archy files. Check the API URL or"
                " region.",
                code=exc.code,
                status=exc.status,
                correlation_id=exc.correlation_id,
            ) from exc
        return jobs.read_upload(registered, api_url=self._wire.hosts.api_url)

    async def upload(self, upload: Upload, yaml: bytes) -> None:
        """Bring a job its file, with exactly the headers that it wants, and no token."""
        await self._wire.transfer(
            Transfer(method="PUT", url=upload.url, headers=upload.headers, content=yaml, doing="upload the flow file")
        )

    async def job(self, job_id: str) -> Job:
        """A job as it now is; one that was just registered may not be seen at once."""
        return jobs.read_job(await self._seen(jobs.get_job(job_id)))

    async def export(self, flow_id: str, version_id: str) -> bytes:
        """The Archy file of a version."""
        for attempt in range(1, EXPORT_TRIES + 1):
            job_id = jobs.read_job_id(await self._wire.send(jobs.register_export(flow_id, version_id)))
            job = await self._exported(job_id)
            if job.url is not None:
                transfer = Transfer(method="GET", url=job.url, doing="download the exported flow")
                return (await self._wire.transfer(transfer)).body
            if not job.is_worth_another or attempt == EXPORT_TRIES:
                break
            await self._wire.sleep(EXPORT_BACKOFF_S * attempt)
        raise _not_exported(flow_id, version_id, job)

    async def lock(self, flow_id: str) -> Lock | None:
        """Who is editing a flow; None where nobody is."""
        flow = await self.flow(flow_id)
        if flow.locked_by is None:
            return None
        try:
            since = await self._locked_since(flow)
        except GenesysError:
            since = None  # the history is a courtesy: who it is matters more
        return Lock(holder=flow.locked_by, holder_id=flow.locked_by_id, since=since, draft_saved_at=flow.draft_saved_at)

    async def unlock(self, flow_id: str) -> Flow:
        """Take the lock off a flow, whoever holds it; the platform keeps the holder's draft as a version."""
        return calls.read_flow(await self._wire.send(calls.unlock(flow_id)))

    async def named(self, kind: Kind | str, name: str) -> list[Found]:
        """The things of a kind with exactly this name but for its case; none where the organization lacks it."""
        shelf = Kind(kind)
        found = await self._pages(
            lambda page: inventory.list_named(shelf, name, page=page),
            lambda response: inventory.read_found(shelf, response),
        )
        return [one for one in found if one.name.casefold() == name.casefold()]

    async def things(self, kind: Kind | str) -> list[Found]:
        """The things of a kind that there are, up to some hundreds."""
        shelf = Kind(kind)
        return await self._pages(
            lambda page: inventory.list_all(shelf, page=page),
            lambda response: inventory.read_found(shelf, response),
            most=MOST_PAGES_OF_THINGS,
        )

    async def publish(self, flow_id: str, version_id: str) -> Operation:
        """Ask for a version to go live; only the flow itself proves that it did."""
        return calls.read_operation(await self._wire.send(calls.publish(flow_id, version_id)))

    async def registrations(self) -> list[Registration]:
        """Every webhook registration; NoWebhookListError where the host does not list them."""
        try:
            return await self._pages(lambda page: calls.list_registrations(page=page), calls.read_registrations)
        except GenesysError as exc:
            if exc.status not in NO_SUCH_API:
                raise
            raise _without(NoWebhookListError, "does not list webhook registrations", exc) from exc

    async def create_registration(self, draft: RegistrationDraft) -> Registration:
        """Register a webhook; NoWebhookApiError where the host knows none."""
        return await self._registered(calls.create_registration(draft), draft, absent=NO_SUCH_API)

    async def update_registration(self, registration_id: str, draft: RegistrationDraft) -> Registration:
        """Make a registration what it should be."""
        return await self._registered(
            calls.update_registration(registration_id, draft), draft, absent=NO_SUCH_API - {404}
        )

    async def delete_registration(self, registration_id: str) -> None:
        """Remove a registration."""
        try:
            await self._wire.send(calls.delete_registration(registration_id))
        except GenesysError as exc:
            if exc.status not in NO_SUCH_API - {404}:
                raise
            raise _without(NoWebhookApiError, "does not delete webhook registrations", exc) from exc

    async def _registered(self, request: Request, draft: RegistrationDraft, *, absent: frozenset[int]) -> Registration:
        try:
            return calls.read_registration(await self._wire.send(request), draft)
        except GenesysError as exc:
            if exc.status not in absent:
                raise
            raise _without(NoWebhookApiError, "has no webhook registrations", exc) from exc

    async def _seen(self, request: Request) -> Response:
        """The answer to a look at something that is known to exist: it may take the platform a while to see it too."""
        for delay_s in UNSEEN_DELAYS_S:
            try:
                return await self._wire.send(request)
            except MissingError:
                await self._wire.sleep(delay_s)
        return await self._wire.send(request)

    async def _exported(self, job_id: str) -> ExportJob:
        until = self._wire.monotonic() + EXPORT_LIMIT_S
        while True:
            response = await self._seen(jobs.get_export(job_id))
            job = jobs.read_export(response, api_url=self._wire.hosts.api_url)
            if job.is_final:
                return job
            if self._wire.monotonic() >= until:
                raise UnavailableError(
                    f"The export was not ready within {EXPORT_LIMIT_S:g} s. Try again later.", code="timeout"
                )
            await self._wire.sleep(EXPORT_POLL_S)

    async def _locked_since(self, flow: Flow) -> datetime | None:
        history_id = calls.read_operation(await self._wire.send(inventory.begin_history(flow.id))).id
        if history_id is None:
            return None
        response = await self._seen(inventory.get_checkouts(flow.id, history_id))
        return inventory.read_checkout(response, holder_id=flow.locked_by_id)

    async def _pages(
        self,
        request: Callable[[int], Request],
        read: Callable[[Response], list[Item]],
        *,
        most: int | None = None,
    ) -> list[Item]:
        """Every page of a list; where no more than so many are wanted, those."""
        found: list[Item] = []
        for page in range(1, (most or MOST_PAGES) + 1):
            response = await self._wire.send(request(page))
            found += read(response)
            if calls.is_last_page(response, page=page) or page == most:
                return found
        raise UnreadableError(f"The list goes on after {MOST_PAGES} pages.", code="not-json")


def _without(kind: type[NoWebhookApiError], lack: str, cause: GenesysError) -> NoWebhookApiError:
    return kind(
        f"This host {lack} (HTTP {cause.status}), as Genesys Cloud itself has none. The publisher can tell the receiver"
        " itself: use --announce.",
        code=cause.code,
        status=cause.status,
        correlation_id=cause.correlation_id,
    )


def _not_exported(flow_id: str, version_id: str, job: ExportJob) -> RefusedError:
    said = "; ".join(message.text for message in job.messages)
    return RefusedError(
        f"Genesys Cloud could not export version {version_id!r} of flow {flow_id!r}: {said or 'it gives no reason'}."
        " Check that the client may view everything that the flow names, or try again later.",
        code="export.failed",
    )
