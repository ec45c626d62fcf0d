"""`receiver serve` and `receiver work` as processes: they say where they listen, and end when told to."""

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.receiver.relays import SECRET, SECRET_HEADER, a_body

START_S = 30
ENVIRON = {"CI_WEBHOOK_SECRET": SECRET, "RECEIVER_SHUTDOWN_S": "3"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Process:
    """A command at work."""

    popen: subprocess.Popen[str]
    url: str

    def send(self, body: bytes | None = None) -> httpx.Response:
        return httpx.post(
            f"{self.url}/webhooks/genesys", content=body or a_body(), headers={SECRET_HEADER: SECRET}, trust_env=False
        )

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str, str]:
        """Tell it to end; its exit code and what it printed."""
        self.popen.send_signal(number)
        out, err = self.popen.communicate(timeout=10)
        return self.popen.returncode, out, err

    def reload(self, said: str) -> str:
        """Tell it to read its config again; the line of the log that says so."""
        self.popen.send_signal(signal.SIGHUP)
        assert self.popen.stderr is not None
        return next(line for line in self.popen.stderr if said in line)

    def half_sent(self, data: bytes) -> socket.socket:
        """A connection on which so much was sent."""
        address = urlsplit(self.url)
        client = socket.create_connection((str(address.hostname), int(address.port or 0)))
        client.sendall(data)
        return client


