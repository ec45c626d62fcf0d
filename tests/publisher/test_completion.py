"""Shells complete the command, though it loads only what it works with."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from publisher.cli import COMMANDS

LIMIT_S = 30
# What bash does on TAB, with the words typed so far as arguments; the last one is not complete.
PRESS_TAB = """
source "$HOME/.bashrc"
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_publisher_completion publisher
printf '%s\\n' "${COMPREPLY[@]}"
"""


def run(*command: str, **environment: str) -> str:
    """What a command prints, where `publisher` is on the PATH."""
    commands = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    ended = subprocess.run(
        command,
        env=os.environ | {"PATH": commands} | environment,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert ended.stderr == ""
    return ended.stdout


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home directory in which completion has been installed for bash."""
    folder = tmp_path_factory.mktemp("home")
    printed = run("bash", "-c", "publisher --install-completion; true", HOME=str(folder))
    assert "bash completion installed" in printed
    return folder


def completed(home: Path, *typed: str) -> list[str]:
    """What bash offers after these words."""
    return run("bash", "-c", PRESS_TAB, "bash", "publisher", *typed, HOME=str(home)).split()


def test_every_command_is_offered(home: Path) -> None:
    assert set(completed(home, "")) == set(COMMANDS)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (["val"], {"validate"}),
        (["webhook", ""], {"ensure", "list", "delete"}),
        (["validate", "--form"], {"--format"}),
        (["validate", "--format", "s"], {"sarif"}),
    ],
    ids=["command", "subcommand", "option", "value"],
)
def test_what_was_begun_is_completed(typed: list[str], offered: set[str], home: Path) -> None:
    assert set(completed(home, *typed)) == offered


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_get_every_command_with_what_it_does(shell: str) -> None:
    asked = {
        "_PUBLISHER_COMPLETE": f"complete_{shell}",
        "_TYPER_COMPLETE_ARGS": "publisher ",
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }

    offered = run("publisher", **asked)

    assert [command for command in COMMANDS if command not in offered] == []
    assert "Check flow files" in offered
