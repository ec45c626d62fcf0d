"""The contract that the project grew from, row by row: a version is made, validated and put live."""

import asyncio
from pathlib import Path
from random import Random

import httpx
import pytest

from publisher.audit import Audit
from publisher.deadline import Deadline
from publisher.errors import ExitCode
from publisher.genesys.backoff import RetryPolicy
from publisher.genesys.client import GenesysClient
from publisher.loader import read_flow
from publisher.provenance import Provenance
from publisher.publish import Order, Publisher, poll_delays_s
from publisher.sandbox import FLOW_ID
from publisher.trail import Trail
from publisher.voice import Voice
from tests.contract.making import a_wire
from tests.publisher.organization import PUBLISH, VERSIONS, Organization


def unheard(_: str) -> None:
    """Say it to nobody."""


def a_publisher(http: httpx.AsyncClient, organization: Organization) -> Publisher:
    """A publisher that keeps its words and records to itself."""
    time = organization.time
    return Publisher(
        GenesysClient(a_wire(http, time=time)),
        audit=Audit(governance_id="GOV-1", clock=time.clock, monotonic=time.monotonic, sinks=[]),
        deadline=Deadline(60),
        voice=Voice(stage=unheard, detail=unheard, say=unheard, warn=unheard),
        sleep=time.sleep,
    )


def test_contract_row_24_a_version_is_created_with_201(organization: Organization) -> None:
    """Contract row 24: create version: 201."""
    organization.run("publish", "main.json")

    assert f"POST {VERSIONS} 201" in organization.calls()


def test_contract_row_25_the_server_is_polled_every_2_then_5_seconds_at_most_60_times() -> None:
    """Contract row 25: cancellable too, which row 41 shows."""
    delays = [*poll_delays_s()]

    assert (min(delays), max(delays), len(delays)) == (2.0, 5.0, 60)


def test_contract_row_26_a_failed_validation_prints_its_errors(organization: Organization) -> None:
    """Contract row 26: each as a problem that the server reported."""
    organization.misbehave("invalid", messages=["no prompt", "no skill"])

    ended = organization.run("publish", "main.json")

    assert ended.code == ExitCode.PROBLEMS
    assert "main.json: error: no prompt [server]\nmain.json: error: no skill [server]\n" in ended.err


def test_contract_row_27_too_many_requests_are_waited_out() -> None:
    """Contract row 27: `Retry-After`, jitter upwards, limits configurable."""
    rng = Random(1)  # noqa: S311 - jitter, not a secret
    policy = RetryPolicy()

    grown = [policy.delay_s(retry, wished_s=None, rng=rng) or 0.0 for retry in (1, 2, 3)]
    wished = policy.delay_s(1, wished_s=42.0, rng=rng) or 0.0

    assert all(delay_s >= least_s for delay_s, least_s in zip(grown, (1, 2, 4), strict=True))
    assert wished >= 42
    assert RetryPolicy(retries=1).delay_s(2, wished_s=None, rng=rng) is None


@pytest.mark.parametrize(
    ("fault", "advice"),
    [
        ("credentials", "Check its id and secret"),
        ("forbidden", "Give the OAuth client a role"),
        ("missing", "Check the id"),
        ("locked", "have them check it in or unlock it"),
        ("refused", "no trigger node"),
        ("limited", "Try again in 1 s"),
        ("error", "Try again later"),
        ("html", "check the API URL or region"),
    ],
)
def test_contract_row_28_every_refusal_comes_with_advice(fault: str, advice: str, organization: Organization) -> None:
    """Contract row 28: 401, 403, 422, 429, and 404, 409, 5xx, HTML, no network."""
    organization.misbehave(fault, times="always")

    ended = organization.run("publish", "main.json", "--flow-id", FLOW_ID)

    assert ended.code != ExitCode.OK
    assert advice.lower() in ended.err.lower()


def test_contract_row_29_a_stuck_validation_says_where_to_look(organization: Organization) -> None:
    """Contract row 29: after the last poll."""
    organization.misbehave("stuck")

    ended = organization.run("publish", "main.json")

    assert "deeply nested conditions" in ended.err
    assert "references to variables" in ended.err


def test_contract_row_38_it_says_version_number_and_id(organization: Organization) -> None:
    """Contract row 38: the same."""
    ended = organization.run("publish", "main.json")

    assert "Version 2 (id 2.0) of flow 'Automated IVR Flow v2' is live." in ended.err
    assert (ended.results()[0]["version_number"], ended.results()[0]["version_id"]) == (2, "2.0")


def test_contract_row_39_it_can_stop_after_a_passed_validation(organization: Organization) -> None:
    """Contract row 39: `--no-publish`."""
    ended = organization.run("publish", "main.json", "--no-publish")

    assert (ended.code, ended.results()[0]["result"]) == (ExitCode.OK, "validated")
    assert not any(call.startswith(PUBLISH) for call in organization.calls())


@pytest.mark.anyio
async def test_contract_row_41_cancelling_leaves_no_task_running(organization: Organization) -> None:
    """Contract row 41: Ctrl-C ends at once and says what state the version is in (see test_cli_stopping.py too)."""
    organization.time.stands_still = True
    order = Order(flow=read_flow(Path("main.json")), provenance=Provenance())
    trail = Trail(file="main.json")
    others = asyncio.all_tasks()

    async with httpx.AsyncClient(transport=organization) as http:
        publishing = asyncio.create_task(a_publisher(http, organization).publish(order, trail=trail))
        await organization.time.asleep.wait()
        publishing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await publishing

    assert asyncio.all_tasks() == others
    assert "is still being validated by the server; it is not live." in trail.state()
