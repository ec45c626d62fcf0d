import json
from pathlib import Path
from typing import NoReturn

import httpx
import pytest

from receiver.cli.exits import CODES, ExitCode, exit_code_of
from receiver.cli.tables import event_story, events_table, runs_table
from receiver.errors import ReceiverError, StoreBusyError
from receiver.model import AttemptResult, Fault, Plan
from receiver.states import StepStatus
from receiver.web.views import event_summary, event_view, run_summary
from tests.receiver.cli_stage import REMOTE, TOKEN, URL, called, filled, printed, scripted
from tests.receiver.web.face import Face
from tests.receiver.web.makers import (
    EVENT_ID,
    FLOW_ID,
    RUN_ID,
    a_run,
    a_run_record,
    a_verdict,
    an_event,
    an_event_record,
)


async def one_that_failed(face: Face) -> None:
    await face.receive()
    await face.run_step(StepStatus.FAILED, result=AttemptResult.FAILED, message="HTTP 422", response={"status": 422})


async def three_events(face: Face) -> None:
    for _ in range(3):
        await face.receive(plan=Plan())


async def nothing(_: Face) -> None:
    """An empty history."""


# Lists


def test_events_are_listed_for_people(tmp_path: Path) -> None:
    seen = called(["events", "list"], environ=filled(tmp_path, one_that_failed))

    told = ("2026-11-23 12:00", "Automated IVR Flow v2 16.0", "Dana Reyes", "✗ deploy-ivr failed")
    assert seen.code == ExitCode.OK
    assert [words for words in told if words not in seen.out] == []


def test_lists_fit_a_terminal_of_80_columns() -> None:
    long = an_event(flow_name="A flow with a name that does not fit, however one looks at it")
    event = event_summary(an_event_record(event=long, runs=(a_run(), a_run(pipeline="tell-the-service-desk"))))
    run = run_summary(a_run_record(run=a_run(reason="superseded by a version that went live later")), long)

    seen = printed(events_table([event]), runs_table([run]), width=80)

    assert [line for line in seen.splitlines() if len(line.rstrip()) > 80] == []
    told = (EVENT_ID, RUN_ID, "✓ deploy-ivr succeeded", "2026-11-23 12:00")
    assert [words for words in told if words not in seen] == []


def test_what_is_no_publication_is_listed_with_its_type() -> None:
    told = [an_event(), an_event(type="flow.version.publishing")]

    seen = printed(events_table([event_summary(an_event_record(event=event)) for event in told]), width=80)

    types = [line.strip() for line in seen.splitlines() if "flow.version" in line]
    assert types == ["flow.version.publishing"]


def test_on_a_narrow_terminal_no_id_is_cut_off() -> None:
    run = run_summary(a_run_record(), an_event())

    seen = printed(events_table([event_summary(an_event_record())]), runs_table([run]), width=40)

    lines = [line.rstrip() for line in seen.splitlines()]
    assert (EVENT_ID in lines, RUN_ID in lines, "Automated IVR Flow v2 16.0" in lines) == (True, True, True)


def test_a_long_fact_is_not_cut_off() -> None:
    url = f"https://ci.example.com/{'x' * 100}"
    event = event_view(an_event_record(event=an_event(provenance={"run_url": url})))

    seen = printed(*event_story({**event, "body": "{}"}, []), width=80)

    facts = seen.partition("Where it came from")[2].partition("As it came in")[0]
    assert url in "".join(facts.split())


def test_for_programs_a_list_is_one_object_a_line(tmp_path: Path) -> None:
    seen = called(["events", "list", "--json", "--limit", "2"], environ=filled(tmp_path, three_events))

    items = [json.loads(line) for line in seen.out.splitlines()]
    assert [item["type"] for item in items] == ["flow.version.published"] * 2
    assert seen.err == ""


