"""The whole comparison."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from publisher.comparing.change import Change, Sign
from publisher.comparing.fields import field_changes
from publisher.comparing.nodes import compare_nodes, names_of_kept_nodes, node_changes
from publisher.comparing.ways import ComparedWay, compare_ways, way_changes, ways_of
from publisher.graph import Graph
from publisher.outline import Outline


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """What has become of a flow."""

    changes: tuple[Change, ...]
    """Those of nodes, of connections, of the flow itself; empty where nothing changed."""
    outline: Outline
    """The new flow, with what was removed from the old one still in it."""
    nodes: Sequence[Sign]
    """For each node of that outline."""
    edges: Sequence[Sign]
    """For each edge of it."""


def compare(old: Outline, new: Outline) -> Comparison:
    """What has become of the old flow in the new one."""
    names = names_of_kept_nodes(old, new)
    removed = [node for node, id_ in enumerate(old.graph.ids) if id_ not in names]
    nodes = [*compare_nodes(old, new, names), *(Sign.REMOVED for _ in removed)]
    before = [(names.get(source, source), names.get(target, target), on) for source, target, on in ways_of(old.graph)]
    ways = compare_ways(before, ways_of(new.graph))
    return Comparison(
        changes=(
            *node_changes(old, new, names),
            *way_changes(ways),
            *field_changes(old.rest, new.rest),
        ),
        outline=with_removed(old, new, removed, ways),
        nodes=nodes,
        edges=[way.sign for way in ways],
    )


def with_removed(old: Outline, new: Outline, removed: Sequence[int], ways: Sequence[ComparedWay]) -> Outline:
    """The new flow and what was removed."""
    ids = [*new.graph.ids, *(old.graph.ids[node] for node in removed)]
    number = {id_: node for node, id_ in enumerate(ids)}
    graph = Graph.of_columns(
        ids=ids,
        types=[*new.graph.types, *(old.graph.types[node] for node in removed)],
        sources=[number[way.source] for way in ways],
        targets=[number[way.target] for way in ways],
        conditions=[way.label for way in ways],
    )
    return replace(
        new,
        graph=graph,
        names=[*new.names, *(old.names[node] for node in removed)],
        fields=[*new.fields, *(old.fields[node] for node in removed)],
    )
