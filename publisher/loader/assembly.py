"""Makes a flow of the data of a file: the definition that is sent, and the graph that is checked.

What cannot be used (a node without an id, a second node with the same one, a connection to nowhere) is reported and
left out of the graph, so that one fault does not hide the others.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from publisher.flow_text import FlowText
from publisher.graph import ALWAYS, Graph
from publisher.loader.fields import (
    CONNECTION_FIELDS,
    FLOW_FIELDS,
    NODE_FIELDS,
    VARIABLE_FIELDS,
    Field,
    FieldReader,
)
from publisher.loader.flow_file import FlowFile
from publisher.problems import did_you_mean, quoted

MAX_SUGGESTIONS = 20
DEFAULTS: Mapping[str, Any] = {"description": "", "variables": [], "settings": {}}
PARTS: Mapping[str, tuple[str, Sequence[Field]]] = {
    "nodes": ("node", NODE_FIELDS),
    "connections": ("connection", CONNECTION_FIELDS),
    "variables": ("variable", VARIABLE_FIELDS),
}

Row = Mapping[str, Any]


def assemble(text: FlowText, data: Mapping[str, Any]) -> FlowFile:
    """The flow that a mapping describes, with every fault of its fields."""
    reader = FieldReader(text)
    given = reader.read(data, FLOW_FIELDS, path=(), thing="the flow")
    rows = {part: read_rows(given.get(part, []), part, reader) for part in PARTS}
    definition = in_order({**DEFAULTS, **given, **rows})
    flow = FlowFile(text=text, definition=definition)
    return with_graph(flow, reader) if "nodes" in given else with_problems(flow, reader)


def in_order(definition: Mapping[str, Any]) -> dict[str, Any]:
    """The fields in the order of the table."""
    return {field.name: definition[field.name] for field in FLOW_FIELDS if field.name in definition}


def read_rows(values: Sequence[object], part: str, reader: FieldReader) -> list[Row]:
    """The mappings of a list, each with its own fields; an id that was there before is reported."""
    thing, fields = PARTS[part]
    rows: list[Row] = []
    seen: dict[str, int] = {}
    for at, value in enumerate(values):
        row = reader.read(value, fields, path=(part, at), thing=name_of(value, thing, at))
        rows.append(row)
        first = seen.setdefault(row.get("id", f"\0{at}"), at)
        if first != at:
            report_duplicate(row["id"], (part, first, "id"), (part, at, "id"), reader)
    return rows


def name_of(value: object, thing: str, at: int) -> str:
    """What to call a row in messages: by its id where it has one."""
    id_ = value.get("id") if isinstance(value, dict) else None
    return f"{thing} {quoted(id_)}" if isinstance(id_, str) and id_ else f"{thing} number {at + 1}"


def report_duplicate(id_: str, first: tuple[str, int, str], second: tuple[str, int, str], reader: FieldReader) -> None:
    """Say that an id is used twice."""
    line = reader.text.place(first).line
    thing = PARTS[first[0]][0]
    message = f"{thing} id {quoted(id_)} is used twice; the first one is in line {line}."
    reader.report("flow.duplicate-id", message, at=second, hint="Give one of them another id.")


def with_problems(flow: FlowFile, reader: FieldReader) -> FlowFile:
    """The flow without a graph."""
    return FlowFile(text=flow.text, definition=flow.definition, problems=tuple(reader.problems))


def with_graph(flow: FlowFile, reader: FieldReader) -> FlowFile:
    """The flow with the graph of those of its nodes and connections that can be used."""
    nodes: Sequence[Row] = flow.definition["nodes"]
    connections: Sequence[Row] = flow.definition.get("connections", [])
    node_rows = usable_nodes(nodes)
    number = {nodes[row]["id"]: node for node, row in enumerate(node_rows)}
    edge_rows = [row for row, each in enumerate(connections) if joins_nodes(each, row, number, reader)]
    graph = Graph.of_columns(
        ids=[nodes[row]["id"] for row in node_rows],
        types=[nodes[row].get("type", "") for row in node_rows],
        sources=[number[connections[row]["sourceNodeId"]] for row in edge_rows],
        targets=[number[connections[row]["targetNodeId"]] for row in edge_rows],
        conditions=[connections[row].get("condition", "").strip() or ALWAYS for row in edge_rows],
    )
    return FlowFile(
        text=flow.text,
        definition=flow.definition,
        graph=graph,
        node_rows=node_rows,
        edge_rows=edge_rows,
        loose_nodes=loose_nodes(connections, number),
        problems=tuple(reader.problems),
    )


def loose_nodes(connections: Sequence[Row], number: Mapping[str, int]) -> frozenset[int]:
    """The nodes from which a connection leads to what is no node."""
    sources = (each.get("sourceNodeId", "") for each in connections if each.get("targetNodeId") not in number)
    return frozenset(number[source] for source in sources if source in number)


def usable_nodes(nodes: Sequence[Row]) -> list[int]:
    """The rows that have an id, each id once."""
    first = {row["id"]: at for at, row in reversed(list(enumerate(nodes))) if "id" in row}
    return sorted(first.values())


def joins_nodes(connection: Row, row: int, number: Mapping[str, int], reader: FieldReader) -> bool:
    """Whether both ends of a connection are nodes; an end that is none is reported."""
    ends = [end for end in ("sourceNodeId", "targetNodeId") if end in connection]
    unknown = [end for end in ends if connection[end] not in number]
    for end in unknown:
        thing = name_of(connection, "connection", row)
        direction = "comes from" if end == "sourceNodeId" else "leads to"
        message = f"{thing} {direction} node {quoted(connection[end])}, which does not exist."
        hint = did_you_mean(connection[end], number) if len(reader.problems) < MAX_SUGGESTIONS else ""
        reader.report("flow.unknown-node", message, at=("connections", row, end), hint=hint)
    return len(ends) == 2 and not unknown
