"""Ctrl-C and SIGTERM, sent to a real process that talks to a real sandbox."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from publisher.errors import ExitCode
from tests.publisher.archy_makers import an_archy_text
from tests.publisher.organization import a_flow_file

COMMAND = [sys.executable, "-c", "from publisher.cli import main; raise SystemExit(main())"]
LIMIT_S = 20


@contextmanager
def started(*arguments: str, environ: dict[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    """A command as a process; killed when the block ends, should it still be there."""
    with subprocess.Popen(
        [*COMMAND, *arguments],
        env={**os.environ, **(environ or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def stuck_url() -> Iterator[str]:
    """Where a sandbox listens whose validations do not end."""
    with started("sandbox", "--port", "0", "--fault", "stuck:times=always") as sandbox:
        assert sandbox.stdout is not None
        yield str(json.loads(sandbox.stdout.readline())["url"])


@pytest.mark.parametrize(
    ("sent", "code"),
    [(signal.SIGINT, ExitCode.INTERRUPTED), (signal.SIGTERM, ExitCode.TERMINATED)],
    ids=["Ctrl-C", "SIGTERM"],
)
def test_it_ends_at_once_and_says_how_far_it_has_come(
    sent: signal.Signals, code: ExitCode, stuck_url: str, tmp_path: Path
) -> None:
    file = a_flow_file(tmp_path)
    environ = {"GENESYS_API_URL": stuck_url, "GENESYS_CLIENT_ID": "a", "GENESYS_CLIENT_SECRET": "b"}

    with started("publish", str(file), environ=environ) as process:
        assert process.stderr is not None
        said = next(line for line in process.stderr if "Waiting for the server's validation" in line)
        process.send_signal(sent)
        out, err = process.communicate(timeout=LIMIT_S)

    assert said
    assert process.returncode == code
    assert err.splitlines() == [
        "error: stopped.",
        "Version 2 (id 2.0) of flow 'Automated IVR Flow v2' was created and is still being validated by the server;"
        " it is not live.",
        f"Next: publisher publish {file}",
        err.splitlines()[-1],
    ]
    last = json.loads(out.splitlines()[-1])
    assert (last["action"], last["status"], last["error_code"]) == ("poll_validation", "failed", "cancelled")


def test_a_webhook_command_ends_at_once_too(tmp_path: Path) -> None:
    environ = {"GENESYS_CLIENT_ID": "a", "GENESYS_CLIENT_SECRET": "b"}

    with started("sandbox", "--port", "0", "--fault", "slow:delay_s=60") as sandbox:
        assert sandbox.stdout is not None
        environ["GENESYS_API_URL"] = str(json.loads(sandbox.stdout.readline())["url"])
        with started("webhook", "list", environ=environ) as process:
            assert process.stderr is not None
            process.stderr.readline()
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=LIMIT_S)

    assert process.returncode == ExitCode.INTERRUPTED


def test_of_many_files_it_says_what_is_so_for_each(tmp_path: Path) -> None:
    names = ("first", "second", "third")
    files = [tmp_path / f"{name}.yaml" for name in names]
    for file, name in zip(files, names, strict=True):
        file.write_text(an_archy_text(name))
    environ = {"GENESYS_CLIENT_ID": "a", "GENESYS_CLIENT_SECRET": "b"}

    with started("sandbox", "--port", "0", "--fault", "stuck:times=always") as sandbox:
        assert sandbox.stdout is not None
        environ["GENESYS_API_URL"] = str(json.loads(sandbox.stdout.readline())["url"])
        with started("publish", "--concurrency", "2", *map(str, files), environ=environ) as process:
            assert process.stderr is not None
            said = [next(line for line in process.stderr if "Waiting for job" in line) for _ in range(2)]
            process.send_signal(signal.SIGTERM)
            out, err = process.communicate(timeout=LIMIT_S)

    jobs = [line.split()[-2] for line in sorted(said)]
    assert process.returncode == ExitCode.TERMINATED
    assert err.splitlines()[:5] == [
        "error: stopped.",
        f"Job {jobs[0]} was handed {files[0]}; whether it has put it live is not known.",
        f"Job {jobs[1]} was handed {files[1]}; whether it has put it live is not known.",
        f"Nothing of 1 file was sent: {files[2]}.",
        f"Next: publisher publish --dry-run {files[0]} {files[1]} {files[2]}   # says which version is live",
    ]
    records = [json.loads(line) for line in out.splitlines()]
    assert [record["message"] for record in records if record["status"] == "skipped"] == [
        f"{files[2]}: not tried; the command ended before it"
    ]
