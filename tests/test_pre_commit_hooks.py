"""The hooks for pre-commit: each runs one of our commands on the files that it is meant for."""

import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
HOOKS: Mapping[str, Mapping[str, Any]] = {
    hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
}
SCRIPTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
LIMIT_S = 30


def run(hook: str, *files: str) -> "subprocess.CompletedProcess[str]":
    """Run a hook in this repository, as pre-commit does."""
    command, *words = shlex.split(HOOKS[hook]["entry"])
    arguments = [*words, *HOOKS[hook].get("args", ()), *files]
    return subprocess.run(
        [Path(sys.executable).with_name(command), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


@pytest.mark.parametrize("hook", HOOKS)
def test_a_hook_has_what_pre_commit_wants_and_runs_one_of_our_commands(hook: str) -> None:
    assert HOOKS[hook].keys() >= {"id", "name", "entry", "language", "files"}
    assert HOOKS[hook]["language"] == "python"
    assert shlex.split(HOOKS[hook]["entry"])[0] in SCRIPTS


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_is_in_the_docs(hook: str) -> None:
    assert f"id: {hook}" in (ROOT / "docs" / "ci.md").read_text()


@pytest.mark.parametrize(
    ("hook", "files"),
    [
        ("flow-relay-validate", ["flows/main.yaml", "flows/eu/main.yml", "config/flows/main.json"]),
        ("flow-relay-publisher-config", ["config/publisher.yaml", "config/environments.yaml"]),
        ("flow-relay-receiver-config", ["config/receiver.yaml", "config/environments.yaml"]),
    ],
    ids=["flows", "publisher", "receiver"],
)
def test_a_hook_is_for_the_files_of_its_kind(hook: str, files: list[str]) -> None:
    others = ["README.md", "flows/main.txt", "workflows/main.yaml", "receiver.yaml", "publisher.yaml"]

    assert [file for file in files + others if re.search(HOOKS[hook]["files"], file)] == files


@pytest.mark.parametrize(
    ("hook", "files"),
    [
        ("flow-relay-validate", ["config/flows/automated-ivr.json"]),
        ("flow-relay-publisher-config", []),
        ("flow-relay-receiver-config", []),
    ],
    ids=["flows", "publisher", "receiver"],
)
def test_a_hook_passes_what_is_right(hook: str, files: list[str]) -> None:
    ended = run(hook, *files)

    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_a_hook_stops_a_commit_of_what_is_wrong() -> None:
    ended = run("flow-relay-validate", "tests/samples/flows/faulty.yaml")

    assert ended.returncode == 5
    assert "flow.cycle" in ended.stdout
