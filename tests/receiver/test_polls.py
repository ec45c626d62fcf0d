"""A poll finds what has gone live, each publication once, whatever fails in between."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from structlog.testing import capture_logs

from publisher.genesys.errors import LimitedError, UnavailableError
from publisher.sandbox.settings import FLOW_ID, FLOW_NAME, ORGANIZATION_ID, SeedFlow
from receiver.config import Source
from receiver.model import Origin, PollState, VerdictKind
from receiver.polls import LIMIT_S, LONGEST_REST_S, LOOK_S, failed, succeeded
from receiver.store import get_event
from tests.receiver.dispatching import Stumbling
from tests.receiver.polling import SECRETS, Stage, a_config, a_stage, told
from tests.receiver.store.makers import NOON, after

pytestmark = pytest.mark.anyio
FLOWS = "/api/v2/flows"
ME = "/api/v2/organizations/me"


async def poll(stage: Stage, *, later_s: float = 60) -> float:
    """Let time pass, and make what is due; how long it wants to rest."""
    stage.clock.advance(later_s)
    return await stage.polls().make_due()


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


async def test_a_failing_organization_is_asked_less_and_less_and_nothing_is_lost(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        await poll(stage)
        stage.edit()
        stage.misbehave("error", on=f"GET {FLOWS}", times=3)
        rests = []
        for _ in range(3):
            await poll(stage, later_s=3600)
            rests.append((await stage.state()).due_at - stage.clock())
        await poll(stage, later_s=3600)

        assert rests == [timedelta(seconds=60), timedelta(seconds=120), timedelta(seconds=240)]
        assert told(await stage.events())[2:] == [(FLOW_NAME, "2.0")]


async def test_a_fault_is_logged_once_and_that_it_is_over(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        stage.misbehave("error", on=f"GET {ME}", times=2)
        with capture_logs() as logs:
            for _ in range(3):
                await poll(stage, later_s=3600)

    assert [(line["event"], line["log_level"]) for line in logs] == [
        ("poll failed", "warning"),
        ("poll has its baseline", "info"),
        ("poll works again", "info"),
    ]


async def test_an_organization_that_asks_for_a_pause_gets_it(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        stage.misbehave("limited", retry_after_s=300)
        await poll(stage)
        asked = len(stage.sandbox.seen)
        await poll(stage, later_s=299)
        patient = len(stage.sandbox.seen)
        await poll(stage, later_s=1)

        assert patient == asked
        assert (await stage.state()).fault is None


async def test_credentials_of_another_organization_take_nothing(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        stage.configure(a_config("organization: 3f0c6f0e-52d4-4b0e-9a53-1d6f2c8b4e90"))
        await poll(stage)
        state = await stage.state()

        assert state.fault == (
            f"The credentials belong to organization {ORGANIZATION_ID} (Sandbox), but environment 'prod' is"
            " 3f0c6f0e-52d4-4b0e-9a53-1d6f2c8b4e90. Nothing is taken; correct one of them."
        )
        assert stage.calls(FLOWS) == 0
        assert await stage.events() == []


async def test_an_organization_that_cannot_be_told_takes_nothing_where_one_is_wanted(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        stage.configure(a_config(f"organization: {ORGANIZATION_ID}"))
        stage.misbehave("missing", on=f"GET {ME}")
        await poll(stage)

        assert "could not be found out, so nothing is taken" in ((await stage.state()).fault or "")


async def test_an_organization_that_cannot_be_told_does_not_matter_where_any_will_do(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        stage.misbehave("missing", on=f"GET {ME}")
        await poll(stage)
        records = await stage.events()

    assert [record.event.org_id for record in records] == [None, None]


async def test_the_organization_and_a_token_are_asked_for_once(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        for _ in range(3):
            await poll(stage)

        assert (stage.calls(ME), stage.calls("/api/v2/oauth/token"), stage.calls(FLOWS)) == (1, 1, 3)


async def test_other_credentials_are_used_from_the_next_poll_on(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        await poll(stage)
        stage.configure(a_config(), {**SECRETS, "GENESYS_CLIENT_SECRET": "another-s3cret"})
        await poll(stage)

        assert stage.calls("/api/v2/oauth/token") == 2


async def test_credentials_that_are_gone_are_named(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        stage.configure(a_config(), {})
        await poll(stage)

        assert (await stage.state()).fault == "GENESYS_CLIENT_ID is not set."


async def test_a_refused_client_is_told_without_its_secret(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        stage.misbehave("credentials")
        await poll(stage)
        fault = (await stage.state()).fault or ""

    assert "was refused" in fault
    assert SECRETS["GENESYS_CLIENT_SECRET"] not in fault


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


async def test_a_fault_of_our_own_is_left_to_the_sweep(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        polls = stage.polls(http=httpx.MockTransport(lambda _: httpx.Response(1 // 0)))

        with pytest.raises(ZeroDivisionError):
            await polls.make_due()


@pytest.mark.parametrize(
    ("every_s", "failures", "rest_s"),
    [(60, 0, 60), (60, 3, 480), (60, 40, 900), (3600, 0, 3600), (1, 2, 4)],
    ids=["first", "doubled", "longest", "slow-pace", "fast-pace"],
)
def test_a_poll_that_fails_rests_the_longer(every_s: float, failures: int, rest_s: float) -> None:
    state = PollState(source="a", due_at=NOON, failures=failures)

    ended = failed(state, UnavailableError("no", code="http.503"), every_s=every_s, now=NOON)

    assert (ended.due_at, ended.failures, ended.fault) == (after(rest_s), failures + 1, "no")


def test_no_server_can_park_a_poll_for_ever() -> None:
    limited = LimitedError("slow down", code="http.429")
    limited.retry_after_s = 10.0**9

    ended = failed(PollState(source="a", due_at=NOON), limited, every_s=60, now=NOON)

    assert ended.due_at == after(LONGEST_REST_S)


def test_a_poll_that_takes_too_long_is_told_so() -> None:
    ended = failed(PollState(source="a", due_at=NOON), TimeoutError(), every_s=60, now=NOON)

    assert ended.fault == f"It took longer than {LIMIT_S:g} s."


def test_a_date_that_lies_ahead_hides_nothing() -> None:
    state = PollState(source="a", due_at=NOON, cursor_at=after(-60))

    ended = succeeded(state, after(3600), every_s=60, now=NOON)

    assert ended.cursor_at == NOON


def test_a_poll_never_goes_back() -> None:
    state = PollState(source="a", due_at=NOON, cursor_at=after(-60))

    ended = succeeded(state, after(-120), every_s=60, now=NOON)

    assert ended.cursor_at == after(-60)
