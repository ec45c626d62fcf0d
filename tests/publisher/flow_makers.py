"""Flows for tests, made of their connections."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from publisher.graph import TERMINAL_TYPES
from publisher.loader import FlowFile, parse_flow
from publisher.problems import Problem

Json = dict[str, Any]


def a_node(id_: str, type_: str = "say", **fields: object) -> Json:
    return {"id": id_, "type": type_, "name": id_.title(), **fields}


def a_connection(id_: str, source: str, target: str, condition: str | None = None) -> Json:
    connection = {"id": id_, "sourceNodeId": source, "targetNodeId": target}
    return connection if condition is None else {**connection, "condition": condition}


def a_flow(*ways: str, types: Mapping[str, str] | None = None, alone: Iterable[str] = (), **fields: object) -> Json:
    """A flow of ways such as `trigger>menu` or `menu>end:1` (on condition 1).

    A node called `trigger` is one, those called by a terminal type end the call, all others say something.
    """
    ends = [way.partition(":")[0].split(">") for way in ways]
    ids = dict.fromkeys([id_ for pair in ends for id_ in pair] + list(alone))
    types = {"trigger": "trigger", **{type_: type_ for type_ in TERMINAL_TYPES}, **(types or {})}
    return {
        "name": "Test flow",
        "description": "",
        "language": "en-US",
        "nodes": [a_node(id_, types.get(id_, "say")) for id_ in ids],
        "connections": [
            a_connection(f"c{number}", source, target, way.partition(":")[2] or None)
            for number, (way, (source, target)) in enumerate(zip(ways, ends, strict=True), start=1)
        ],
        "variables": [],
        "settings": {},
        **fields,
    }


def as_text(flow: Json) -> str:
    """The flow as JSON, with each node and connection in its own line."""
    return json.dumps(flow, indent=1)


def a_file(flow: Json) -> FlowFile:
    return parse_flow(as_text(flow), file="flow.json")


def codes(problems: Iterable[Problem]) -> list[str]:
    return [problem.code for problem in problems]


def a_problem(problems: Sequence[Problem], code: str) -> Problem:
    """The one problem with that code."""
    (problem,) = [each for each in problems if each.code == code]
    return problem
