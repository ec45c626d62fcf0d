"""Which flow of the organization each file is for."""

from collections.abc import Sequence

from publisher.errors import NotFoundError, UsageError
from publisher.genesys.client import GenesysClient
from publisher.genesys.model import Flow
from publisher.ledger.ledger import Ledger
from publisher.publish.former import FormerFlows, Warn
from publisher.publish.order import Order

HOW_TO_NAME = "--flow-id, GENESYS_FLOW_ID or config/publisher.yaml"


MOST_ASKED_ONE_BY_ONE = 20
"""For more flows than this, the organization is asked for all its flows at once: a page holds a hundred."""


class Finder:
    """Looks for flows: by the id where that is known, else by what the file says.

    An Archy file that names no flow there is may have got another name: then it is for the flow that was published from
    it before, as the ledger tells. With `warn`, a ledger that cannot be asked is no error: then it is for a new flow.
    """

    def __init__(self, client: GenesysClient, *, ledger: Ledger | None = None, warn: Warn | None = None) -> None:
        self._client = client
        self._listed: dict[str, list[Flow]] | None = None
        self._former = FormerFlows(client, ledger, warn=warn)

    async def prepare(self, orders: Sequence[Order]) -> None:
        """Get ready to be asked for the flows of these orders."""
        self._former.names = frozenset((order.name, order.type) for order in orders)
        if sum(order.flow_id is None for order in orders) <= MOST_ASKED_ONE_BY_ONE:
            return
        self._listed = {}
        for flow in await self._client.flows():
            self._listed.setdefault(flow.name or "", []).append(flow)

    async def flow_of(self, order: Order) -> Flow | None:
        """The flow as it now is. None where there is none yet, and publishing makes it: only Archy files do that."""
        if order.flow_id is not None:
            return _of_its_type(order, await self._client.flow(order.flow_id))
        found = await self._named(order.name)
        if order.type is not None:
            flow = next((flow for flow in found if flow.type == order.type), None)
            return flow or await self._former.flow_of(order)
        return _only_one(order, found)

    async def _named(self, name: str) -> list[Flow]:
        return await self._client.flows_named(name) if self._listed is None else self._listed.get(name, [])


def _of_its_type(order: Order, flow: Flow) -> Flow:
    """The flow of that id; the job of an Archy file goes by name and type, and would make another one."""
    if order.type is None or flow.type in {None, order.type}:
        return flow
    raise UsageError(
        f"{order.file} holds a flow of the type {order.type}, but flow {flow.id} ({flow.name!r}), which it is to be"
        f" for, is {flow.type}. Give the id of the right one, or none: then it is found by its name and type.",
        code="flow.other-type",
    )


def _only_one(order: Order, found: list[Flow]) -> Flow:
    """The flow of a graph file, which does not tell its type."""
    if not found:
        raise NotFoundError(
            f"{order.file}: there is no flow named {order.name!r}. Create it in Architect first, or give its id with"
            f" {HOW_TO_NAME}.",
            code="flow.not-found",
        )
    if len(found) > 1:
        ids = ", ".join(f"{flow.id} ({flow.type})" for flow in found)
        raise UsageError(
            f"{order.file}: {len(found)} flows are named {order.name!r}: {ids}. Give the id of the right one with"
            f" {HOW_TO_NAME}.",
            code="flow.ambiguous",
        )
    return found[0]
