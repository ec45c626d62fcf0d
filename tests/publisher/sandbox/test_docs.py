"""docs/sandbox.md tells everything that there is."""

from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from publisher.cli import application
from publisher.sandbox import FaultKind, SandboxSettings, SeedFlow, Thing
from publisher.sandbox.app import API, CONTROL, STORAGE, TOKENS
from publisher.sandbox.faults import DEFAULTS

PAGE = (Path(__file__).parents[3] / "docs" / "sandbox.md").read_text(encoding="utf-8")
CALLS = [f"{method} {path}" for method, path, *_ in (*TOKENS, *STORAGE, *API, *CONTROL)]


APPLICATION: Any = get_command(application("sandbox"))
GROUP = APPLICATION.commands["sandbox"]
EMIT = GROUP.commands["emit"]
OPTIONS = [option for command in (GROUP, EMIT) for parameter in command.params for option in parameter.opts]


def row_of(kind: FaultKind) -> str:
    return next(line for line in PAGE.splitlines() if line.startswith(f"| `{kind.value}` |"))


@pytest.mark.parametrize("call", CALLS)
def test_every_call_is_told(call: str) -> None:
    assert f"| `{call}` |" in PAGE


@pytest.mark.parametrize("option", [option for option in OPTIONS if option.startswith("--")])
def test_every_option_is_told(option: str) -> None:
    assert f"`{option}" in PAGE


@pytest.mark.parametrize("kind", FaultKind)
def test_every_fault_is_told_with_what_it_takes(kind: FaultKind) -> None:
    assert all(f"`{key}`" in row_of(kind) for key in DEFAULTS[kind])


@pytest.mark.parametrize("flow", SandboxSettings().flows, ids=lambda flow: flow.name)
def test_every_flow_is_told(flow: SeedFlow) -> None:
    assert f"| {flow.name} | `{flow.id}` |" in PAGE


@pytest.mark.parametrize("thing", SandboxSettings().things, ids=lambda thing: thing.name)
def test_every_thing_is_told(thing: Thing) -> None:
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{thing.kind}` |"))

    assert thing.name in row
