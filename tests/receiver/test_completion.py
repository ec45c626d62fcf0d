"""Shells complete the command, though it loads only what it works with."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from receiver.cli import COMMANDS

LIMIT_S = 30


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_every_command_is_offered(shell: str) -> None:
    asked = {
        "_RECEIVER_COMPLETE": f"complete_{shell}",
        "_TYPER_COMPLETE_ARGS": "receiver ",
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }

    ended = subprocess.run(
        [Path(sys.executable).with_name("receiver")],
        env=os.environ | asked,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )

    assert ended.stderr == ""
    assert [command for command in COMMANDS if command not in ended.stdout] == []
