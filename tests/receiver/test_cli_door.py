"""`receiver secrets` and `receiver refusals`."""

import json
from pathlib import Path

import httpx
import pytest

from receiver.cli.exits import ExitCode
from receiver.cli.secrets import secrets_table
from receiver.store import upgrade_database
from receiver.store.place import owned, path_of
from receiver.verify import fingerprint
from tests.receiver.cli_stage import REMOTE, called, printed, scripted
from tests.receiver.relays import SECRET

NAME = "CI_WEBHOOK_SECRET"
KNOWN = {
    "name": NAME,
    "status": "revoked",
    "fingerprint": "0badcafe",
    "sources": ["genesys"],
    "last_used_at": "2026-11-23T12:00:00.250Z",
    "revoked_at": "2026-11-23T12:00:01.000Z",
}
REFUSED = {
    "at": "2026-11-23T12:00:00.250Z",
    "source": "genesis",
    "nearest_source": "genesys",
    "address": "192.0.2.1",
    "status": 401,
    "reason": "no such source",
    "size": 12,
}


@pytest.fixture
def here(tmp_path: Path) -> dict[str, str]:
    """The environment of a receiver that has run here and does not now."""
    url = f"sqlite:///{tmp_path / 'receiver.db'}"
    upgrade_database(url)
    config = tmp_path / "receiver.yaml"
    config.write_text("sources: {genesys: {secrets: [CI_WEBHOOK_SECRET, OLD]}}", encoding="utf-8")
    return {"DATABASE_URL": url, "RECEIVER_CONFIG": str(config), NAME: SECRET}


def test_secrets_are_listed_for_people(here: dict[str, str]) -> None:
    seen = called(["secrets", "list"], environ=here)

    told = (NAME, fingerprint(SECRET), "active", "genesys", "never", "OLD", "unset")
    assert seen.code == ExitCode.OK
    assert [words for words in told if words not in seen.out] == []
    assert SECRET not in seen.out


@pytest.mark.parametrize("width", [40, 80])
def test_a_terminal_shows_every_word_of_a_secret(width: int) -> None:
    used, unset = {**KNOWN, "sources": ["genesys", "events_of_production"]}, {**KNOWN, "status": "unset"}

    seen = printed(secrets_table([used, {**unset, "fingerprint": None, "last_used_at": None}]), width=width)

    told = (NAME, "0badcafe", "revoked", "genesys", "events_of_production", "unset", "no value", "never used")
    assert [words for words in told if words not in seen] == []


@pytest.mark.parametrize(("width", "fold"), [(40, 40), (80, 36)])
def test_a_name_to_be_typed_is_folded_and_never_cut_off(width: int, fold: int) -> None:
    name = "GENESYS_CLOUD_PRODUCTION_EUROPE_WEBHOOK_SECRET_PREVIOUS"

    seen = printed(secrets_table([{**KNOWN, "name": name}]), width=width)

    assert name[:fold] in seen
    assert name[fold:] in seen


def test_secrets_are_listed_for_programs(here: dict[str, str]) -> None:
    seen = called(["secrets", "list", "--json"], environ=here)

    assert [json.loads(line)["name"] for line in seen.out.splitlines()] == [NAME, "OLD"]


def test_a_secret_is_revoked_and_restored_while_no_receiver_runs(here: dict[str, str]) -> None:
    revoked = called(["secrets", "revoke", NAME], environ=here)
    listed = called(["secrets", "list", "--json"], environ=here)
    restored = called(["secrets", "restore", NAME, "--json"], environ=here)

    assert revoked.out == f"{NAME} ({fingerprint(SECRET)}) is revoked.\n"
    assert "Source 'genesys' takes nothing in now" in revoked.err
    assert json.loads(listed.out.splitlines()[0])["status"] == "revoked"
    assert json.loads(restored.out)["status"] == "active"


def test_where_one_runs_it_has_to_be_asked(here: dict[str, str]) -> None:
    with owned(path_of(here["DATABASE_URL"])):
        seen = called(["secrets", "revoke", NAME], environ=here)

    assert seen.code == ExitCode.CONFLICT
    assert "ask it: set RECEIVER_URL" in seen.err


def test_a_running_receiver_is_asked_to_revoke() -> None:
    active = {**KNOWN, "name": "NEW", "status": "active"}
    answers = (
        httpx.Response(200, json=KNOWN),
        httpx.Response(200, json={"items": [KNOWN, active], "next_cursor": None}),
    )
    with scripted(*answers) as (answer, asked):
        seen = called(["secrets", "revoke", NAME], environ=REMOTE, answer=answer)

    assert (seen.code, seen.err) == (ExitCode.OK, "")
    assert seen.out == f"{NAME} (0badcafe) is revoked.\n"
    assert (asked[0].method, asked[0].url.path) == ("POST", f"/api/v1/secrets/{NAME}/revoke")


def test_a_name_that_no_source_has_is_not_found(here: dict[str, str]) -> None:
    seen = called(["secrets", "revoke", "NOPE"], environ=here)

    assert seen.code == ExitCode.NOT_FOUND
    assert "there are CI_WEBHOOK_SECRET, OLD" in seen.err


def test_refusals_are_listed_for_people() -> None:
    with scripted(httpx.Response(200, json={"items": [REFUSED], "next_cursor": None})) as (answer, _):
        seen = called(["refusals", "list"], environ=REMOTE, answer=answer)

    told = ("2026-11-23 12:00", "genesis", "192.0.2.1", "401  no such source; did you mean 'genesys'?")
    assert [words for words in told if words not in seen.out] == []


def test_refusals_are_listed_for_programs() -> None:
    with scripted(httpx.Response(200, json={"items": [REFUSED], "next_cursor": None})) as (answer, asked):
        seen = called(["refusals", "list", "--source", "genesis", "--json"], environ=REMOTE, answer=answer)

    assert json.loads(seen.out) == REFUSED
    assert asked[0].url.params["source"] == "genesis"


def test_where_none_was_refused_is_said() -> None:
    with scripted(httpx.Response(200, json={"items": [], "next_cursor": None})) as (answer, _):
        seen = called(["refusals", "list"], environ=REMOTE, answer=answer)

    assert (seen.out, seen.err) == ("", "No request was refused since the receiver started.\n")


def test_refusals_need_a_receiver_that_runs(here: dict[str, str]) -> None:
    seen = called(["refusals", "list"], environ=here)

    assert seen.code == ExitCode.USAGE
    assert "name it with --url or RECEIVER_URL" in seen.err


def test_events_can_be_listed_by_their_secret() -> None:
    with scripted(httpx.Response(200, json={"items": [], "next_cursor": None})) as (answer, asked):
        called(["events", "list", "--secret", NAME], environ=REMOTE, answer=answer)

    assert asked[0].url.params["secret"] == NAME