def a_command(
    folder: Path, *arguments: str, environ: Mapping[str, str] = ENVIRON, under: Sequence[str] = ()
) -> subprocess.Popen[str]:
    """A command as a process; `under` is what runs it."""
    return subprocess.Popen(
        [*under, sys.executable, "-c", "import sys; from receiver.cli import main; sys.exit(main())", *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parent.parent.parent), **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def served(
    folder: Path, *arguments: str, environ: Mapping[str, str] = ENVIRON, under: Sequence[str] = ()
) -> Iterator[Process]:
    """`receiver serve` on a free port, once it listens."""
    with a_command(folder, "serve", "--port", "0", *arguments, environ=environ, under=under) as popen:
        too_slow = threading.Timer(START_S, popen.kill)
        too_slow.start()
        try:
            assert popen.stdout is not None
            line = popen.stdout.readline()
            assert line, popen.communicate()[1]
            told = json.loads(line)
            assert told["event"] == "listening"
            yield Process(popen=popen, url=told["url"])
        finally:
            too_slow.cancel()
            popen.kill()


def refused(folder: Path, *arguments: str, environ: Mapping[str, str] = ENVIRON) -> tuple[int, str]:
    """The exit code of a command that does not start, and what it says."""
    with a_command(folder, *arguments, environ=environ) as popen:
        out, err = popen.communicate(timeout=START_S)
        assert out == ""
        return popen.returncode, err


def test_it_says_where_it_listens_takes_events_and_ends(tmp_path: Path) -> None:
    with served(tmp_path) as receiver:
        taken = receiver.send()
        ready = httpx.get(f"{receiver.url}/readyz", trust_env=False)

        code, out, err = receiver.end()

    assert (taken.status_code, ready.status_code) == (202, 200)
    assert (code, out) == (0, "")
    assert [line["event"] for line in map(json.loads, lines_of_json(err))] == [
        "secrets passed over: not set",
        "listening",
        "stopping",
        "stopped",
    ]
    assert SECRET not in err


def test_what_was_taken_in_is_there_after_a_restart(tmp_path: Path) -> None:
    with served(tmp_path) as receiver:
        first = receiver.send().json()
        receiver.popen.kill()

    with served(tmp_path) as receiver:
        again = receiver.send().json()

    assert again == {**first, "duplicate": True}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_in_time_whatever_clients_do(tmp_path: Path, number: signal.Signals) -> None:
    head = b"POST /webhooks/genesys HTTP/1.1\r\nHost: relay\r\n" + f"{SECRET_HEADER}: {SECRET}\r\n".encode()
    with served(tmp_path) as receiver, ExitStack() as stack:
        data = (b"", b"POST", head, head + b"Content-Length: 9\r\n\r\n{")
        clients = [stack.enter_context(receiver.half_sent(sent)) for sent in data]

        code, _, err = receiver.end(number)
        answers = [client.recv(1) for client in clients]

    assert (code, answers) == (0, [b""] * 4)
    assert "Traceback" not in err


def test_secrets_in_files_are_read_again_at_sighup(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the one before\n", encoding="utf-8")
    with served(tmp_path, environ={"CI_WEBHOOK_SECRET_FILE": str(secret)}) as receiver:
        before = receiver.send()
        secret.write_text(f"{SECRET}\n", encoding="utf-8")
        receiver.reload("config reloaded")
        after = receiver.send()

    assert (before.status_code, after.status_code) == (401, 202)


def test_a_faulty_config_is_told_and_drops_no_request_that_is_under_way(tmp_path: Path) -> None:
    config = tmp_path / "receiver.yaml"
    config.write_text("limits: {body: 1MiB}\n", encoding="utf-8")
    head = b"POST /webhooks/genesys HTTP/1.1\r\nHost: relay\r\n" + f"{SECRET_HEADER}: {SECRET}\r\n".encode()
    with served(tmp_path, "--config", str(config)) as receiver, receiver.half_sent(head) as client:
        config.write_text("limits: {bdoy: 1MiB}\n", encoding="utf-8")
        said = receiver.reload("config not reloaded")
        client.sendall(b"Content-Length: 2\r\n\r\n{}")
        answer = client.recv(100)

    assert "receiver.yaml:1:10: limits has the unknown key 'bdoy'" in said
    assert answer.startswith(b"HTTP/1.1 202")


def test_it_takes_as_many_connections_as_the_system_lets(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        with served(tmp_path) as receiver:
            limits = Path(f"/proc/{receiver.popen.pid}/limits").read_text(encoding="ascii")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    [line] = [line for line in limits.splitlines() if line.startswith("Max open files")]
    assert int(line.split()[3]) == min(hard, 65_536)


def test_the_first_look_needs_no_token_on_this_machine(tmp_path: Path) -> None:
    with served(tmp_path) as receiver:
        _, _, err = receiver.end()

    assert f"This link signs in once: {receiver.url}/sign-in?token=" in err
    assert (tmp_path / "var/secret.key").stat().st_mode & 0o777 == 0o600


def test_with_a_token_no_link_is_printed(tmp_path: Path) -> None:
    environ = {**ENVIRON, "RECEIVER_ADMIN_TOKEN": "canary-token"}
    with served(tmp_path, environ=environ) as receiver:
        headers = {"Authorization": "Bearer canary-token"}
        listed = httpx.get(f"{receiver.url}/api/v1/events", headers=headers, trust_env=False)
        _, _, err = receiver.end()

    assert listed.status_code == 200
    assert "sign-in" not in err
    assert "canary" not in err


@pytest.mark.parametrize(
    "header", [{"Forwarded": "for=192.0.2.1"}, {"X-Forwarded-For": "192.0.2.1"}], ids=["forwarded", "x-forwarded-for"]
)
def test_a_proxy_that_is_trusted_says_who_asked(tmp_path: Path, header: Mapping[str, str]) -> None:
    environ = {**ENVIRON, "RECEIVER_ADMIN_TOKEN": "canary-token", "RECEIVER_TRUSTED_PROXIES": "127.0.0.1"}
    with served(tmp_path, environ=environ) as receiver:
        httpx.post(f"{receiver.url}/webhooks/genesys", headers=header, trust_env=False)
        headers = {"Authorization": "Bearer canary-token"}
        listed = httpx.get(f"{receiver.url}/api/v1/refusals", headers=headers, trust_env=False)

    assert [refusal["address"] for refusal in listed.json()["items"]] == ["192.0.2.1"]


def test_on_other_addresses_nobody_looks_in_without_a_token(tmp_path: Path) -> None:
    with served(tmp_path, "--host", "0.0.0.0") as receiver:  # noqa: S104
        taken = receiver.send()
        page = httpx.get(receiver.url, trust_env=False)
        _, _, err = receiver.end()

    assert (taken.status_code, page.status_code) == (202, 503)
    assert "sign-in" not in err


def test_without_a_secret_it_does_not_start(tmp_path: Path) -> None:
    code, err = refused(tmp_path, "serve", "--port", "0", environ={})

    assert code == 2
    assert err.count("\n") == 1
    assert "set CI_WEBHOOK_SECRET or CI_WEBHOOK_SECRET_PREVIOUS" in err


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({**ENVIRON, "RECEIVER_SHUTDOWN_S": "ten"}, "RECEIVER_SHUTDOWN_S is 'ten'; give a whole number from 1"),
        (
            {**ENVIRON, "RECEIVER_CONFIG": "gone.yaml"},
            "The config gone.yaml cannot be read: No such file",
        ),
        ({"CI_WEBHOOK_SECRET": "pässword"}, "CI_WEBHOOK_SECRET holds characters that a header cannot carry"),
    ],
    ids=["setting", "config", "secret"],
)
def test_a_wrong_setting_is_one_line(tmp_path: Path, environ: Mapping[str, str], said: str) -> None:
    code, err = refused(tmp_path, "serve", "--port", "0", environ=environ)

    assert (code, err.count("\n")) == (2, 1)
    assert said in err


def test_a_fault_in_the_config_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "receiver.yaml").write_text("sources:\n  genesys: {hedaer: X}\n", encoding="utf-8")

    code, err = refused(tmp_path, "serve", "--config", "receiver.yaml", "--port", "0")

    assert code == 2
    assert "receiver.yaml:2:13: " in err


def test_a_second_one_on_the_same_file_does_not_start(tmp_path: Path) -> None:
    with served(tmp_path):
        code, err = refused(tmp_path, "serve", "--port", "0")

    assert (code, err.count("\n")) == (9, 1)
    assert "one owner" in err


def test_a_port_in_use_is_one_line(tmp_path: Path) -> None:
    with served(tmp_path) as receiver:
        code, err = refused(tmp_path, "serve", "--port", str(urlsplit(receiver.url).port))

    assert (code, err.count("\n")) == (1, 1)
    assert "Choose another with --port or PORT." in err


def test_work_beside_an_sqlite_file_says_so_and_waits(tmp_path: Path) -> None:
    with a_command(tmp_path, "work", environ={**ENVIRON, "RECEIVER_WORKER_PORT": "0"}) as popen:
        assert popen.stderr is not None
        said = json.loads(popen.stderr.readline())

        popen.send_signal(signal.SIGHUP)
        popen.terminate()
        out, _ = popen.communicate(timeout=10)

    assert "`receiver serve` does the work itself" in said["event"]
    assert (popen.returncode, out) == (0, "")
    assert not (tmp_path / "var").exists()


def lines_of_json(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("{") and "short-lived" not in line]
