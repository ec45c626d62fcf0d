"""Stdout and stderr that are closed, break, or know few characters."""

import errno
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from receiver.cli import main
from receiver.cli.exits import ExitCode
from receiver.cli.streams import lossy
from receiver.cli.surroundings import Surroundings
from tests.receiver.test_cli_serving import served

COMMAND = [sys.executable, "-c", "from receiver.cli import main; raise SystemExit(main())"]


class Full(io.StringIO):
    """A stream to a full disk."""

    def write(self, _: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    def flush(self) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_under_the_results_is_told() -> None:
    err = io.StringIO()

    code = main(["config", "schema"], Surroundings(environ={}, out=Full(), err=err))

    assert (code, err.getvalue()) == (ExitCode.FAILED, "error: stdout takes no more: No space left on device.\n")


def test_a_stderr_that_takes_no_more_stops_nothing() -> None:
    stream = lossy(Full())

    written = stream.write("Checking")
    stream.flush()

    assert (written, stream.isatty()) == (8, False)


class Interrupted(io.StringIO):
    """A stream at which Ctrl-C is pressed."""

    def write(self, text: str) -> int:
        raise KeyboardInterrupt(text)


def test_ctrl_c_says_so_wherever_a_command_is() -> None:
    err = io.StringIO()

    code = main(["config", "schema"], Surroundings(environ={}, out=Interrupted(), err=err))

    assert (code, err.getvalue()) == (ExitCode.INTERRUPTED, "Stopped.\n")


def test_a_file_that_the_system_refuses_is_named() -> None:
    err = io.StringIO()

    code = main(["db", "backup", "x" * 300], Surroundings(environ={}, out=io.StringIO(), err=err))

    assert (code, err.getvalue()) == (ExitCode.USAGE, f"error: {'x' * 300}: File name too long.\n")


@pytest.mark.parametrize("closing", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_may_be_closed_from_the_start(closing: str) -> None:
    command = [*COMMAND, "config", "schema"]

    ended = subprocess.run(["/bin/sh", "-c", f'"$@" {closing}', "sh", *command], check=False, capture_output=True)

    assert (ended.returncode, ended.stderr) == (ExitCode.OK, b"")


def test_a_locale_of_few_characters_is_enough(tmp_path: Path) -> None:
    file = tmp_path / "weiß.yaml"
    file.write_text("sorces: {}\n", encoding="utf-8")
    environ = {**os.environ, "PYTHONIOENCODING": "ascii"}

    ended = subprocess.run(
        [*COMMAND, "config", "check", str(file)], check=False, capture_output=True, text=True, env=environ
    )

    assert ended.returncode == ExitCode.USAGE
    assert r"wei\xdf.yaml:1:1: There is no key 'sorces'" in ended.stderr


def test_a_log_on_a_full_disk_does_not_keep_events_out(tmp_path: Path) -> None:
    with served(tmp_path, under=("/bin/sh", "-c", 'exec "$@" 2>/dev/full', "sh")) as receiver:
        taken = receiver.send()

        code, _, _ = receiver.end()

    assert (taken.status_code, code) == (202, 0)
