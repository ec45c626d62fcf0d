"""A poll finds what has gone live, each publication once, whatever fails in between."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from publisher.sandbox.settings import FLOW_ID, FLOW_NAME, ORGANIZATION_ID, SeedFlow
from receiver.config import Source
from receiver.model import Origin, PollState, VerdictKind
from receiver.polls import LOOK_S, succeeded
from receiver.store import get_event
from tests.receiver.dispatching import Stumbling
from tests.receiver.polling import FLOWS, a_config, a_stage, poll, told
from tests.receiver.store.makers import NOON, after

pytestmark = pytest.mark.anyio


async def test_what_was_live_before_is_recorded_and_sets_off_nothing(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        await poll(stage)
        records = await stage.events()

    assert sorted(told(records)) == [(FLOW_NAME, "1.0"), ("Opening Hours", "3.0")]
    assert {record.publication.number for record in records if record.publication} == {1}
    assert [record.runs for record in records] == [(), ()]
    assert records[0].verdicts[0].kind is VerdictKind.BASELINE
    assert records[0].verdicts[0].reason == "was live before prod-poll first asked"


async def test_what_was_followed_by_another_version_before_sets_off_nothing_later(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        stage.clock.advance(3600)
        stage.edit()
        stage.clock.advance(60)
        stage.edit()
        await poll(stage)
        stage.edit()
        await poll(stage)
        records = await stage.events()

    assert sorted(told(records[:2])) == [(FLOW_NAME, "3.0"), ("Opening Hours", "3.0")]
    assert told(records[2:]) == [(FLOW_NAME, "4.0")]


async def test_a_publication_is_found_and_sets_off_what_follows(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        await poll(stage)
        stage.clock.advance(30)
        published_at = stage.clock()
        version_id = stage.edit()
        await poll(stage)
        record = (await stage.events())[-1]

    event = record.event
    assert (event.type, event.origin, event.source) == ("flow.version.published", Origin.POLL, "prod-poll")
    assert (event.flow_id, event.flow_name, event.flow_type) == (FLOW_ID, FLOW_NAME, "INBOUNDCALL")
    assert (event.version_id, event.version_number) == (version_id, 2)
    assert (event.environment, event.org_id, event.occurred_at) == ("prod", ORGANIZATION_ID, published_at)
    assert event.faults == ()
    assert len(record.runs) == 1
    assert stage.woken == 1


async def test_what_a_poll_has_found_is_kept_in_the_form_of_a_webhook(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        await poll(stage)
        record = (await stage.events())[0]
        kept = await stage.database.read(lambda conn: get_event(conn, record.event.id))

    body = json.loads(kept.event.body)
    assert (body["event"], body["data"]["versionId"]) == ("flow.version.published", record.event.version_id)
    assert body["id"] == kept.event.dedupe_key


async def test_nothing_is_found_twice(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        await poll(stage)
        stage.edit()
        await poll(stage)
        await poll(stage)
        await poll(stage)
        records = await stage.events()

    assert len(records) == 3
    assert [record.duplicates for record in records] == [0, 0, 0]


async def test_versions_that_followed_one_another_between_two_polls_are_all_found_in_order(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        await poll(stage)
        for _ in range(3):
            stage.clock.advance(1)
            stage.edit()
        await poll(stage)
        records = await stage.events()

    assert told(records[2:]) == [(FLOW_NAME, "2.0"), (FLOW_NAME, "3.0"), (FLOW_NAME, "4.0")]
    assert [record.publication.number for record in records[2:] if record.publication] == [2, 3, 4]


async def test_an_older_version_that_goes_live_again_is_another_publication(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        await poll(stage)
        stage.clock.advance(3600)
        stage.edit()
        await poll(stage)
        stage.publish("1.0")
        await poll(stage)
        records = await stage.events()

    assert told(records[2:]) == [(FLOW_NAME, "2.0"), (FLOW_NAME, "1.0")]
    assert [len(record.runs) for record in records[2:]] == [1, 1]


async def test_what_went_live_while_nobody_asked_is_found_after_the_start(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        await poll(stage)
        stage.clock.advance(86400)
        stage.edit()
        stage.clock.advance(2 * 86400)
        await poll(stage)

        assert told(await stage.events())[2:] == [(FLOW_NAME, "2.0")]


async def test_a_poll_joins_the_publication_that_a_webhook_told_of(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        await poll(stage)
        version_id = stage.edit()
        body = {"event": "flow.version.published", "flowId": FLOW_ID, "versionId": version_id}
        await stage.ingest.accept(json.dumps(body).encode(), source=Source(name="genesys"), headers={}, secret="S")
        await poll(stage)
        webhook, found = (await stage.events())[2:]

    assert found.publication == webhook.publication
    assert found.verdicts[0].kind is VerdictKind.SAME_PUBLICATION
    assert [len(record.runs) for record in (webhook, found)] == [1, 1]
    assert webhook.runs == found.runs


async def test_a_fresh_organization_has_an_empty_baseline(tmp_path: Path) -> None:
    async with a_stage(tmp_path, flows=(SeedFlow(id=FLOW_ID, name=FLOW_NAME, is_published=False),)) as stage:
        await poll(stage)
        empty = await stage.state()
        stage.publish("1.0")
        await poll(stage)
        records = await stage.events()

    assert (empty.has_baseline, empty.cursor_at) == (True, None)
    assert [len(record.runs) for record in records] == [1]


async def test_all_pages_are_read(tmp_path: Path) -> None:
    many = tuple(SeedFlow(id=f"flow-{number:03}", name=f"Flow {number:03}") for number in range(230))
    async with a_stage(tmp_path, flows=many) as stage:
        await poll(stage)
        state = await stage.state()

        assert state.fault is None
        assert stage.calls(FLOWS) == 3
        assert len(await stage.events()) == 100  # a page of the list


async def test_a_baseline_that_was_broken_off_is_finished(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        polls = stage.polls(recording=Stumbling(stage.database, times=1))
        await polls.make_due()
        broken = await stage.state()
        stage.clock.advance(60)
        await polls.make_due()

        assert (broken.has_baseline, broken.failures) == (False, 1)
        assert len(await stage.events()) == 2
        assert (await stage.state()).has_baseline


async def test_only_flows_of_the_environment_are_taken(tmp_path: Path) -> None:
    seeds = tuple(SeedFlow(id=name, name=name) for name in ("Main", "UAT Main", "UAT Side"))
    async with a_stage(tmp_path, flows=seeds) as stage:
        stage.configure(a_config(others="uat: {same_org_as: prod, name_prefix: 'UAT '}"))
        await poll(stage)

        assert told(await stage.events()) == [("Main", "1.0")]


async def test_a_flow_that_is_gone_when_its_versions_are_asked_for_was_still_live(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        await poll(stage)
        stage.edit()
        stage.misbehave("missing", on=f"GET {FLOWS}/{FLOW_ID}/versions")
        await poll(stage)

        assert told(await stage.events())[2:] == [(FLOW_NAME, "2.0")]


async def test_two_nodes_make_one_poll(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        here, there = stage.polls(), stage.polls()
        await here.make_due()  # each frees what an earlier owner left, once
        await there.make_due()
        stage.clock.advance(60)
        await asyncio.gather(here.make_due(), there.make_due())

        assert stage.calls(FLOWS) == 2


async def test_what_is_not_due_is_not_asked_for(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        first = await poll(stage)
        second = await poll(stage, later_s=57)

        assert (first, second) == (LOOK_S, 3.0)
        assert stage.calls(FLOWS) == 1


async def test_a_config_without_polls_asks_nobody(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        stage.configure(replace(a_config(), polls=()))

        assert await poll(stage) == LOOK_S
        assert list(stage.sandbox.seen) == []


def test_a_date_that_lies_ahead_hides_nothing() -> None:
    state = PollState(source="a", due_at=NOON, cursor_at=after(-60))

    ended = succeeded(state, after(3600), every_s=60, now=NOON)

    assert ended.cursor_at == NOON


def test_a_poll_never_goes_back() -> None:
    state = PollState(source="a", due_at=NOON, cursor_at=after(-60))

    ended = succeeded(state, after(-120), every_s=60, now=NOON)

    assert ended.cursor_at == after(-60)
