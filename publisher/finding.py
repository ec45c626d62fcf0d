"""Finds the flow that a command is about: by its id, or by its name and, where that is known, its type."""

from dataclasses import dataclass

from publisher.environments import AS_SET, Environment
from publisher.errors import NotFoundError, UsageError
from publisher.genesys.client import GenesysClient
from publisher.genesys.model import Flow
from publisher.problems import did_you_mean, quoted


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """The flow that is wanted, as far as one can tell before asking the organization."""

    called: str
    """As whoever wants it called it: an id, a name, a file."""
    flow_id: str | None = None
    name: str = ""
    """What it is called in its environment; looked for where the id is not known."""
    type: str | None = None
    """As the API calls it: INBOUNDCALL; None where any will do."""


async def find(client: GenesysClient, wanted: Wanted, *, environment: Environment = AS_SET) -> Flow:
    """The flow that is wanted; NotFoundError where there is none, UsageError where there are several."""
    if wanted.flow_id is not None:
        return await client.flow(wanted.flow_id)
    found = [flow for flow in await client.flows_named(wanted.name) if wanted.type in {None, flow.type}]
    if not found:
        raise await _absent(client, wanted, environment=environment)
    if len(found) > 1:
        ids = ", ".join(f"{flow.id} ({flow.type})" for flow in found)
        raise UsageError(
            f"{len(found)} flows are named {quoted(wanted.name)}: {ids}. Give the id of the right one.",
            code="flow.ambiguous",
        )
    return found[0]


async def _absent(client: GenesysClient, wanted: Wanted, *, environment: Environment) -> NotFoundError:
    known = {flow.name: None for flow in await client.flows(name_prefix=environment.name_prefix) if flow.name}
    of_type = f" of the type {wanted.type}" if wanted.type else ""
    called = "" if wanted.called == wanted.name else f"{wanted.called}: "
    which = did_you_mean(wanted.name, known) or "Names are compared letter by letter; an id will do, too."
    text = f"There is no flow named {quoted(wanted.name)}{of_type} in {environment.place}. {which}"
    return NotFoundError(f"{called}{text}", code="flow.not-found")
