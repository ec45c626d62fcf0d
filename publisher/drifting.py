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
from publisher.publish.finding import MOST_ASKED_ONE_BY_ONE


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
    """These flows, by their names; with `whole` every flow that we have put live or adopted here, too.

    A flow that is not there is drift where the ledger knows it. Else it is an error, but for `whole`: then it is one
    that publishing has yet to make.
    """
    found = await gathered(lambda each: _found(client, each, environment=environment, may_be_new=whole), wanted)
    flows = {flow.id: flow for flow in found if flow is not None}
    ledgers = await ledger.flows(environment=environment.name) if whole else ()
    known = {each.flow_id: each for each in ledgers if each.last is not None}
    if len(known) > MOST_ASKED_ONE_BY_ONE:
        flows |= {flow.id: flow for flow in await client.flows() if flow.id in known}
    gone = [each.flow_id for each, flow in zip(wanted, found, strict=True) if flow is None and each.flow_id]
    looks = await gathered(
        lambda flow_id: _look(client, ledger, flow_id, flow=flows.get(flow_id), known=known.get(flow_id)),
        dict.fromkeys([*flows, *known, *gone]),
    )
    there = [look for look in looks if look.flow is not None or look.ledger.last is not None]
    if len(there) < len(looks) and not whole:
        nowhere = next(look.ledger.flow_id for look in looks if look not in there)
        raise NotFoundError(f"There is no flow {nowhere}, nor was one published.", code="flow.not-found")
    return sorted(there, key=lambda look: (look.name.casefold(), look.ledger.flow_id))


async def _found(client: GenesysClient, wanted: Wanted, *, environment: Environment, may_be_new: bool) -> Flow | None:
    """The flow that is wanted; None where there is none, and that may be so."""
    try:
        return await find(client, wanted, environment=environment)
    except (NotFoundError, MissingError):
        if wanted.flow_id is None and not may_be_new:
            raise
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