def test_runs_are_listed(tmp_path: Path) -> None:
    environ = filled(tmp_path, one_that_failed)

    people = called(["runs", "list", "--status", "failed"], environ=environ)
    programs = called(["runs", "list", "--json", "--flow", FLOW_ID], environ=environ)

    assert "deploy-ivr · Automated IVR Flow v2 16.0" in people.out
    assert json.loads(programs.out)["steps"][0]["attempt_count"] == 1


def test_an_empty_history_says_what_to_try(tmp_path: Path) -> None:
    environ = filled(tmp_path, nothing)

    assert called(["events", "list"], environ=environ).err.startswith("Nothing has come in yet")
    assert called(["events", "list", "--faulty"], environ=environ).err == "No event fits.\n"
    assert called(["events", "list", "--json"], environ=environ).out == ""


def test_a_long_list_is_asked_for_part_by_part() -> None:
    item = event_view(an_event_record())
    parts = (
        httpx.Response(200, json={"items": [item] * 200, "next_cursor": "next"}),
        httpx.Response(200, json={"items": [item] * 50, "next_cursor": "more"}),
    )

    with scripted(*parts) as (answer, asked):
        seen = called(["events", "list", "--json", "--limit", "250"], environ=REMOTE, answer=answer)

    assert len(seen.out.splitlines()) == 250
    assert [dict(request.url.params) for request in asked] == [{"limit": "200"}, {"limit": "50", "cursor": "next"}]
    assert asked[0].headers["authorization"] == f"Bearer {TOKEN}"


# One of each


def test_one_event_is_told_with_all_that_followed(tmp_path: Path) -> None:
    environ = filled(tmp_path, one_that_failed)
    event_id = json.loads(called(["events", "list", "--json"], environ=environ).out)["id"]

    seen = called(["events", "show", event_id], environ=environ)

    told = (
        "by Dana Reyes",
        "nightly",
        "flow 'Main' is not among",
        "✗ deploy failed on ci",
        "HTTP 422",
        '"versionId": "16.0"',
    )
    assert [words for words in told if words not in seen.out] == []


def test_a_body_that_is_no_longer_kept_is_told_of(tmp_path: Path) -> None:
    async def fill(face: Face) -> None:
        await face.receive(an_event(id=EVENT_ID, body=b"", body_digest="c0ffee"))

    seen = called(["events", "show", EVENT_ID], environ=filled(tmp_path, fill))

    assert "no longer kept; its SHA-256, written canonically, was c0ffee" in seen.out


def test_one_run_is_told_with_its_requests_and_responses(tmp_path: Path) -> None:
    environ = filled(tmp_path, one_that_failed)
    run_id = json.loads(called(["runs", "list", "--json"], environ=environ).out)["id"]

    seen = called(["runs", "show", run_id], environ=environ)

    told = ("> POST https://ci.example.com/deploy", "Bearer [secret CI_TOKEN]", "< HTTP 422", "deploy, attempt 1")
    assert [words for words in told if words not in seen.out] == []


def test_for_programs_one_event_is_one_object(tmp_path: Path) -> None:
    environ = filled(tmp_path, one_that_failed)
    event_id = json.loads(called(["events", "list", "--json"], environ=environ).out)["id"]

    seen = called(["events", "show", event_id, "--json"], environ=environ)

    assert json.loads(seen.out)["body_encoding"] == "utf-8"


def test_words_from_outside_steer_no_terminal(tmp_path: Path) -> None:
    hostile = "\x1b[2J\x1b]0;x\x07 \u202egnp [red]\n\r\x9b31m"

    async def fill(face: Face) -> None:
        faults = (Fault(field=hostile, message=hostile),)
        event = an_event(
            id=EVENT_ID, flow_name=hostile, provenance={hostile: hostile}, faults=faults, body=hostile.encode()
        )
        await face.receive(event, plan=Plan(verdicts=(a_verdict(pipeline=hostile, reason=hostile, run_id=None),)))

    environ = filled(tmp_path, fill)
    printed = "".join(
        called(arguments, environ=environ).out
        for arguments in (["events", "list"], ["events", "show", EVENT_ID], ["events", "show", EVENT_ID, "--json"])
    )

    assert [character for character in "\x1b\x07\u202e\r\x9b" if character in printed] == []
    assert "\\e[2J" in printed
    assert "[red]" in printed


