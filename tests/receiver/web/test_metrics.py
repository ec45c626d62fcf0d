"""What Prometheus is told."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

import pytest
from prometheus_client.parser import text_string_to_metric_families

from receiver.clock import utc_now
from receiver.config import DEFAULT_CONFIG, Config, parse_config
from receiver.errors import ConfigError
from receiver.model import Origin, Plan
from receiver.silence import Absence, AbsenceKind, Heard
from receiver.store import end_turn, keep_absences, note_hearings, record, take_turn
from tests.receiver.polling import a_config
from tests.receiver.relays import World, a_body, a_world
from tests.receiver.store.makers import NOON, after, an_event

pytestmark = pytest.mark.anyio

DOCS = Path(__file__).parent.parent.parent.parent / "docs/metrics.md"
LONG_AGO = utc_now() - timedelta(days=9)
CALLING = parse_config(
    "sources: {genesys: {secrets: [CI_WEBHOOK_SECRET]}}\n"
    "pipelines: {deploy: {on: {}, steps: [{id: go, target: http, url: 'http://127.0.0.1:1/', retry: {attempts: 1}}]}}",
    file="f",
)

Sample = tuple[str, tuple[str, ...]]


async def scraped(world: World) -> dict[Sample, float]:
    """What a scrape gives: each value by its name and the values of its labels, these in the order of their names."""
    families = text_string_to_metric_families((await world.client.get("/metrics")).text)
    return {
        (sample.name, tuple(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


async def test_metrics_tell_how_things_stand_and_need_no_secret(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.send(headers={"X-Genesys-Webhook-Secret": "wrong"})
        await world.send(headers={"Content-Type": "text/plain"})
        response = await world.client.get("/metrics")
        found = await scraped(world)

    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain")
    assert found["flowrelay_requests_refused_total", ("401",)] == 1
    assert found["flowrelay_requests_refused_total", ("415",)] == 1
    assert found["flowrelay_queue_depth", ()] == found["flowrelay_queue_oldest_age_seconds", ()] == 0
    assert 'flowrelay_build_info{version="' in response.text


async def test_metrics_tell_of_polls_by_their_source(tmp_path: Path) -> None:
    async with a_world(tmp_path, config=a_config()) as world:
        state = await world.relay.database.write(lambda conn: take_turn(conn, "prod-poll", now=NOON, until=after(60)))
        assert state is not None
        ended = replace(state, failures=2, answered_at=NOON)
        await world.relay.database.write(lambda conn: end_turn(conn, ended))
        found = await scraped(world)

    assert found["flowrelay_poll_failures", ("prod-poll",)] == 2
    assert found["flowrelay_poll_last_success_timestamp_seconds", ("prod-poll",)] == NOON.timestamp()


async def test_events_are_counted_by_source_and_by_what_became_of_them(tmp_path: Path) -> None:
    first = json.loads(a_body())
    other_id = a_body(id="another")
    other_content = a_body(data={**first["data"], "flowName": "Another"})
    async with a_world(tmp_path) as world:
        for body in (a_body(), a_body(), other_id, other_content):
            await world.send(body)
        found = await scraped(world)

    outcomes = ("recorded", "duplicate", "joined", "conflict")
    assert [found["flowrelay_events_received_total", (outcome, "genesys")] for outcome in outcomes] == [1, 1, 1, 1]
    assert found["flowrelay_last_event_timestamp_seconds", ("genesys",)] == pytest.approx(utc_now().timestamp(), abs=60)


async def test_how_long_taking_in_took_is_told_in_steps(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.send()
        before = await scraped(world)
        world.relay.tally.took(0.2)
        world.relay.tally.took(9.0)
        found = await scraped(world)

    name = "flowrelay_ingest_duration_seconds"
    assert before[f"{name}_count", ()] == 1
    assert [found[f"{name}_bucket", (bound,)] for bound in ("5.0", "+Inf")] == [2, 3]
    assert found[f"{name}_sum", ()] - before[f"{name}_sum", ()] == pytest.approx(9.2)


async def test_what_was_attempted_and_has_ended_is_counted(tmp_path: Path) -> None:
    async with a_world(tmp_path, config=CALLING, has_worker=True) as world:
        await world.send()
        await world.ended_step()

    tally = world.relay.tally
    assert tally.attempts == tally.steps == {("http", "failed"): 1}
    assert tally.runs == {("deploy", "failed"): 1}


async def test_what_was_counted_is_told(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        tally = world.relay.tally
        tally.attempts["http", "retry"] = 3
        tally.steps["http", "failed"] = 2
        tally.runs["deploy", "failed"] = 1
        found = await scraped(world)

    assert found["flowrelay_attempts_total", ("retry", "http")] == 3
    assert found["flowrelay_steps_ended_total", ("failed", "http")] == 2
    assert found["flowrelay_runs_ended_total", ("failed", "deploy")] == 1


async def test_silence_and_announcements_without_an_answer_are_told(tmp_path: Path) -> None:
    config = parse_config("sources: {genesys: {secrets: [A], expect_within: 1h}, b: {secrets: [A]}}", file="f")
    event = an_event(origin=Origin.ANNOUNCE)
    missed = Absence(kind=AbsenceKind.CONFIRMATION, subject=event.id, since=event.received_at)
    long_ago = Heard(source="genesys", watched_since=LONG_AGO, last_event_at=LONG_AGO)
    async with a_world(tmp_path, config=config) as world:
        await world.relay.database.write(lambda conn: note_hearings(conn, [long_ago]))
        before = await scraped(world)
        await world.relay.database.write(lambda conn: record(conn, event, Plan(), now=event.received_at))
        await world.relay.database.write(lambda conn: keep_absences(conn, begun=[missed], ended=[]))
        found = await scraped(world)

    assert [before["flowrelay_source_silent", (name,)] for name in ("genesys", "b")] == [1, 0]
    assert found["flowrelay_announcements_unanswered", ("confirmation",)] == 1
    assert found["flowrelay_announcements_unanswered", ("publication",)] == 0


async def test_how_full_the_database_is_is_told(url: str) -> None:
    config = parse_config("retention: {max_size: 100MB}", file="f")
    async with a_world(url, config=config) as world:
        found = await scraped(world)

    size = found["flowrelay_db_size_bytes", ()]
    assert size > 0
    assert found["flowrelay_db_fill_ratio", ()] == pytest.approx(size / 1e8, rel=0.1)


async def test_without_a_limit_nothing_is_filled(tmp_path: Path) -> None:
    config = replace(DEFAULT_CONFIG, retention=replace(DEFAULT_CONFIG.retention, max_bytes=None))
    async with a_world(tmp_path, config=config) as world:
        found = await scraped(world)

    assert ("flowrelay_db_fill_ratio", ()) not in found


async def test_reloads_are_counted_by_what_became_of_them(tmp_path: Path) -> None:
    def faulty() -> NoReturn:
        raise ConfigError(["r.yaml:1:1: a fault."])

    read: Callable[[], tuple[Config, dict[str, str]]] = lambda: (DEFAULT_CONFIG, {})  # noqa: E731
    async with a_world(tmp_path) as world:
        await world.relay.reload(read)
        await world.relay.reload(faulty)
        await world.relay.reload(faulty)
        found = await scraped(world)

    assert [found["flowrelay_config_reloads_total", (outcome,)] for outcome in ("loaded", "refused")] == [1, 2]


async def test_metrics_wait_for_a_database_that_cannot_answer(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.relay.database.write(lambda conn: conn.exec_driver_sql("DROP TABLE polls").close())
        response = await world.client.get("/metrics")

    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")


async def test_every_metric_is_documented_with_its_labels_and_no_other_is(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        text = (await world.client.get("/metrics")).text

    told = set(re.findall(r"^# TYPE (\w+) ", text, re.MULTILINE))
    documented = {name for name, _ in re.findall(r"^\| `(\w+)(\{[\w,]+\})?` \|", DOCS.read_text(), re.MULTILINE)}
    assert documented == told
