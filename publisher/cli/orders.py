"""From flow files to orders: checked, called as in the environment, and with where the change came from."""

from collections.abc import Sequence
from dataclasses import replace

from publisher.archy import ArchyFile, named_elsewhere
from publisher.cli.checking import content_hash
from publisher.cli.console import printable
from publisher.cli.project import Chosen
from publisher.environments import Environment
from publisher.errors import UsageError
from publisher.loader import Flow
from publisher.provenance import Provenance
from publisher.publish import Order


def orders_of(
    files: Sequence[Chosen], flows: Sequence[Flow], *, environment: Environment, provenance: Provenance
) -> list[Order]:
    """An order for each file."""
    orders = [
        order_of(file, flow, environment=environment, provenance=provenance)
        for file, flow in zip(files, flows, strict=True)
    ]
    refuse_twins(orders)
    return orders


def order_of(file: Chosen, flow: Flow, *, environment: Environment, provenance: Provenance) -> Order:
    """The order to put a file live."""
    return Order(
        flow=flow,
        flow_id=file.flow_id,
        provenance=replace(
            provenance,
            file=printable(flow.file),  # a name need not be text that can be sent
            content_hash=hash_of(flow),
            environment=environment.name or provenance.environment,
        ),
    )


def hash_of(flow: Flow) -> str:
    """The SHA-256 of what is sent of a flow, by which it is known again."""
    return flow.content_hash if isinstance(flow, ArchyFile) else content_hash(flow)


def as_named_in(environment: Environment, flow: Flow) -> Flow:
    """A flow as it is called in an environment."""
    if isinstance(flow, ArchyFile):
        return named_elsewhere(flow, flow_name=environment.flow_name, division=environment.division)
    if not flow.name:
        return flow
    return replace(flow, definition={**flow.definition, "name": environment.flow_name(flow.name)})


def refuse_twins(orders: Sequence[Order]) -> None:
    """Refuse two files that are for one flow: which of them is live in the end would be chance."""
    first: dict[tuple[str | None, str | None], Order] = {}
    for order in orders:
        what = (order.flow_id, None) if order.flow_id else (order.name, order.type)
        other = first.setdefault(what, order)
        if other is not order:
            raise UsageError(
                f"{other.file} and {order.file} are both for the flow {order.name!r}. Nothing was sent. Name one of"
                " them, or give the flows names of their own.",
                code="flow.twice",
            )
