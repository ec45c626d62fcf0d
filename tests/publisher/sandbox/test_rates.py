"""How many calls a client may make in a minute."""

import pytest

from publisher.genesys.budget import RateLimit
from publisher.sandbox import FLOW_ID, SandboxSettings
from tests.publisher.sandbox.orgs import a_sandbox

pytestmark = pytest.mark.anyio

FLOW = f"/api/v2/flows/{FLOW_ID}"


async def test_every_answer_tells_what_is_left() -> None:
    async with a_sandbox(SandboxSettings(rate_per_minute=300)) as running:
        await running.client.flow(FLOW_ID)
        await running.client.flow(FLOW_ID)

        limit = running.client.budget.limit

    assert limit == RateLimit(allowed=300, count=2, reset_s=60)


async def test_one_call_too_many_is_refused_until_the_minute_is_over() -> None:
    async with a_sandbox(SandboxSettings(rate_per_minute=2)) as running:
        answers = [await running.http.get(FLOW) for _ in range(2)]
        await running.clock.sleep(18)
        refused = await running.http.get(FLOW)
        await running.clock.sleep(42)
        again = await running.http.get(FLOW)

    assert [answer.status_code for answer in answers] == [200, 200]
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "42")
    assert (again.status_code, again.headers["inin-ratelimit-count"]) == (200, "1")


async def test_clients_have_limits_of_their_own() -> None:
    async with a_sandbox(SandboxSettings(rate_per_minute=1)) as running:
        token = running.sandbox.tokens.give(client_id="other", client_secret="x")
        await running.http.get(FLOW)

        answer = await running.http.get(FLOW, headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == 200
