"""The contract that the project grew from, row by row: what a flow file holds, and what is found wrong with it."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from publisher.checks import check
from publisher.loader import parse_flow
from publisher.paths import FaultKind, simulate
from publisher.problems import Severity
from publisher.sandbox import FLOW_ID
from tests.publisher.organization import Organization, a_definition

EXAMPLE = Path(__file__).parents[2] / "config" / "flows" / "automated-ivr.json"


def codes(definition: dict[str, Any], **options: Any) -> list[str]:  # noqa: ANN401 - passed on
    """The codes of all problems of a flow."""
    return [problem.code for problem in check(parse_flow(json.dumps(definition), file="main.json"), **options)]


def messages(definition: dict[str, Any]) -> str:
    return "\n".join(problem.message for problem in check(parse_flow(json.dumps(definition), file="main.json")))


def with_connection(definition: dict[str, Any], source: str, target: str, condition: str = "always") -> dict[str, Any]:
    more = {"id": f"{source}-{target}", "sourceNodeId": source, "targetNodeId": target, "condition": condition}
    return {**definition, "connections": [*definition["connections"], more]}


def with_node(definition: dict[str, Any], id_: str, type_: str) -> dict[str, Any]:
    return {**definition, "nodes": [*definition["nodes"], {"id": id_, "type": type_, "name": id_}]}


def test_contract_row_15_the_fields_of_a_flow_in_json_or_yaml(organization: Organization) -> None:
    """Contract row 15: name, description, language, nodes, connections, variables, settings."""
    definition = json.loads(EXAMPLE.read_text())
    Path("main.yaml").write_text(yaml.safe_dump(definition, sort_keys=False))

    ended = organization.run("publish", "main.yaml")

    sent = organization.sandbox.org.flow(FLOW_ID).versions[ended.results()[0]["version_id"]].definition
    assert sent == definition
    assert [*sent] == ["name", "description", "language", "nodes", "connections", "variables", "settings"]


def test_contract_row_16_at_most_50_nodes() -> None:
    """Contract row 16: `--max-nodes`."""
    fifty_one = a_definition(types=["trigger", *["say"] * 49, "disconnect"])

    assert "flow.too-many-nodes" in codes(fifty_one)
    assert codes(fifty_one, max_nodes=51) == []


def test_contract_row_17_circles_are_found_where_no_path_leads_too() -> None:
    """Contract row 17: over all nodes, with the circle printed."""
    island = with_node(with_node(a_definition(), "a", "say"), "b", "say")
    circular = with_connection(with_connection(island, "a", "b"), "b", "a")

    assert "flow.cycle" in codes(circular)
    assert "a → b → a" in messages(circular)


@pytest.mark.parametrize(("id_", "type_"), [("start", "trigger"), ("trigger", "say")], ids=["by its type", "by its id"])
def test_contract_row_18_the_simulation_begins_at_the_trigger(id_: str, type_: str) -> None:
    """Contract row 18: the one node of type `trigger`, else the node with that id."""
    bare = {**a_definition(types=["say", "disconnect"])}
    flow = parse_flow(json.dumps(with_connection(with_node(bare, id_, type_), id_, "n0")), file="main.json")

    assert flow.graph is not None
    assert simulate(flow.graph).longest == (id_, "n0", "n1")


@pytest.mark.parametrize("type_", ["disconnect", "queue", "transfer", "hangup"])
def test_contract_row_19_what_ends_a_call(type_: str) -> None:
    """Contract row 19: the four types of terminals."""
    assert codes(a_definition(types=["trigger", type_])) == []


@pytest.mark.parametrize(
    ("definition", "kind", "path"),
    [
        (a_definition(types=["trigger", "say"]), FaultKind.DEAD_END, ("n0", "n1")),
        (a_definition(types=["trigger", "say", "menu"], is_circular=True), FaultKind.LOOP, ("n0", "n1", "n2", "n1")),
    ],
    ids=["dead end", "infinite loop"],
)
def test_contract_row_20_dead_ends_and_loops_are_found_with_a_path(
    definition: dict[str, Any], kind: FaultKind, path: tuple[str, ...]
) -> None:
    """Contract row 20: each with one concrete path."""
    graph = parse_flow(json.dumps(definition), file="main.json").graph

    assert graph is not None
    [fault] = simulate(graph).faults
    assert (fault.kind, fault.path) == (kind, path)


@pytest.mark.parametrize(("source", "target"), [("n1", "nowhere"), ("nowhere", "n1")])
def test_contract_row_21_connections_name_existing_nodes(source: str, target: str) -> None:
    """Contract row 21: every connection names existing nodes."""
    assert "flow.unknown-node" in codes(with_connection(a_definition(), source, target))


def test_contract_row_22_an_unknown_type_is_a_warning() -> None:
    """Contract row 22: the known list can be configured."""
    flow = parse_flow(json.dumps(a_definition(types=["trigger", "hologram", "disconnect"])), file="main.json")

    [problem] = check(flow)
    assert (problem.code, problem.severity) == ("flow.unknown-type", Severity.WARNING)
    assert check(flow, known_types={"trigger", "hologram", "disconnect"}) == ()


@pytest.mark.parametrize("second", ["always", "if digit == 1"], ids=["the same twice", "always beside another"])
def test_contract_row_23_conditions_out_of_a_node_are_unambiguous(second: str) -> None:
    """Contract row 23: the same condition twice, or `always` beside another, is an error."""
    definition = with_node(a_definition(), "other_end", "queue")

    assert "flow.ambiguous-condition" in codes(with_connection(definition, "n1", "other_end", second))
