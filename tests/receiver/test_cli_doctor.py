"""What `receiver doctor` says, over real files and sockets, and how it ends."""

import json
import re
import socket
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from receiver.cli.exits import ExitCode
from receiver.store import place, upgrade_database
from tests.receiver.cli_stage import Answer, Seen, called
from tests.receiver.postgres import Server
from tests.receiver.store.sessions import alter
from tests.receiver.store.test_opening import broken_page, of_a_newer_release

CANARY = "canary-secret-in-the-environment"


def a_place(folder: Path, *, config: str = "", **environ: str) -> dict[str, str]:
    """The environment of a receiver whose files are in a folder."""
    (folder / "receiver.yaml").write_text(config)
    return {
        "DATABASE_URL": f"sqlite:///{folder / 'receiver.db'}",
        "RECEIVER_CONFIG": str(folder / "receiver.yaml"),
        "CI_WEBHOOK_SECRET": CANARY,
        "RECEIVER_ADMIN_TOKEN": CANARY,
        **environ,
    }


def looked(environ: Mapping[str, str], *, answer: Answer | None = None) -> Seen:
    return called(["doctor"], environ=environ, answer=answer)


def last_line(seen: Seen) -> str:
    return seen.out.splitlines()[-1]


def test_a_fresh_place_is_fine_and_can_be_served(tmp_path: Path) -> None:
    seen = looked(a_place(tmp_path))

    assert seen.code == ExitCode.OK
    assert "is not there yet; `receiver serve` makes it" in seen.out
    assert last_line(seen) == "Next: receiver serve"
    assert not (tmp_path / "receiver.db").exists()


def test_a_database_is_looked_over_and_left_as_it_is(tmp_path: Path) -> None:
    environ = a_place(tmp_path)
    upgrade_database(environ["DATABASE_URL"])
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    seen = looked(environ)

    told = ("ok       settings", "ok       secrets   set: CI_WEBHOOK_SECRET", "SQLite 3.", "ok       owner", "GB free")
    assert [words for words in told if words not in seen.out] == []
    assert "ok       mode      600" in seen.out
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_no_secret_is_ever_shown(tmp_path: Path) -> None:
    url = f"postgresql://u:{CANARY}@127.0.0.1:1/relay"

    printed = "".join(
        seen.out + seen.err
        for seen in (
            looked(a_place(tmp_path)),
            looked(a_place(tmp_path, DATABASE_URL=url, RECEIVER_SECRET_KEY=CANARY)),
            looked(a_place(tmp_path, CI_WEBHOOK_SECRET=f"ü{CANARY}")),
            called(["doctor", "--json"], environ=a_place(tmp_path)),
        )
    )

    assert CANARY not in printed


def test_for_programs_each_finding_is_an_object_and_the_command_comes_last(tmp_path: Path) -> None:
    seen = called(["doctor", "--json"], environ=a_place(tmp_path))

    *findings, last = [json.loads(line) for line in seen.out.splitlines()]
    assert {frozenset(finding) for finding in findings} == {frozenset({"check", "health", "found", "advice"})}
    assert (last["failed"], last["next"]) == (0, "receiver serve")


