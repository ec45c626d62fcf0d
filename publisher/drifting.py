"""Looks for drift: every flow that the ledger knows, and those of some files, held against the organization."""

from collections.abc import Sequence
from dataclasses import dataclass

from publisher.drift import Drift, drift_of
from publisher.environments import Environment
from publisher.errors import NotFoundError
from publisher.finding import Wanted, find
from publisher.gathering import gathered
from publisher.genesys.client import GenesysClient
from publisher.genesys.errors import MissingError
from publisher.genesys.model import Flow
from publisher.ledger.ledger import Ledger
from publisher.ledger.model import FlowLedger


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """One flow as it was found, and how it is other than we left it."""

    flow: Flow | None
    ledger: FlowLedger
    drift: Drift | None

    @property
    def name(self) -> str:
        """The flow, as people call it."""
        known = self.ledger.last.flow_name if self.ledger.last else None
        return (self.flow.name if self.flow else None) or known or self.ledger.flow_id


async def look_for_drift(
    client: GenesysClient, ledger: Ledger, wanted: Sequence[Wanted], *, environment: Environment, whole: bool
) -> list[Look]:
    """These flows, and with `whole` every flow that we have put live or adopted here, too; by their names."""
    found = await gathered(lambda each: _found(client, each, environment=environment), wanted)
    flows = {flow.id: flow for flow in found if flow is not None}
    known = (
        {each.flow_id: each for each in await ledger.flows(environment=environment.name) if each.last} if whole else {}
    )
    looks = await gathered(
        lambda flow_id: _look(client, ledger, flow_id, flow=flows.get(flow_id), known=known.get(flow_id)),
        dict.fromkeys([*flows, *known]),
    )
    return sorted(looks, key=lambda look: (look.name.casefold(), look.ledger.flow_id))


async def _found(client: GenesysClient, wanted: Wanted, *, environment: Environment) -> Flow | None:
    """The flow of a file; None where publishing has yet to make it."""
    try:
        return await find(client, wanted, environment=environment)
    except (NotFoundError, MissingError):
        return None


async def _look(
    client: GenesysClient, ledger: Ledger, flow_id: str, *, flow: Flow | None, known: FlowLedger | None
) -> Look:
    known = known or await ledger.of_flow(flow_id)
    if flow is None:
        try:
            flow = await client.flow(flow_id)
        except MissingError:
            flow = None
    return Look(flow=flow, ledger=known, drift=drift_of(flow, known))
