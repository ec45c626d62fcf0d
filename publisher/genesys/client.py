"""Genesys Cloud, as the publisher speaks to it."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from publisher.genesys import calls
from publisher.genesys.errors import GenesysError, NoWebhookApiError, NoWebhookListError, UnreadableError
from publisher.genesys.exchange import Request, Response
from publisher.genesys.model import Flow, FlowVersion, Operation, Registration, RegistrationDraft
from publisher.genesys.wire import Wire

MOST_PAGES = 1000
NO_SUCH_API = frozenset({404, 405, 501})

Item = TypeVar("Item")


class GenesysClient:
    """One organization: its flows, their versions, and the webhook registrations."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def authenticate(self) -> None:
        """Make sure that there is a token."""
        await self._wire.authenticate()

    async def flow(self, flow_id: str) -> Flow:
        """A flow as it now is."""
        return calls.read_flow(await self._wire.send(calls.get_flow(flow_id)))

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

    async def _pages(self, request: Callable[[int], Request], read: Callable[[Response], list[Item]]) -> list[Item]:
        found: list[Item] = []
        for page in range(1, MOST_PAGES + 1):
            response = await self._wire.send(request(page))
            found += read(response)
            if calls.is_last_page(response, page=page):
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