# Sending


def test_a_sample_is_sent_as_genesys_cloud_would() -> None:
    accepted = httpx.Response(202, json={"id": EVENT_ID, "status": "accepted", "duplicate": False})

    with scripted(accepted) as (answer, [*asked]):
        seen = called(
            ["events", "send", "--flow-id", FLOW_ID, "--version", "16.0"],
            environ={"CI_WEBHOOK_SECRET": "a webhook secret", "PORT": "8123"},
            answer=answer,
        )

    assert asked == []
    assert seen.code == ExitCode.OK
    assert seen.out == f"accepted {EVENT_ID}\n"
    assert f"http://127.0.0.1:8123/events/{EVENT_ID}" in seen.err


def test_the_sample_has_the_documented_shape_and_the_secret_header() -> None:
    with scripted(httpx.Response(202, json={"id": EVENT_ID, "duplicate": True})) as (answer, asked):
        seen = called(["events", "send", "--version", "16.0", "--source", "prod"], environ=REMOTE, answer=answer)

    body = json.loads(asked[0].content)
    assert str(asked[0].url) == f"{URL}/webhooks/prod"
    assert asked[0].headers["x-genesys-webhook-secret"] == "a webhook secret"
    assert (body["event"], body["timestamp"]) == ("flow.version.published", "2026-11-23T12:00:00.250Z")
    assert (body["data"]["versionId"], body["data"]["versionNumber"]) == ("16.0", 16)
    assert "which is a repeat" in seen.out


def test_a_body_of_ones_own_is_sent_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "body.json").write_text('{"odd":  1}', encoding="utf-8")

    with scripted(*[httpx.Response(202, json={"id": EVENT_ID})] * 2) as (answer, asked):
        called(["events", "send", str(tmp_path / "body.json")], environ=REMOTE, answer=answer)
        called(["events", "send", "-", "--json"], environ=REMOTE, answer=answer, stdin="[1]")

    assert [request.content for request in asked] == [b'{"odd":  1}', b"[1]"]


def test_a_refused_secret_says_where_to_look() -> None:
    with scripted(httpx.Response(401, json={"title": "no"})) as (answer, _):
        seen = called(["events", "send"], environ=REMOTE, answer=answer)

    assert seen.code == ExitCode.NOT_ALLOWED
    assert "is CI_WEBHOOK_SECRET the secret that it was started with" in seen.err
    assert "a webhook secret" not in seen.err + seen.out


@pytest.mark.parametrize(
    ("arguments", "environ", "words"),
    [
        pytest.param(["events", "send"], {}, "CI_WEBHOOK_SECRET is not set", id="no secret"),
        pytest.param(["events", "send", "/nowhere.json"], REMOTE, "/nowhere.json cannot be read", id="no file"),
        pytest.param(["events", "send", "/dev/zero"], REMOTE, "/dev/zero has more than 64 MiB", id="no end"),
        pytest.param(["events", "list"], {"RECEIVER_URL": URL}, "RECEIVER_ADMIN_TOKEN is not set", id="no token"),
        pytest.param(["events", "list", "--url", "relay"], {}, "is no http or https URL", id="no url"),
        pytest.param(["events", "list", "--limit", "0"], REMOTE, "--limit", id="limit"),
        pytest.param(["runs", "list", "--status", "done"], REMOTE, "'--status': 'done' is not", id="status"),
        pytest.param(["runs", "wait"], REMOTE, "Give one of RUN, --event and --flow", id="nothing to wait for"),
        pytest.param(["runs", "wait", RUN_ID, "--flow", "x"], REMOTE, "Give one of RUN", id="two to wait for"),
        pytest.param(["runs", "wait", RUN_ID, "--version", "1"], REMOTE, "--version goes with --flow", id="version"),
        pytest.param(["events", "nonsense"], REMOTE, "nonsense", id="no such command"),
    ],
)
def test_wrong_use_is_said_in_one_line(arguments: list[str], environ: dict[str, str], words: str) -> None:
    seen = called(arguments, environ=environ)

    assert seen.code == ExitCode.USAGE
    assert seen.err.startswith("error: ")
    assert words in seen.err
    assert seen.out == ""


