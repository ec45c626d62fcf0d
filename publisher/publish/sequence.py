"""Which flow has to be there before which: those that are referred to go first, and circles begin with stubs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from publisher.archy import ArchyFile, Dependency, DependencyKind
from publisher.graph import Edge, Graph, knots, topological_order
from publisher.loader import Flow

TYPES: Mapping[DependencyKind, frozenset[str]] = {
    DependencyKind.BOT_FLOW: frozenset({"BOT", "DIGITALBOT"}),
    DependencyKind.COMMON_MODULE: frozenset({"COMMONMODULE"}),
    DependencyKind.IN_QUEUE_FLOW: frozenset({"INQUEUECALL", "INQUEUEEMAIL", "INQUEUESHORTMESSAGE"}),
}
"""The types of flow that a kind of reference can mean; any other kind can mean all types."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """When a flow's turn comes; flows are numbered as they were given."""

    after: frozenset[int] = frozenset()
    """The flows that have to be done before."""
    stubs: frozenset[int] = frozenset()
    """Flows that it refers to and that can only come later, since they refer to it, or it is the flow itself."""


def sequence(flows: Sequence[Flow]) -> list[Turn]:
    """The turn of each flow. What is referred to and is not among them is left to the organization."""
    numbers: dict[str, list[int]] = {}
    for number, flow in enumerate(flows):
        numbers.setdefault(flow.name, []).append(number)
    references = [frozenset(referred_to(flow, flows, numbers=numbers)) for flow in flows]
    knot_of = _knots(references)
    turns = []
    for number, needed in enumerate(references):
        later = frozenset(each for each in needed if knot_of[each] == knot_of[number] and each >= number)
        turns.append(Turn(after=needed - later, stubs=later))
    return turns


def referred_to(flow: Flow, flows: Sequence[Flow], *, numbers: Mapping[str, Sequence[int]]) -> Iterator[int]:
    """The numbers of the flows that one names; `numbers` has those of each name."""
    if not isinstance(flow, ArchyFile):
        return
    for reference in flow.flow_references:
        yield from (number for number in numbers.get(reference.name, ()) if _is_meant(flows[number], reference))


def _is_meant(flow: Flow, reference: Dependency) -> bool:
    types = TYPES.get(reference.kind)
    return types is None or (isinstance(flow, ArchyFile) and flow.flow_type in types)


def _knots(references: Sequence[frozenset[int]]) -> list[int]:
    """For each flow the number of its circle; each that is on none has one of its own."""
    edges = [
        Edge(source=str(needed), target=str(number))
        for number, all_needed in enumerate(references)
        for needed in sorted(all_needed)
    ]
    graph = Graph.of(ids=[str(number) for number in range(len(references))], types=[""] * len(references), edges=edges)
    knot_of = list(range(len(references)))
    for knot in knots(graph, topological_order(graph)):
        for number in knot:
            knot_of[number] = knot[0]
    return knot_of
