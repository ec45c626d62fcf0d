"""The organization itself, its roles, and the things that flows name."""

import pytest

from publisher.genesys.errors import NotAllowedError
from publisher.genesys.inventory import PROBES, Kind, holds
from publisher.sandbox import FLOW_NAME, ORGANIZATION_ID, SandboxSettings
from publisher.sandbox.app import PERMISSIONS
from tests.publisher.sandbox.orgs import Running, a_sandbox

pytestmark = pytest.mark.anyio


async def test_the_organization_is_named() -> None:
    async with a_sandbox() as running:
        organization = await running.client.organization()

    assert (organization.id, organization.name) == (ORGANIZATION_ID, "Sandbox")


@pytest.mark.parametrize(
    ("kind", "name"),
    [*((thing.kind, thing.name) for thing in SandboxSettings().things), (Kind.FLOW, FLOW_NAME)],
    ids=str,
)
async def test_what_is_there_is_found_by_its_name(kind: Kind, name: str) -> None:
    async with a_sandbox() as running:
        (found,) = await running.client.named(kind, name)

    assert found.name == name


async def test_what_is_not_there_is_not_found() -> None:
    async with a_sandbox() as running:
        assert await running.client.named("queue", "Sales EU") == []


async def test_things_are_added() -> None:
    async with a_sandbox() as running:
        body = {"kind": "data_action", "name": "Get Order", "category": "Shop"}
        await running.http.post("/sandbox/things", json=body)

        (found,) = await running.client.named("data_action", "Get Order")

    assert found.category == "Shop"


@pytest.mark.parametrize("body", [{"kind": "sofa", "name": "x"}, {"kind": "queue"}, {"kind": "queue", "name": ""}])
async def test_an_odd_thing_is_refused(body: dict[str, str]) -> None:
    async with a_sandbox() as running:
        assert (await running.http.post("/sandbox/things", json=body)).status_code == 400


async def test_every_permission_is_granted() -> None:
    async with a_sandbox() as running:
        permissions = await running.client.permissions()

    assert permissions == PERMISSIONS


async def test_a_denied_permission_is_missing_from_the_roles_and_refused() -> None:
    async with a_sandbox(SandboxSettings(denied=("architect:job:create",))) as running:
        permissions = await running.client.permissions()

        with pytest.raises(NotAllowedError, match=r"missing the following permission\(s\): architect:job:create"):
            await running.client.register_job()

    assert not holds(permissions, "architect:job:create")


@pytest.mark.parametrize("permission", PROBES)
async def test_each_permission_can_be_tried(permission: str) -> None:
    async with a_sandbox() as allowing, a_sandbox(SandboxSettings(denied=(permission,))) as denying:
        tried = [await running.client.is_allowed(permission) for running in (allowing, denying)]

    assert tried == [True, False]


async def forbidden(running: Running) -> bool:
    return not await running.client.is_allowed("routing:queue:view")


async def test_a_fault_may_forbid_one_permission() -> None:
    async with a_sandbox() as running:
        running.add("forbidden", scope="routing:queue:view", times="always")

        assert await forbidden(running)
        assert await running.client.is_allowed("routing:skill:view")
