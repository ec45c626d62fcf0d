"""What else an organization has, as the client asks for it."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from publisher.genesys import inventory
from publisher.genesys.errors import CredentialsError, LimitedError
from publisher.genesys.exchange import Response
from publisher.genesys.inventory import PROBES, SHELVES, Kind, holds
from publisher.genesys.model import Found, Lock, Organization
from tests.publisher.genesys.wires import Answer, Host, a_client, an_answer

LOCKED = {"id": "f1", "lockedUser": {"id": "u1", "name": "Alex"}, "savedVersion": {"id": "s", "dateSaved": 1_000}}


def a_response(data: Any) -> Response:  # noqa: ANN401
    return Response(status=200, body=json.dumps(data).encode())


def a_list(*names: str) -> Answer:
    return an_answer(json={"entities": [{"id": f"id of {name}", "name": name, "category": "CRM"} for name in names]})


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.anyio
async def test_things_of_every_kind_are_found_by_exactly_their_name(kind: Kind) -> None:
    host = Host(answers=[a_list("Sales", "Sales EU", "sales")])

    found = await a_client(host).named(kind.value, "Sales")

    assert [one.name for one in found] == ["Sales", "sales"]
    assert (host.calls[0].url.path, host.calls[0].url.params["name"]) == (SHELVES[kind].path, "Sales")


@pytest.mark.anyio
async def test_data_actions_are_told_apart_by_their_category() -> None:
    (found,) = await a_client(Host(answers=[a_list("Get")])).named(Kind.DATA_ACTION, "Get")

    assert found == Found(id="id of Get", name="Get", category="CRM")


@pytest.mark.anyio
async def test_what_is_missing_is_not_found() -> None:
    assert await a_client(Host(answers=[a_list("Sales EU")])).named(Kind.QUEUE, "Sales") == []


@pytest.mark.anyio
async def test_the_organization_says_who_it_is() -> None:
    host = Host(answers=[an_answer(json={"id": "o1", "name": "Acme"})])

    assert await a_client(host).organization() == Organization(id="o1", name="Acme")
    assert host.calls[0].url.path == "/api/v2/organizations/me"


@pytest.mark.parametrize(
    ("status", "is_allowed"), [(200, True), (404, True), (400, True), (403, False)], ids=["ok", "404", "400", "403"]
)
@pytest.mark.anyio
async def test_a_permission_is_tried_by_asking_for_something(status: int, is_allowed: bool) -> None:
    host = Host(answers=[an_answer(status, json={})])

    assert await a_client(host).is_allowed("architect:job:view") is is_allowed
    assert host.calls[0].method == "GET"


@pytest.mark.parametrize(("status", "kind"), [(401, CredentialsError), (429, LimitedError)], ids=["token", "limit"])
@pytest.mark.anyio
async def test_what_says_nothing_of_a_permission_stays_an_error(status: int, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        await a_client(Host(answers=[an_answer(status)])).is_allowed("architect:job:view")


@pytest.mark.parametrize("permission", PROBES)
def test_trying_a_permission_changes_nothing(permission: str) -> None:
    request = inventory.probe(permission)

    assert request.method == "GET"
    assert request.needs.permissions == (permission,)


def test_a_permission_that_cannot_be_tried_is_no_question() -> None:
    with pytest.raises(ValueError, match="cannot be tried without an effect"):
        inventory.probe("architect:flow:publish")


@pytest.mark.anyio
async def test_the_roles_of_the_client_are_its_permissions() -> None:
    policies = [
        {"domain": "architect", "entityName": "flow", "actions": ["view", "edit"]},
        {"domain": "routing", "entityName": "*", "actions": ["*"]},
    ]
    body = {"id": "c", "grants": [{"role": {"policies": policies}}, {"role": {"policies": [{"actions": None}]}}]}

    permissions = await a_client(Host(answers=[an_answer(json=body)])).permissions()

    assert permissions == {"architect:flow:view", "architect:flow:edit", "routing:*:*"}


@pytest.mark.parametrize(
    ("held", "is_held"),
    [("architect:flow:view", True), ("architect:*:*", True), ("*:*:*", True), ("routing:*:*", False)],
    ids=["exactly", "entity", "anything", "another"],
)
def test_a_star_stands_for_anything(held: str, is_held: bool) -> None:
    assert holds(frozenset({held}), "architect:flow:view") is is_held


@pytest.mark.anyio
async def test_a_lock_tells_who_holds_it_and_since_when() -> None:
    entries = [
        {"action": "CHECKOUT", "timestamp": "2026-11-23T11:00:00.000Z", "user": {"id": "u1"}},
        {"action": "CHECKOUT", "timestamp": "2026-11-23T12:00:00.000Z", "user": {"id": "someone else"}},
        {"action": "CHECKOUT", "timestamp": "2026-11-20T09:00:00.000Z", "user": {"id": "u1"}},
    ]
    answers = [an_answer(json=LOCKED), an_answer(json={"id": "h1"}), an_answer(json={"entities": entries})]

    lock = await a_client(Host(answers=answers)).lock("f1")

    assert lock == Lock(
        holder="Alex",
        holder_id="u1",
        since=datetime(2026, 11, 23, 11, tzinfo=UTC),
        draft_saved_at=datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize("history", [an_answer(403), an_answer(json={})], ids=["not allowed", "nothing gathered"])
@pytest.mark.anyio
async def test_a_lock_is_told_though_its_time_is_not(history: Answer) -> None:
    lock = await a_client(Host(answers=[an_answer(json=LOCKED), history])).lock("f1")

    assert lock is not None
    assert (lock.holder, lock.since) == ("Alex", None)


@pytest.mark.anyio
async def test_a_flow_that_nobody_edits_has_no_lock() -> None:
    host = Host(answers=[an_answer(json={"id": "f1"})])

    assert await a_client(host).lock("f1") is None
    assert len(host.calls) == 1
