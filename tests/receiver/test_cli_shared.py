"""`receiver serve` and `receiver work` as several processes on one PostgreSQL database."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from subprocess import Popen
from typing import ClassVar
from urllib.parse import urlsplit

import httpx
import pytest

from tests.receiver.postgres import PASSWORD, Server
from tests.receiver.test_cli_serving import ENVIRON, Process, a_command, refused, served

KEY = "sixteen characters and more"


@pytest.fixture
def environ(server: Server, url: str) -> Mapping[str, str]:
    return {
        **ENVIRON,
        "DATABASE_URL": url,
        "RECEIVER_SECRET_KEY": KEY,
        "RECEIVER_ADMIN_TOKEN": "an admin token",
        "RECEIVER_WORKER": "off",
    }


class Downstream(BaseHTTPRequestHandler):
    """A deploy system that notes its calls."""

    calls: ClassVar[list[str]]
    called: ClassVar[threading.Event]

    def do_POST(self) -> None:
        self.calls.append(self.headers["Idempotency-Key"])
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.called.set()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def downstream(tmp_path: Path) -> Iterator[type[Downstream]]:
    """A deploy system that the config of the folder calls."""

    class One(Downstream):
        calls: ClassVar[list[str]] = []
        called: ClassVar = threading.Event()

    with ThreadingHTTPServer(("127.0.0.1", 0), One) as listening:
        serving = threading.Thread(target=listening.serve_forever)
        serving.start()
        (tmp_path / "config").mkdir()
        url = f"http://127.0.0.1:{listening.server_port}/"
        (tmp_path / "config/receiver.yaml").write_text(
            f"pipelines: {{p: {{on: {{}}, steps: [{{id: call, target: http, url: '{url}'}}]}}}}"
        )
        yield One
        listening.shutdown()
        serving.join()


@contextmanager
def worked(folder: Path, environ: Mapping[str, str]) -> Iterator[Popen[str]]:
    """`receiver work`, once it works."""
    with a_command(folder, "work", environ=environ) as popen:
        assert popen.stderr is not None
        said = [json.loads(popen.stderr.readline())["event"]]
        try:
            assert said == ["working"]
            yield popen
        finally:
            popen.kill()


def run_of(receiver: Process) -> dict[str, str]:
    found = httpx.get(
        f"{receiver.url}/api/v1/runs", headers={"Authorization": "Bearer an admin token"}, trust_env=False
    )
    return dict(found.json()["items"][0])


def test_what_one_process_takes_in_another_does_and_a_third_shows(
    tmp_path: Path, environ: Mapping[str, str], downstream: type[Downstream]
) -> None:
    with (
        served(tmp_path, environ=environ) as one,
        served(tmp_path, environ=environ) as two,
        worked(tmp_path, environ) as working,
    ):
        first, again = one.send(), two.send()
        assert downstream.called.wait(10)
        working.terminate()
        _, err = working.communicate(timeout=10)
        shown = run_of(two)
        code, out, _ = one.end()

    assert again.json() == {**first.json(), "duplicate": True}
    assert (shown["status"], len(downstream.calls)) == ("succeeded", 1)
    assert (code, out, working.returncode) == (0, "", 0)
    assert PASSWORD not in err


def test_a_worker_is_watched_where_a_port_is_given(tmp_path: Path, environ: Mapping[str, str]) -> None:
    with worked(tmp_path, {**environ, "RECEIVER_WORKER_PORT": "0"}) as working:
        assert working.stdout is not None
        url = json.loads(working.stdout.readline())["url"]
        answers = [
            httpx.get(f"{url}/{name}", trust_env=False) for name in ("livez", "readyz", "metrics", "api/v1/runs")
        ]
        working.terminate()
        out, err = working.communicate(timeout=10)

    assert [answer.status_code for answer in answers] == [200, 200, 200, 404]
    assert "flowrelay_queue_depth 0.0" in answers[2].text
    assert (working.returncode, out) == (0, "")
    assert "Traceback" not in err


def test_a_port_that_a_worker_cannot_have_is_one_line(tmp_path: Path, environ: Mapping[str, str]) -> None:
    with served(tmp_path, environ=environ) as receiver:
        code, err = refused(tmp_path, "work", "--port", str(urlsplit(receiver.url).port), environ=environ)

    assert (code, err.count("\n")) == (1, 1)
    assert "cannot be had: Address already in use." in err


def test_without_a_key_that_all_share_nothing_starts(tmp_path: Path, environ: Mapping[str, str]) -> None:
    without = {name: value for name, value in environ.items() if name != "RECEIVER_SECRET_KEY"}

    said = [refused(tmp_path, command, environ=without) for command in ("serve", "work")]

    assert [code for code, _ in said] == [2, 2]
    assert all("RECEIVER_SECRET_KEY is not set, and with PostgreSQL" in err for _, err in said)


def test_a_server_that_is_away_at_the_start_is_said_in_one_line(tmp_path: Path, environ: Mapping[str, str]) -> None:
    away = {**environ, "DATABASE_URL": f"postgres://relay:{PASSWORD}@127.0.0.1:1/relay"}

    code, err = refused(tmp_path, "work", environ=away)

    assert code == 75
    assert err.count("\n") == 1
    assert "Is PostgreSQL up, and is DATABASE_URL right?" in err
    assert PASSWORD not in err


def test_commands_read_the_database_themselves(tmp_path: Path, environ: Mapping[str, str]) -> None:
    with served(tmp_path, environ=environ) as receiver:
        taken = receiver.send().json()
    with a_command(tmp_path, "events", "list", "--json", environ=environ) as listing:
        out, _ = listing.communicate(timeout=30)

    assert json.loads(out)["id"] == taken["id"]


def test_two_releases_at_once_make_the_tables_once(tmp_path: Path, server: Server) -> None:
    with server.empty_database() as url:
        commands = [
            a_command(tmp_path, "db", "upgrade", "--json", environ={**ENVIRON, "DATABASE_URL": url}) for _ in range(2)
        ]
        said = [command.communicate(timeout=30)[0] for command in commands]

    assert sorted(said) == ['{"changed": false}\n', '{"changed": true}\n']
