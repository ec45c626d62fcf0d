"""A flow file that was read: what is sent, the graph that is checked, and where each part stands."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from publisher.flow_text import FlowText, Path
from publisher.graph import Graph
from publisher.problems import Problem, quoted


@dataclass(frozen=True, kw_only=True, slots=True)
class FlowFile:
    """A flow file that was read, with the faults that reading found. It is sent only when checks find no errors."""

    text: FlowText
    definition: Mapping[str, Any] = field(default_factory=dict)
    """Exactly the fields that the API takes."""
    graph: Graph | None = None
    """None where the file holds no list of nodes."""
    node_rows: Sequence[int] = ()
    """For each node of the graph, its position in `nodes`: a row that cannot be used is left out of the graph."""
    edge_rows: Sequence[int] = ()
    """For each edge of the graph, its position in `connections`."""
    loose_nodes: Collection[int] = ()
    """The nodes of the graph from which a connection leads to a node that does not exist."""
    problems: tuple[Problem, ...] = ()

    @property
    def file(self) -> str:
        """The file's name, as it was given."""
        return self.text.file

    @property
    def name(self) -> str:
        """The flow's name; empty where it could not be read."""
        return str(self.definition.get("name", ""))

    @property
    def description(self) -> str:
        """What the flow says of itself."""
        return str(self.definition.get("description", ""))

    def node_path(self, node: int, part: str = "id") -> Path:
        """Where a field of a node stands."""
        return ("nodes", self.node_rows[node], part) if self.node_rows else ()

    def edge_path(self, edge: int, part: str) -> Path:
        """Where a field of an edge's connection stands (the connection itself, where the field is left out)."""
        return ("connections", self.edge_rows[edge], part) if self.edge_rows else ()

    def edge_name(self, edge: int, *, capital: bool = True) -> str:
        """What to call an edge's connection in a message."""
        row = self.edge_rows[edge] if self.edge_rows else edge
        rows = self.definition.get("connections", ())
        id_ = rows[row].get("id") if row < len(rows) else None
        thing = "Connection" if capital else "connection"
        return f"{thing} {quoted(id_)}" if id_ else f"{thing} number {row + 1}"
