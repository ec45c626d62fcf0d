"""Stdout and stderr that are closed, break, or know few characters."""

import errno
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from publisher.cli import main
from publisher.cli.console import Console
from publisher.cli.streams import ESCAPE
from publisher.cli.surroundings import Surroundings
from publisher.errors import ExitCode
from tests.publisher.organization import BOTH, Organization, a_flow_file

COMMAND = [sys.executable, "-c", "from publisher.cli import main; raise SystemExit(main())"]


class Full(io.StringIO):
    """A stream to a full disk."""

    def write(self, _: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


class Unread(io.StringIO):
    """A pipe that nobody reads from any more."""

    def write(self, _: str) -> int:
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
@pytest.mark.parametrize("text", ["Öffnung → ☎ 😀", "not\udcff text"], ids=["text", "a name of other bytes"])
def test_json_stays_json_in_every_encoding(text: str, encoding: str) -> None:
    written = json.dumps({"file": text}, ensure_ascii=False).encode(encoding, errors=ESCAPE)

    assert json.loads(written.decode(encoding)) == {"file": text}


def test_a_stdout_that_takes_no_more_is_told_once_and_stops_nothing() -> None:
    err = io.StringIO()
    console = Console(out=Full(), err=err, as_json=True)

    console.row({"id": 1}, "1")
    console.row({"id": 2}, "2")

    assert err.getvalue() == "warning: stdout takes no more, so the rest is not printed: No space left on device\n"


@pytest.mark.parametrize("stream", [Full, Unread])
def test_a_stderr_that_takes_no_more_stops_nothing(stream: type[io.StringIO]) -> None:
    out = io.StringIO()
    console = Console(out=out, err=stream(), as_json=True)

    console.say("Checking")
    console.row({"id": 1}, "1")

    assert out.getvalue() == '{"id": 1}\n'


@pytest.mark.parametrize("command", ["validate", "paths"])
def test_a_full_disk_under_the_results_is_told(command: str, tmp_path: Path) -> None:
    err = io.StringIO()

    code = main([command, str(a_flow_file(tmp_path))], Surroundings(out=Full(), err=err))

    assert (code, err.getvalue()) == (ExitCode.FAILED, "error: stdout takes no more: No space left on device.\n")


class Interrupted(io.StringIO):
    """A stream at which Ctrl-C is pressed."""

    def write(self, text: str) -> int:
        raise KeyboardInterrupt(text)


def test_ctrl_c_says_so_wherever_a_command_is(tmp_path: Path) -> None:
    err = io.StringIO()

    code = main(["paths", str(a_flow_file(tmp_path))], Surroundings(out=Interrupted(), err=err))

    assert (code, err.getvalue()) == (ExitCode.INTERRUPTED, "error: stopped.\n")


def test_a_file_that_the_system_refuses_is_named() -> None:
    err = io.StringIO()

    code = main(["validate", "x" * 300], Surroundings(out=io.StringIO(), err=err))

    assert (code, err.getvalue()) == (ExitCode.USAGE, f"error: {'x' * 300}: File name too long.\n")


@pytest.mark.parametrize("closing", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_may_be_closed_from_the_start(closing: str, tmp_path: Path) -> None:
    command = [*COMMAND, "validate", str(a_flow_file(tmp_path))]

    ended = subprocess.run(["/bin/sh", "-c", f'"$@" {closing}', "sh", *command], check=False, capture_output=True)

    assert (ended.returncode, ended.stderr) == (ExitCode.OK, b"")


def test_a_locale_of_few_characters_is_enough(tmp_path: Path) -> None:
    file = a_flow_file(tmp_path)
    environ = {**os.environ, "PYTHONIOENCODING": "ascii"}

    ended = subprocess.run([*COMMAND, "paths", file], check=False, capture_output=True, text=True, env=environ)

    assert ended.returncode == ExitCode.OK
    assert "n0 \\u2192 n1 \\u2192 n2" in ended.stdout


@pytest.mark.usefixtures("project")
def test_a_file_may_be_named_with_bytes_that_are_no_text(organization: Organization, project: Path) -> None:
    name = os.fsdecode(b"flow\xff.json")
    a_flow_file(project, file=name)

    ended = organization.run("publish", name, "--announce", "--audit-file", "audit.jsonl", environ=BOTH)

    assert ended.code == ExitCode.OK
    assert organization.told[-1]["provenance"]["file"] == "flow\N{REPLACEMENT CHARACTER}.json"
    assert len(Path("audit.jsonl").read_text().splitlines()) == len(ended.records())
