"""The guard in front of an organization."""

import asyncio
from random import Random

import httpx
import pytest

from publisher.environments import Environment
from publisher.errors import ExitCode
from publisher.genesys.auth import Credentials
from publisher.genesys.client import GenesysClient
from publisher.genesys.hosts import hosts_of_url
from publisher.guard import GuardedWire, WrongOrganizationError

OURS = "1f0c6f0e-52d4-4b0e-9a53-1d6f2c8b4e90"
OTHER = "3f0c6f0e-52d4-4b0e-9a53-1d6f2c8b4e90"

pytestmark = pytest.mark.anyio


class Host:
    """An organization that tells who it is, and notes what it was asked."""

    def __init__(self, answer: httpx.Response) -> None:
        self.asked: list[str] = []
        self._answer = answer

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path.removeprefix("/api/v2/"))
        if request.url.path.endswith("/token"):
            return httpx.Response(200, json={"access_token": "token", "expires_in": 3600})
        if request.url.path.endswith("/organizations/me"):
            return self._answer
        return httpx.Response(200, json={"id": "flow-1", "name": "Main"})

    def client(self, *, organization: str | None) -> GenesysClient:
        """A client for an environment of that organization."""
        wire = GuardedWire(
            httpx.AsyncClient(transport=httpx.MockTransport(self)),
            hosts=hosts_of_url("http://org.test"),
            credentials=Credentials(client_id="client-1", client_secret="s3cret"),
            monotonic=lambda: 0.0,
            rng=Random(1),  # noqa: S311 - jitter, not a secret
            environment=Environment(name="prod", organization=organization),
        )
        return GenesysClient(wire)


def that_is(organization: str) -> httpx.Response:
    return httpx.Response(200, json={"id": organization, "name": "Acme"})


async def test_the_right_organization_is_made_sure_of_once_before_all_else() -> None:
    host = Host(that_is(OURS.upper()))
    client = host.client(organization=OURS)

    await client.authenticate()
    await asyncio.gather(client.flow("flow-1"), client.flow("flow-2"))

    assert host.asked == ["oauth/token", "organizations/me", "flows/flow-1", "flows/flow-2"]


async def test_another_organization_is_asked_nothing_else() -> None:
    host = Host(that_is(OTHER))

    with pytest.raises(WrongOrganizationError) as refusal:
        await host.client(organization=OURS).flow("flow-1")

    assert str(refusal.value).startswith(
        f"The credentials belong to organization {OTHER} (Acme), but environment 'prod'"
    )
    assert refusal.value.exit_code == ExitCode.NOT_ALLOWED
    assert host.asked == ["oauth/token", "organizations/me"]


async def test_another_organization_is_not_even_signed_in_to() -> None:
    with pytest.raises(WrongOrganizationError):
        await Host(that_is(OTHER)).client(organization=OURS).authenticate()


async def test_after_a_refusal_the_next_call_is_refused_too() -> None:
    host = Host(that_is(OTHER))
    client = host.client(organization=OURS)

    with pytest.raises(WrongOrganizationError):
        await client.authenticate()
    with pytest.raises(WrongOrganizationError):
        await client.flow("flow-1")

    assert "flows/flow-1" not in host.asked


@pytest.mark.parametrize("status", [403, 404])
async def test_an_organization_that_does_not_tell_is_asked_nothing_else(status: int) -> None:
    host = Host(httpx.Response(status, json={"message": "no"}))

    with pytest.raises(WrongOrganizationError, match="could not be found out, so nothing was sent: Could not read"):
        await host.client(organization=OURS).flow("flow-1")

    assert "flows/flow-1" not in host.asked


async def test_without_an_organization_to_compare_with_nothing_is_asked() -> None:
    host = Host(that_is(OTHER))

    await host.client(organization=None).flow("flow-1")

    assert host.asked == ["oauth/token", "flows/flow-1"]
