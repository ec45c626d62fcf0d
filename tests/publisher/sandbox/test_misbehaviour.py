"""Each way of misbehaving, and what the client makes of it."""

from collections.abc import Awaitable, Callable

import pytest

from publisher.genesys.errors import (
    CredentialsError,
    GenesysError,
    LimitedError,
    LockedError,
    MissingError,
    NotAllowedError,
    RefusedError,
    UnavailableError,
    UnreadableError,
)
from publisher.sandbox import FLOW_ID, FLOW_NAME, FaultKind, SandboxSettings
from tests.publisher.sandbox.orgs import DEFINITION, Running, a_fault, a_sandbox

pytestmark = pytest.mark.anyio

FLOW = f"/api/v2/flows/{FLOW_ID}"


async def creates(running: Running) -> object:
    return await running.client.create_version(FLOW_ID, DEFINITION)


async def reads(running: Running) -> object:
    return await running.client.flow(FLOW_ID)


@pytest.mark.parametrize(
    ("fault", "act", "kind", "words"),
    [
        ("limited", reads, LimitedError, "Rate limit exceeded"),
        ("error", reads, UnavailableError, "The service has failed"),
        ("error", creates, UnavailableError, "look before you repeat it"),
        ("html", reads, UnreadableError, "is an HTML page"),
        ("garbled", reads, UnreadableError, "is not JSON"),
        ("lost-answer", creates, UnavailableError, "look before you repeat it"),
        ("forbidden", creates, NotAllowedError, "architect:flow:edit"),
        ("missing", reads, MissingError, "was not found"),
        ("locked", creates, LockedError, "locked by another user: Alex Architect"),
        ("refused", creates, RefusedError, "The flow has no trigger node"),
        ("expired", reads, CredentialsError, "The token was refused, and a new one too"),
        ("credentials", reads, CredentialsError, "The OAuth client 'ci' was refused"),
    ],
    ids=lambda value: value if isinstance(value, str) and " " not in value else None,
)
async def test_a_fault_that_stays_is_the_clients_error(
    fault: str, act: Callable[[Running], Awaitable[object]], kind: type[GenesysError], words: str
) -> None:
    async with a_sandbox() as running:
        running.add(fault, times="always")

        with pytest.raises(kind, match=words) as caught:
            await act(running)

    assert caught.value.correlation_id
    assert caught.value.correlation_id in str(caught.value)


@pytest.mark.parametrize(
    ("fault", "naps"),
    [
        ({"fault": "limited", "retry_after_s": 7}, [7]),
        ({"fault": "error", "status": 502}, [1]),
        ({"fault": "expired"}, []),
    ],
    ids=["limited", "error", "expired"],
)
async def test_a_fault_that_passes_is_waited_out(fault: dict[str, object], naps: list[float]) -> None:
    async with a_sandbox() as running:
        await running.http.post("/sandbox/faults", json=fault)

        flow = await running.client.flow(FLOW_ID)

    assert flow.name == FLOW_NAME
    assert running.client_time.naps == naps


async def test_a_limit_may_come_without_a_wish() -> None:
    async with a_sandbox() as running:
        running.add("limited", retry_after_s=None)

        answer = await running.http.get(FLOW)

    assert answer.status_code == 429
    assert "retry-after" not in answer.headers


async def test_a_slow_answer_is_a_right_one() -> None:
    async with a_sandbox() as running:
        running.add("slow", delay_s=12)

        flow = await running.client.flow(FLOW_ID)

    assert flow.name == FLOW_NAME
    assert running.clock.naps == [12]


async def test_a_lost_answer_leaves_its_effect() -> None:
    async with a_sandbox() as running:
        running.add("lost-answer")

        with pytest.raises(UnavailableError):
            await creates(running)

        assert (await running.client.version(FLOW_ID, "2.0")).number == 2


async def test_a_lock_shows_who_holds_it() -> None:
    async with a_sandbox() as running:
        running.add("locked")

        assert (await running.client.flow(FLOW_ID)).locked_by == "Alex Architect"


async def test_a_scope_that_is_missing_forbids_its_calls_only() -> None:
    async with a_sandbox() as running:
        running.add("forbidden", scope="webhook:write", times="always")

        await creates(running)

        with pytest.raises(NotAllowedError, match="webhook:write"):
            await running.client.registrations()


async def test_a_version_may_be_stuck_in_validation() -> None:
    async with a_sandbox(SandboxSettings(validation_polls=0)) as running:
        running.add("stuck")

        await creates(running)

        looks = [await running.client.version(FLOW_ID, "2.0") for _ in range(100)]
    assert {look.validation.status for look in looks if look.validation} == {"in_progress"}


async def test_a_version_may_fail_with_messages() -> None:
    async with a_sandbox(SandboxSettings(validation_polls=0)) as running:
        running.add("invalid", messages=["No prompt.", "No queue."])

        version = await running.client.create_version(FLOW_ID, DEFINITION)

    assert version.validation is not None
    assert (version.validation.status, version.validation.errors) == ("failed", ("No prompt.", "No queue."))


async def test_publishing_may_have_no_effect() -> None:
    async with a_sandbox(SandboxSettings(validation_polls=0)) as running:
        await creates(running)
        running.add("no-effect")

        await running.client.publish(FLOW_ID, "2.0")

        flow = await running.client.flow(FLOW_ID)
    assert flow.published_version_id == "1.0"
    assert flow.operation is None


async def test_publishing_may_fail_behind_a_good_answer() -> None:
    async with a_sandbox() as running:
        running.add("publish-failed", messages=["No prompt."])

        await running.client.publish(FLOW_ID, "1.0")

        flow = await running.client.flow(FLOW_ID)
    assert flow.operation is not None
    assert (flow.operation.status, flow.operation.error_message) == ("FAILURE", "No prompt.")


@pytest.mark.parametrize("kind", ["limited", "error", "html", "garbled", "slow"])
async def test_a_token_is_given_late_or_not_at_all_where_a_fault_names_its_path(kind: str) -> None:
    async with a_sandbox() as running:
        running.add(kind, on="POST */oauth/token")

        await running.http.get(FLOW)

        assert running.sandbox.faults.has(FaultKind(kind))
        await running.http.post("/api/v2/oauth/token")
        assert not running.sandbox.faults.has(FaultKind(kind))


async def test_faults_may_be_there_from_the_start() -> None:
    async with a_sandbox(SandboxSettings(faults=(a_fault(FaultKind.MISSING),))) as running:
        with pytest.raises(MissingError):
            await reads(running)
