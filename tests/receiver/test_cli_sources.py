"""`receiver sources`."""

import json
from pathlib import Path

import httpx
import pytest

from receiver.cli.exits import ExitCode
from receiver.cli.sources import sources_table
from receiver.store import upgrade_database
from tests.receiver.cli_stage import REMOTE, called, printed, scripted

AT = "2026-11-23T12:00:00.250Z"
DOOR = {
    "name": "genesys",
    "kind": "door",
    "environment": None,
    "last_event_at": AT,
    "expect_within_s": 3600.0,
    "silent_since": AT,
    "poll": None,
}
POLL = {
    **DOOR,
    "name": "asking",
    "kind": "poll",
    "environment": "prod",
    "silent_since": None,
    "poll": {"every_s": 60.0, "last_success_at": AT, "failures": 3, "fault": "No \u202etoken.", "next_at": AT},
}
SILENT = {
    **dict.fromkeys(("event_id", "environment", "flow_id", "flow_name", "version_id")),
    "kind": "events",
    "since": AT,
    "source": "genesys",
}
MISSED = {**SILENT, "kind": "confirmation", "event_id": "evt-1", "flow_name": "Main menu", "version_id": "3.0"}


def listing(*items: object) -> httpx.Response:
    return httpx.Response(200, json={"items": items, "next_cursor": None})


def test_sources_are_listed_for_people_with_what_was_announced_and_not_seen() -> None:
    fine, new = {**DOOR, "silent_since": None}, {**DOOR, "silent_since": None, "last_event_at": None}
    with scripted(listing(DOOR, POLL, fine, new), listing(MISSED, SILENT)) as (answer, _):
        seen = called(["sources", "list"], environ=REMOTE, answer=answer)

    told = ("silent since 2026-11-23 12:00", "failing (3)", "prod", "heard", "new", "never")
    assert seen.code == ExitCode.OK
    assert [words for words in told if words not in seen.out] == []
    assert "\u202e" not in seen.out
    assert seen.err == (
        "2026-11-23 12:00 Main menu 3.0: announced as live, and no other source has told of it (event evt-1).\n"
    )


@pytest.mark.parametrize("width", [40, 80])
def test_a_terminal_shows_every_word_of_a_source(width: int) -> None:
    named = {**POLL, "name": "what_the_production_org_publishes"}

    seen = printed(sources_table([DOOR, named]), width=width)

    told = ("genesys", "silent", "2026-11-23", "what_the_production_org_publishes", "poll of prod", "failing (3):")
    assert [words for words in told if words not in seen] == []


def test_sources_are_listed_for_programs() -> None:
    with scripted(listing(DOOR, POLL)) as (answer, asked):
        seen = called(["sources", "list", "--json"], environ=REMOTE, answer=answer)

    assert [json.loads(line) for line in seen.out.splitlines()] == [DOOR, POLL]
    assert [request.url.path for request in asked] == ["/api/v1/sources"]


@pytest.mark.parametrize("flow_id", ["46a1", None], ids=["by its id", "of none"])
def test_an_announcement_without_names_is_told_as_well(flow_id: str | None) -> None:
    bare = {**MISSED, "flow_name": None, "version_id": None, "flow_id": flow_id}
    with scripted(listing(DOOR), listing(bare)) as (answer, _):
        seen = called(["sources", "list"], environ=REMOTE, answer=answer)

    assert f"{flow_id or 'a flow'}: announced as live" in seen.err


def test_without_a_receiver_the_database_and_the_config_tell(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'receiver.db'}"
    upgrade_database(url)
    config = tmp_path / "receiver.yaml"
    config.write_text("sources: {genesys: {secrets: [A]}, other: {secrets: [A]}}", encoding="utf-8")

    seen = called(["sources", "list", "--json"], environ={"DATABASE_URL": url, "RECEIVER_CONFIG": str(config)})

    assert [json.loads(line)["name"] for line in seen.out.splitlines()] == ["genesys", "other"]