# What can go wrong on the way


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, ExitCode.USAGE), (401, ExitCode.NOT_ALLOWED), (404, ExitCode.NOT_FOUND), (503, ExitCode.TRY_AGAIN)],
)
def test_a_problem_ends_the_command_in_the_receivers_own_words(status: int, code: ExitCode) -> None:
    with scripted(httpx.Response(status, json={"title": "Bad", "detail": "It is so."})) as (answer, _):
        seen = called(["events", "show", EVENT_ID], environ=REMOTE, answer=answer)

    assert (seen.code, seen.err) == (code, "error: It is so.\n")


@pytest.mark.parametrize("content", ["<html>", "[]", ""])
def test_an_answer_that_is_no_receivers_is_told_as_that(content: str) -> None:
    with scripted(httpx.Response(200, text=content)) as (answer, _):
        seen = called(["events", "show", EVENT_ID], environ=REMOTE, answer=answer)

    assert (seen.code, seen.err) == (
        ExitCode.FAILED,
        "error: relay.test answered 200 and no JSON; is a receiver there?\n",
    )


def test_another_servers_json_is_told_as_that() -> None:
    with scripted(httpx.Response(404, json={"message": "nothing here", "status": 404})) as (answer, _):
        seen = called(["events", "list"], environ=REMOTE, answer=answer)

    told = "error: relay.test answered 404, and not as a receiver does; is one there?\n"
    assert (seen.code, seen.err) == (ExitCode.FAILED, told)


def refuse(request: httpx.Request) -> NoReturn:
    raise httpx.ConnectError("connection refused", request=request)


def test_where_no_receiver_is_the_command_says_so() -> None:
    seen = called(["events", "list"], environ=REMOTE, answer=refuse)

    assert seen.code == ExitCode.TRY_AGAIN
    assert seen.err == "error: No receiver can be reached at http://relay.test: connection refused.\n"


def test_without_a_database_the_command_says_what_makes_one(tmp_path: Path) -> None:
    seen = called(["events", "list"], environ={"DATABASE_URL": f"sqlite:///{tmp_path / 'none.db'}"})

    assert seen.code == ExitCode.FAILED
    assert "receiver serve" in seen.err


@pytest.mark.parametrize("identifier", ["1", "../runs", EVENT_ID + "0", "\x00"])
def test_what_cannot_be_an_id_is_not_asked_for(identifier: str) -> None:
    seen = called(["runs", "show", identifier], environ=REMOTE, answer=refuse)

    assert seen.code == ExitCode.NOT_FOUND


def test_an_event_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    seen = called(["events", "show", EVENT_ID], environ=filled(tmp_path, nothing))

    assert seen.code == ExitCode.NOT_FOUND


def test_every_error_has_an_exit_code() -> None:
    assert exit_code_of(StoreBusyError("later")) is ExitCode.TRY_AGAIN
    assert exit_code_of(ReceiverError("odd")) is ExitCode.FAILED
    assert set(CODES.values()) <= set(ExitCode)


@pytest.mark.parametrize("arguments", [["--help"], ["events", "--help"], ["runs", "wait", "--help"]])
def test_every_command_explains_itself(arguments: list[str]) -> None:
    assert called(arguments).code == ExitCode.OK
