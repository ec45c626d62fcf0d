"""Polls of an organization that fails, refuses or is another one: nothing is lost, and it is left in peace."""

from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from structlog.testing import capture_logs

from publisher.genesys.errors import LimitedError, UnavailableError
from publisher.sandbox.settings import FLOW_NAME, ORGANIZATION_ID
from receiver.model import PollState
from receiver.polls import LIMIT_S, LONGEST_REST_S, failed
from tests.receiver.polling import FLOWS, SECRETS, a_config, a_stage, poll, told
from tests.receiver.store.makers import NOON, after

pytestmark = pytest.mark.anyio
ME = "/api/v2/organizations/me"


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
