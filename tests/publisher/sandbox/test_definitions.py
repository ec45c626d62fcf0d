"""What the server makes of a definition."""

from publisher.graph import KNOWN_TYPES
from publisher.sandbox.definitions import compile_errors, refusals
from tests.publisher.sandbox.orgs import DEFINITION


def test_a_sound_definition_is_taken() -> None:
    assert refusals(DEFINITION, node_types=KNOWN_TYPES) == []
    assert compile_errors(DEFINITION) == ()


def test_every_fault_is_told_at_once() -> None:
    definition = {"name": "x", "nodes": [{"id": "a", "type": "b"}], "connections": [{"id": "c"}]}

    assert len(refusals(definition, node_types=KNOWN_TYPES)) == 4


def test_a_long_chain_is_compiled() -> None:
    count = 20_000
    nodes = [{"id": f"n{number}", "type": "say"} for number in range(count)]
    connections = [{"sourceNodeId": f"n{n}", "targetNodeId": f"n{n + 1}"} for n in range(count - 1)]

    assert compile_errors({"nodes": nodes, "connections": connections}) == (f"Node 'n{count - 1}' leads nowhere.",)
