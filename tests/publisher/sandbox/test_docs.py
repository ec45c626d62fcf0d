"""docs/sandbox.md tells everything that there is."""

from pathlib import Path

import pytest

from publisher.sandbox import FaultKind, SandboxSettings, SeedFlow
from publisher.sandbox.app import API, CONTROL, TOKENS
from publisher.sandbox.faults import DEFAULTS

PAGE = (Path(__file__).parents[3] / "docs" / "sandbox.md").read_text(encoding="utf-8")
CALLS = [f"{method} {path}" for method, path, *_ in (*TOKENS, *API, *CONTROL)]


def row_of(kind: FaultKind) -> str:
    return next(line for line in PAGE.splitlines() if line.startswith(f"| `{kind.value}` |"))


@pytest.mark.parametrize("call", CALLS)
def test_every_call_is_told(call: str) -> None:
    assert f"| `{call}` |" in PAGE


@pytest.mark.parametrize("kind", FaultKind)
def test_every_fault_is_told_with_what_it_takes(kind: FaultKind) -> None:
    assert all(f"`{key}`" in row_of(kind) for key in DEFAULTS[kind])


@pytest.mark.parametrize("flow", SandboxSettings().flows, ids=lambda flow: flow.name)
def test_every_flow_is_told(flow: SeedFlow) -> None:
    assert f"| {flow.name} | `{flow.id}` |" in PAGE
