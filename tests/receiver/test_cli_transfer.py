"""Events as files: written, read back, and let go, over a database of one's own or a receiver that serves it."""

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from receiver.cli.exits import ExitCode
from receiver.clock import new_id
from receiver.model import Plan
from receiver.store import upgrade_database
from tests.receiver.cli_stage import REMOTE, Seen, called, filled
from tests.receiver.store.makers import an_event as a_stored_event
from tests.receiver.test_cli_serving import ENVIRON, served
from tests.receiver.web.face import Face

SAMPLES = Path(__file__).parent.parent / "samples"
PIPELINE = "pipelines: {deploy: {on: {}, steps: [{id: call, target: http, url: 'http://127.0.0.1:9'}]}}\n"
TOKEN = "an admin token"
WAITING = "INSERT INTO inbox (id, source, dedupe_key, received_at, headers, body) VALUES ('one', '', '', '', '', '')"


async def two_publications(face: Face) -> None:
    for version in ("1.0", "2.0"):
        await face.receive(a_stored_event(version_id=version, received_at=face.clock()), plan=Plan())
        face.clock.turn(hours=1)


def a_database(folder: Path, *, config: str = PIPELINE) -> dict[str, str]:
    """An empty database, and a config, as the environment names them."""
    folder.mkdir()
    (folder / "receiver.yaml").write_text(config)
    environ = {
        "DATABASE_URL": f"sqlite:///{folder / 'receiver.db'}",
        "RECEIVER_CONFIG": str(folder / "receiver.yaml"),
    }
    upgrade_database(environ["DATABASE_URL"])
    return environ


def a_queue(*events: Mapping[str, object]) -> str:
    """Messages as `aws sqs receive-message` prints them."""
    messages = [
        {"MessageId": str(number), "ReceiptHandle": "r", "Body": json.dumps(event)}
        for number, event in enumerate(events)
    ]
    return json.dumps({"Messages": messages}, indent=4) + "\n"


def a_publication(event_id: str, *, version: str = "1.0") -> dict[str, object]:
    return {"id": event_id, "event": "flow.version.published", "data": {"flowId": "f", "versionId": version}}


def exported(environ: Mapping[str, str], *options: str) -> list[dict[str, object]]:
    seen = called(["events", "export", *options], environ=environ)
    assert seen.code == ExitCode.OK
    return [json.loads(line) for line in seen.out.splitlines()]


def import_from(environ: Mapping[str, str], text: str, *options: str) -> Seen:
    return called(["events", "import", "-", *options], environ=environ, stdin=text, new_id=new_id)


def imported(environ: Mapping[str, str], text: str, *options: str) -> dict[str, object]:
    seen = import_from(environ, text, "--json", *options)
    return {"code": seen.code, **json.loads(seen.out)}


def runs(environ: Mapping[str, str]) -> int:
    return len(called(["runs", "list", "--json"], environ=environ).out.splitlines())


# Export


def test_events_are_written_whole_oldest_first_and_always_alike(tmp_path: Path) -> None:
    environ = filled(tmp_path, two_publications)

    first, second = (called(["events", "export"], environ=environ) for _ in range(2))

    lines = [json.loads(line) for line in first.out.splitlines()]
    assert [line["version_id"] for line in lines] == ["1.0", "2.0"]
    assert [line["publication_number"] for line in lines] == [1, 2]
    assert first.out == second.out
    assert first.err == "2 events written.\n"


def test_it_is_said_that_some_are_no_events_yet(tmp_path: Path) -> None:
    environ = filled(tmp_path, two_publications)
    with closing(sqlite3.connect(environ["DATABASE_URL"].removeprefix("sqlite:///"))) as database, database:
        database.execute(WAITING)

    seen = called(["events", "export"], environ=environ)

    assert seen.err.splitlines() == [
        "2 events written.",
        "1 more came in that `receiver serve` has not recorded yet: export again once it has.",
    ]


@pytest.mark.parametrize(
    ("options", "versions"),
    [
        (["--since", "2026-11-23T13:00:00Z"], ["2.0"]),
        (["--until", "2026-11-23T13:00"], ["1.0"]),
        (["--since", "1h", "--until", "2030-01-01"], ["2.0", "1.0"]),
        (["--until", "2020-01-01"], []),
    ],
    ids=["since", "until", "an age", "none"],
)
def test_a_span_of_time_is_written(tmp_path: Path, options: list[str], versions: list[str]) -> None:
    environ = filled(tmp_path, two_publications)

    assert {line["version_id"] for line in exported(environ, *options)} == set(versions)