@pytest.mark.parametrize(
    ("environ", "said", "code"),
    [
        pytest.param({"PORT": "x"}, "FAILED   settings", ExitCode.USAGE, id="setting"),
        pytest.param({"CI_WEBHOOK_SECRET": ""}, "FAILED   secrets", ExitCode.USAGE, id="secret"),
        pytest.param({"DATABASE_URL": "mysql://h/d"}, "FAILED   database", ExitCode.USAGE, id="url"),
        pytest.param({"DATABASE_URL": "postgresql://u@127.0.0.1:1/d"}, "FAILED   key", ExitCode.USAGE, id="key"),
        pytest.param(
            {"DATABASE_URL": "postgresql://u@127.0.0.1:1/d", "RECEIVER_SECRET_KEY": CANARY},
            "FAILED   database",
            ExitCode.TRY_AGAIN,
            id="server",
        ),
    ],
)
def test_what_keeps_it_from_serving_fails(tmp_path: Path, environ: dict[str, str], said: str, code: ExitCode) -> None:
    seen = looked(a_place(tmp_path, **environ))

    assert said in seen.out
    assert (seen.code, last_line(seen)) == (code, "Next: receiver doctor")


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_the_clock_of_a_server_is_looked_at(tmp_path: Path, url: str) -> None:
    seen = looked(a_place(tmp_path, DATABASE_URL=url, RECEIVER_SECRET_KEY=CANARY))

    assert "ok       database  PostgreSQL " in seen.out
    assert re.search(r"warning  clock     it is [0-9,]+ s (ahead of|behind) the database server's", seen.out)
    assert seen.code == ExitCode.OK


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_a_server_that_the_start_would_refuse_fails(tmp_path: Path, server: Server, url: str) -> None:
    alter(server, url, "SET default_transaction_read_only = on")

    seen = looked(a_place(tmp_path, DATABASE_URL=url, RECEIVER_SECRET_KEY=CANARY))

    assert "FAILED   database  PostgreSQL takes no writes here" in seen.out
    assert (seen.code, last_line(seen)) == (ExitCode.FAILED, "Next: receiver doctor")


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"sauces: {}", "There is no key 'sauces'"), (b"\xff", "is not UTF-8"), (None, "cannot be read: No such file")],
    ids=["fault", "no text", "missing"],
)
def test_a_faulty_config_leads_to_its_check(tmp_path: Path, content: bytes | None, said: str) -> None:
    file = tmp_path / "other.yaml"
    file.write_bytes(content or b"")
    environ = a_place(tmp_path, RECEIVER_CONFIG=str(file if content else tmp_path / "gone.yaml"))

    seen = looked(environ)

    assert "FAILED   config" in seen.out
    assert said in seen.out
    assert (seen.code, last_line(seen)) == (ExitCode.USAGE, "Next: receiver config check")


@pytest.mark.parametrize("damage", [broken_page, of_a_newer_release])
def test_a_database_that_cannot_be_used_fails(tmp_path: Path, damage: object) -> None:
    environ = a_place(tmp_path)
    upgrade_database(environ["DATABASE_URL"])
    assert callable(damage)
    damage(tmp_path / "receiver.db")

    seen = looked(environ)

    assert "FAILED   database" in seen.out
    assert seen.code == ExitCode.FAILED


def test_a_database_in_use_leads_to_its_history(tmp_path: Path) -> None:
    environ = a_place(tmp_path)
    upgrade_database(environ["DATABASE_URL"])

    with place.owned(tmp_path / "receiver.db"):
        seen = looked(environ)

    assert "uses it" in seen.out
    assert last_line(seen) == "Next: receiver events list"


def test_an_open_address_without_a_token_is_warned_of(tmp_path: Path) -> None:
    at_home = looked(a_place(tmp_path, RECEIVER_ADMIN_TOKEN=""))
    outside = looked(a_place(tmp_path, RECEIVER_ADMIN_TOKEN="", PORT="8080"))

    assert "prints a link that signs in" in at_home.out
    assert "warning  token     no RECEIVER_ADMIN_TOKEN, and 0.0.0.0 is no loopback" in outside.out


def test_targets_are_tried_without_sending_anything(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        there, gone = listening.getsockname()[1], closed.getsockname()[1]
        steps = [f"{{id: s{port}, target: http, url: 'http://127.0.0.1:{port}/x'}}" for port in (there, gone, there)]
        steps[2] = steps[2].replace("id: s", "id: t")

        seen = looked(a_place(tmp_path, config=f"pipelines: {{p: {{on: {{}}, steps: [{', '.join(steps)}]}}}}"))

    assert f"ok       target    127.0.0.1:{there} can be reached" in seen.out
    assert f"warning  target    127.0.0.1:{gone} cannot be reached: " in seen.out
    assert seen.out.count("target  ") == 2
    assert seen.code == ExitCode.OK


@pytest.mark.parametrize(
    ("status", "said"), [(200, "ok       url       https://relay.test answers"), (502, "/livez answers 502")]
)
def test_the_public_address_is_asked(tmp_path: Path, status: int, said: str) -> None:
    environ = a_place(tmp_path, RECEIVER_PUBLIC_URL="https://relay.test")

    assert said in looked(environ, answer=lambda _: httpx.Response(status)).out


def test_a_public_address_where_nobody_is_is_warned_of(tmp_path: Path) -> None:
    def nobody(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    seen = looked(a_place(tmp_path, RECEIVER_PUBLIC_URL="https://relay.test"), answer=nobody)

    assert "nothing answers at https://relay.test: refused" in seen.out