def test_a_file_is_made_and_none_is_written_over(tmp_path: Path) -> None:
    environ = filled(tmp_path, two_publications)
    file = tmp_path / "events.ndjson"

    first, second = (called(["events", "export", "--output", str(file)], environ=environ) for _ in range(2))

    assert (first.code, first.out, second.code) == (0, "", ExitCode.USAGE)
    assert len(file.read_text().splitlines()) == 2
    assert "exists already" in second.err


def test_a_file_that_could_not_be_written_whole_is_not_left(tmp_path: Path) -> None:
    file = tmp_path / "events.ndjson"
    answers = iter(
        [
            httpx.Response(200, json={"items": [{"id": "1"}], "next_cursor": "more"}),
            httpx.Response(503, json={"detail": "The database cannot take this now."}),
        ]
    )

    seen = called(["events", "export", "-o", str(file)], environ=REMOTE, answer=lambda _: next(answers))

    assert seen.code == ExitCode.TRY_AGAIN
    assert not file.exists()


def test_many_events_are_written_in_parts(tmp_path: Path) -> None:
    async def many(face: Face) -> None:
        for _ in range(9):
            await face.receive(a_stored_event(type="x", body=b"y" * 1_000_000), plan=Plan())

    environ = filled(tmp_path, many)

    assert [len(str(line["body"])) for line in exported(environ)] == [1_000_000] * 9


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["export", "--since", "yesterday"], "--since is 'yesterday'; give a time"),
        (["export", "--since", "999999d"], "--since is '999999d'; give a time"),
        (["export", "--until", "0001-01-01T00:00:00+14:00"], "give a time"),
        (["prune", "--before", "soon"], "--before is 'soon'; give a time"),
        (["import", "nowhere.ndjson"], "nowhere.ndjson cannot be read"),
        (["export", "--output", "no/where"], "no/where cannot be written"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_wrong_use_is_said(tmp_path: Path, words: list[str], said: str) -> None:
    seen = called(["events", *words], environ=a_database(tmp_path / "a"))

    assert seen.code in {ExitCode.USAGE, ExitCode.FAILED}
    assert said in seen.err


# Import


def test_what_was_written_is_read_back_alike(tmp_path: Path) -> None:
    lines = called(["events", "export"], environ=filled(tmp_path, two_publications)).out
    other = a_database(tmp_path / "other", config="")

    first, again = imported(other, lines), imported(other, lines)

    assert (first["recorded"], first["code"]) == (2, ExitCode.OK)
    assert (again["present"], again["recorded"], again["code"]) == (2, 0, ExitCode.OK)
    assert called(["events", "export"], environ=other).out == lines


def test_what_is_taken_in_sets_off_what_it_would_at_the_door(tmp_path: Path) -> None:
    environ = a_database(tmp_path / "a")

    result = imported(environ, a_queue(a_publication("1"), a_publication("1"), a_publication("2", version="2.0")))

    assert (result["recorded"], result["duplicate"]) == (2, 1)
    assert runs(environ) == 2


def test_it_can_set_off_nothing_and_says_so(tmp_path: Path) -> None:
    environ = a_database(tmp_path / "a")

    imported(environ, json.dumps(a_publication("1")), "--no-run")

    [line] = exported(environ)
    assert runs(environ) == 0
    assert line["verdicts"] == [
        {
            "pipeline": "deploy",
            "kind": "not_matched",
            "reason": "it was imported to set off nothing",
            "run_id": None,
        }
    ]


def test_real_samples_of_eventbridge_are_taken_in(tmp_path: Path) -> None:
    samples = sorted(file for file in (SAMPLES / "eventbridge").glob("*.json") if not file.stem.endswith(".headers"))
    environ = a_database(tmp_path / "a")

    result = imported(environ, a_queue(*(json.loads(sample.read_text()) for sample in samples)))

    assert samples
    assert (result["recorded"], result["refused"]) == (len(samples), 0)
    assert {line["origin"] for line in exported(environ)} == {"eventbridge"}


def test_a_broken_line_is_named_and_loses_no_other(tmp_path: Path) -> None:
    environ = a_database(tmp_path / "a")
    lines = [json.dumps(a_publication("1")), '{"id": "2', json.dumps(a_publication("3", version="3.0")), "{}" * 2]

    seen = import_from(environ, "\n".join(lines))

    assert seen.code == ExitCode.PROBLEMS
    assert "2 events recorded, 0 known already, 2 refused." in seen.out
    assert [line.partition(": ")[0] for line in seen.err.splitlines()] == ["-:2", "-:4"]


def test_a_broken_message_of_a_queue_loses_no_other(tmp_path: Path) -> None:
    environ = a_database(tmp_path / "a")
    queue = json.dumps({"Messages": [{"MessageId": "1", "Body": "{"}, {"MessageId": "2", "Body": '{"id": "2"}'}]})

    result = imported(environ, queue)

    assert (result["recorded"], result["code"]) == (1, ExitCode.PROBLEMS)
    assert result["refusals"] == [{"line": 1, "message": "The body is not JSON: line 1, column 2"}]


def test_the_same_id_with_other_content_is_told(tmp_path: Path) -> None:
    environ = a_database(tmp_path / "a")
    text = "\n".join(json.dumps(a_publication("1", version=version)) for version in ("1.0", "2.0"))

    seen = import_from(environ, text)

    assert seen.out == "1 event recorded, 0 known already, 1 known with other content.\n"


def test_of_several_sources_one_must_be_named(tmp_path: Path) -> None:
    environ = a_database(tmp_path / "a", config="sources: {one: {secrets: [A]}, two: {secrets: [B]}}\n")
    text = json.dumps(a_publication("1"))

    unnamed, unknown, named = (
        import_from(environ, text, *options) for options in ([], ["--source", "three"], ["--source", "two"])
    )

    assert (unnamed.code, unknown.code, named.code) == (ExitCode.USAGE, ExitCode.USAGE, ExitCode.OK)
    assert "known are: one, two" in unnamed.err
    assert [line["source"] for line in exported(environ)] == ["two"]


def test_an_import_that_breaks_off_says_from_where_to_go_on() -> None:
    answers = iter(
        [
            httpx.Response(200, json={"results": [[{"status": "recorded", "id": "1", "message": None}]] * 50}),
            httpx.Response(503, json={"detail": "The database cannot take this now."}),
        ]
    )

    seen = called(["events", "import", "-"], environ=REMOTE, answer=lambda _: next(answers), stdin='{"a": 1}\n' * 60)

    assert seen.code == ExitCode.TRY_AGAIN
    assert "All up to line 50 is in: run it again to go on" in seen.err


# Pruning


def aged(folder: Path, *, received_at: str) -> dict[str, str]:
    """A database whose events are as old as that."""
    environ = filled(folder, two_publications)
    conn = sqlite3.connect(folder / "receiver.db")
    conn.execute("UPDATE events SET received_at = ?", [received_at])
    conn.commit()
    conn.close()
    return environ


def pruned(environ: Mapping[str, str], *options: str) -> Seen:
    return called(["events", "prune", *options], environ=environ)


def test_old_events_go_by_what_the_config_says(tmp_path: Path) -> None:
    environ = aged(tmp_path, received_at="2025-01-01T00:00:00.000000+00:00")

    counted, gone, again = pruned(environ, "--dry-run"), pruned(environ), pruned(environ, "--json")

    assert counted.out == "1 event from before 2025-10-19T12:00:00.250Z would go.\n"
    assert gone.out == "1 event from before 2025-10-19T12:00:00.250Z gone.\n"
    assert json.loads(again.out)["events"] == 0
    assert [line["version_id"] for line in exported(environ)] == ["2.0"]


def test_old_events_go_from_before_a_time(tmp_path: Path) -> None:
    environ = filled(tmp_path, two_publications)

    assert pruned(environ, "--before", "2026-11-23").out.startswith("0 events")
    assert pruned(environ, "--before", "2026-11-24").out.startswith("1 event ")


def test_where_events_stay_for_ever_the_time_must_be_given(tmp_path: Path) -> None:
    environ = a_database(tmp_path / "a", config="retention: {events: forever}\n")

    assert pruned(environ).code == ExitCode.USAGE
    assert pruned(environ, "--before", "1d").code == ExitCode.OK


# Beside a receiver that serves


def test_a_file_in_use_is_left_alone_and_its_owner_can_be_asked(tmp_path: Path) -> None:
    serving = {**ENVIRON, "RECEIVER_ADMIN_TOKEN": TOKEN}
    with served(tmp_path, environ=serving) as receiver:
        filing = {"DATABASE_URL": f"sqlite:///{tmp_path / 'var/receiver.db'}"}
        asking = {"RECEIVER_URL": receiver.url, "RECEIVER_ADMIN_TOKEN": TOKEN}
        text = json.dumps(a_publication("1"))

        refused = import_from(filing, text)
        taken = imported(asking, text)
        counted = pruned(filing, "--dry-run")
        gone = pruned(asking, "--before", "2000-01-01")
        lines = exported(asking), exported(filing)
        receiver.end()

    assert refused.code == ExitCode.CONFLICT
    assert "Or ask it: set RECEIVER_URL and RECEIVER_ADMIN_TOKEN." in refused.err
    assert (taken["recorded"], counted.code, gone.code) == (1, 0, 0)
    assert lines[0] == lines[1]
