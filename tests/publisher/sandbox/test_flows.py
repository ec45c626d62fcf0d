"""The flows API: flows, their versions, and the publish action."""

from typing import Any

import pytest

from publisher.sandbox import FLOW_ID, FLOW_NAME, SandboxSettings, SeedFlow
from tests.publisher.sandbox.orgs import DEFINITION, URL, a_sandbox

pytestmark = pytest.mark.anyio

FLOW = f"/api/v2/flows/{FLOW_ID}"


async def test_a_known_flow_is_live_from_the_start() -> None:
    async with a_sandbox() as running:
        flow = (await running.http.get(FLOW)).json()

    assert (flow["name"], flow["type"], flow["active"]) == (FLOW_NAME, "INBOUNDCALL", True)
    assert (flow["publishedVersion"]["id"], flow["publishedVersion"]["versionNumber"]) == ("1.0", 1)
    assert "currentOperation" not in flow
    assert "lockedUser" not in flow


async def test_a_flow_that_was_never_published_has_no_published_version() -> None:
    async with a_sandbox() as running:
        flows = (await running.http.get("/api/v2/flows", params={"name": "complaints"})).json()["entities"]

    assert [flow["name"] for flow in flows] == ["Complaints"]
    assert "publishedVersion" not in flows[0]
    assert flows[0]["checkedInVersion"]["status"] == "draft"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"name": "Opening*"}, ["Opening Hours"]),
        ({"type": "inboundcall,workflow"}, [FLOW_NAME, "Opening Hours", "Complaints"]),
        ({"type": "workflow"}, []),
        ({"id": FLOW_ID}, [FLOW_NAME]),
        ({"pageSize": 2, "pageNumber": 2}, ["Complaints"]),
        ({"pageNumber": 9}, []),
        ({"sortBy": "name", "sortOrder": "desc"}, ["Opening Hours", "Complaints", FLOW_NAME]),
        ({"nameOrDescription": "*hours"}, ["Opening Hours"]),
        ({"description": "nothing"}, []),
        ({"publishedAfter": "2026-11-23T11:59:59Z"}, [FLOW_NAME, "Opening Hours"]),
        ({"publishedAfter": "2026-11-23T13:00:00+01:00"}, []),
        ({"publishedBefore": "2026-11-24"}, [FLOW_NAME, "Opening Hours"]),
        ({"publishVersionId": "3.0"}, ["Opening Hours"]),
        ({"lockedBy": "nobody"}, []),
        ({"lockedByClientId": "ci"}, []),
        ({"divisionId": "nowhere"}, []),
    ],
    ids=[
        *("name", "types", "other type", "id", "second page", "behind the last page", "sorted", "any text"),
        *("description", "after", "not after", "before", "live version", "person", "client", "division"),
    ],
)
async def test_flows_are_listed_by_what_is_asked(query: dict[str, Any], names: list[str]) -> None:
    async with a_sandbox() as running:
        listing = (await running.http.get("/api/v2/flows", params=query)).json()

    assert [flow["name"] for flow in listing["entities"]] == names


async def test_a_listing_tells_where_its_pages_are() -> None:
    async with a_sandbox() as running:
        listing = (await running.http.get("/api/v2/flows", params={"pageSize": 2, "type": "inboundcall"})).json()

        following = (await running.http.get(listing["nextUri"])).json()

    assert (listing["total"], listing["pageCount"], listing["pageSize"]) == (3, 2, 2)
    assert [flow["name"] for flow in following["entities"]] == ["Complaints"]
    assert "nextUri" not in following


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"pageNumber": "0"}, "invalid.value"),
        ({"pageSize": "x"}, "invalid.value"),
        ({"pageSize": "9" * 30}, "invalid.value"),
        ({"publishedAfter": "yesterday"}, "invalid.date"),
    ],
    ids=str,
)
async def test_an_odd_query_is_refused(query: dict[str, str], code: str) -> None:
    async with a_sandbox() as running:
        answer = await running.http.get("/api/v2/flows", params=query)

    assert (answer.status_code, answer.json()["code"]) == (400, code)


async def test_flows_can_be_given_from_outside() -> None:
    seeds = (SeedFlow(id="1", name="Main"), SeedFlow(id="2", name="Main", type="WORKFLOW", versions=0))
    async with a_sandbox(SandboxSettings(flows=seeds)) as running:
        flows = await running.client.flows_named("Main")

    assert [(flow.id, flow.published_version_id) for flow in flows] == [("1", "1.0"), ("2", None)]


async def test_a_flow_can_be_made() -> None:
    async with a_sandbox() as running:
        made = (await running.http.post("/api/v2/flows", json={"name": "New", "type": "workflow"})).json()

        found = (await running.http.get(f"/api/v2/flows/{made['id']}")).json()
        again = await running.http.post("/api/v2/flows", json={"name": "New", "type": "WORKFLOW"})

    assert (found["name"], found["type"]) == ("New", "WORKFLOW")
    assert again.status_code == 409


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": "x", "type": 1}], ids=str)
async def test_a_flow_without_a_name_is_refused(body: dict[str, Any]) -> None:
    async with a_sandbox() as running:
        answer = await running.http.post("/api/v2/flows", json=body)

    assert answer.status_code == 400


@pytest.mark.parametrize(
    "path",
    ["/api/v2/flows/nope", "/api/v2/flows/nope/versions", f"{FLOW}/versions/99.0", "/api/v2/queues", "/"],
    ids=["flow", "its versions", "version", "other API", "root"],
)
async def test_what_is_not_there_is_404_in_the_platforms_form(path: str) -> None:
    async with a_sandbox() as running:
        answer = await running.http.get(path)

    assert answer.status_code == 404
    assert (answer.json()["status"], answer.json()["contextId"]) == (404, answer.headers["inin-correlation-id"])


async def test_a_new_version_counts_up_and_is_validated_behind_the_answer() -> None:
    async with a_sandbox(SandboxSettings(validation_polls=2)) as running:
        created = await running.push()
        version = f"{FLOW}/versions/2.0"

        looks = [(await running.http.get(version)).json()["validation"]["status"] for _ in range(4)]

    assert (created.status_code, created.headers["location"]) == (201, version)
    assert (created.json()["id"], created.json()["versionNumber"], created.json()["status"]) == ("2.0", 2, "draft")
    assert created.json()["validation"] == {"status": "in_progress", "errors": []}
    assert looks == ["in_progress", "in_progress", "passed", "passed"]


async def test_versions_are_listed_newest_first() -> None:
    async with a_sandbox() as running:
        await running.push()

        listing = (await running.http.get(f"{FLOW}/versions")).json()

    assert [version["id"] for version in listing["entities"]] == ["2.0", "1.0"]


def changed(**parts: Any) -> dict[str, Any]:  # noqa: ANN401
    return dict(DEFINITION) | parts


NODES = DEFINITION["nodes"]
LOOP = [*DEFINITION["connections"], {"id": "c3", "sourceNodeId": "say_welcome", "targetNodeId": "trigger"}]


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        (changed(nodes=NODES[1:], connections=[]), "The flow has no trigger node."),
        (changed(nodes=[*NODES, {"id": "x", "type": "teleport"}]), "Node 'x' has the unknown type 'teleport'."),
        (changed(nodes=[*NODES, {"id": "x", "type": ["say"]}]), "Node 'x' has the unknown type ['say']."),
        (changed(nodes=[*NODES, {"type": "say"}]), "A node has no id."),
        (changed(nodes=[*NODES, NODES[0]]), "2 nodes have the id 'trigger'."),
        (
            changed(connections=[{"id": "c", "sourceNodeId": "trigger", "targetNodeId": "nowhere"}]),
            "Connection 'c' names the unknown node 'nowhere' as targetNodeId.",
        ),
        (changed(connections=[{"id": "c", "sourceNodeId": {}}]), "Connection 'c' names the unknown node {} as"),
        (changed(name=""), "The definition has no name."),
        (changed(nodes={}), "'nodes' and 'connections' must be lists of objects."),
        (changed(connections=[1]), "'nodes' and 'connections' must be lists of objects."),
    ],
    ids=[
        *("no trigger", "unknown type", "odd type", "no id", "same id"),
        *("unknown node", "odd node", "no name", "no list", "no objects"),
    ],
)
async def test_a_definition_against_the_schema_is_422(definition: dict[str, Any], message: str) -> None:
    async with a_sandbox() as running:
        answer = await running.push(definition)

        listing = (await running.http.get(f"{FLOW}/versions")).json()

    assert (answer.status_code, answer.json()["code"]) == (422, "unprocessable.entity")
    assert any(error["message"].startswith(message) for error in answer.json()["errors"])
    assert listing["total"] == 1


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        (changed(connections=LOOP), "The flow loops: trigger -> say_welcome -> trigger."),
        (changed(connections=LOOP[:1]), "Node 'say_welcome' leads nowhere."),
    ],
    ids=["loop", "dead end"],
)
async def test_what_only_the_compiler_finds_fails_the_validation(definition: dict[str, Any], message: str) -> None:
    async with a_sandbox(SandboxSettings(validation_polls=0)) as running:
        created = (await running.push(definition)).json()

    assert created["validation"]["status"] == "failed"
    assert {"message": message} in created["validation"]["errors"]


async def test_errors_are_not_told_before_the_validation_is_over() -> None:
    async with a_sandbox() as running:
        created = (await running.push(changed(connections=LOOP))).json()

    assert created["validation"] == {"status": "in_progress", "errors": []}


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"{", 400), (b"[]", 400), (b"\xff", 400), (b"[" * 100_000, 400), (b"x" * 512_001, 413)],
    ids=["broken", "no object", "not utf-8", "too deep", "too large"],
)
async def test_a_body_that_cannot_be_read_is_refused(content: bytes, status: int) -> None:
    async with a_sandbox() as running:
        answer = await running.http.post(f"{FLOW}/versions", content=content)

    assert answer.status_code == status
    assert answer.json()["contextId"]


async def test_a_published_version_is_live_and_the_one_before_is_not() -> None:
    async with a_sandbox(SandboxSettings(validation_polls=0)) as running:
        await running.push()

        operation = (await running.publish("2.0")).json()

        flow = (await running.http.get(FLOW)).json()
        before = (await running.http.get(f"{FLOW}/versions/1.0")).json()
    assert (operation["actionName"], operation["actionStatus"], operation["complete"]) == ("PUBLISH", "SUCCESS", True)
    assert flow["publishedVersion"]["id"] == "2.0"
    assert flow["currentOperation"]["id"] == operation["id"]
    assert (flow["publishedVersion"]["status"], before["status"]) == ("published", "archived")


async def test_publishing_takes_the_latest_version_where_none_is_named() -> None:
    async with a_sandbox(SandboxSettings(validation_polls=0)) as running:
        await running.push()

        await running.http.post("/api/v2/flows/actions/publish", params={"flow": FLOW_ID})

        flow = (await running.http.get(FLOW)).json()
    assert flow["publishedVersion"]["id"] == "2.0"


async def test_an_older_version_can_go_live_again() -> None:
    async with a_sandbox(SandboxSettings(validation_polls=0)) as running:
        await running.push()
        await running.publish("2.0")

        await running.publish("1.0")

        flow = (await running.http.get(FLOW)).json()
    assert flow["publishedVersion"]["id"] == "1.0"


async def test_publishing_an_unknown_version_is_200_and_does_nothing() -> None:
    async with a_sandbox() as running:
        answer = await running.publish("99.0")

        flow = (await running.http.get(FLOW)).json()
    assert answer.status_code == 200
    assert flow["publishedVersion"]["id"] == "1.0"
    assert "currentOperation" not in flow


async def test_a_flow_without_versions_has_nothing_to_publish() -> None:
    seeds = (SeedFlow(id="1", name="Main", versions=0),)
    async with a_sandbox(SandboxSettings(flows=seeds)) as running:
        answer = await running.http.post("/api/v2/flows/actions/publish", params={"flow": "1"})

        flow = await running.client.flow("1")
    assert answer.status_code == 200
    assert flow.published_version_id is None


async def test_a_version_that_did_not_pass_does_not_go_live() -> None:
    async with a_sandbox() as running:
        await running.push()

        operation = (await running.publish("2.0")).json()

    assert operation["actionStatus"] == "FAILURE"
    assert operation["errorMessage"] == "Version 2.0 has not passed validation: in_progress."


@pytest.mark.parametrize(("query", "status"), [({}, 400), ({"flow": "nope"}, 404)], ids=["no flow", "unknown flow"])
async def test_publishing_needs_a_flow(query: dict[str, str], status: int) -> None:
    async with a_sandbox() as running:
        answer = await running.http.post("/api/v2/flows/actions/publish", params=query)

    assert answer.status_code == status


async def test_a_publish_action_may_take_its_time() -> None:
    async with a_sandbox(SandboxSettings(publish_s=3)) as running:
        await running.register()

        operation = (await running.publish()).json()
        await running.listener.heard(1)

        flow = (await running.http.get(FLOW)).json()
    assert (operation["actionStatus"], operation["complete"]) == ("STARTED", False)
    assert flow["currentOperation"]["complete"]
    assert sum(running.clock.naps) == 3


async def test_slashes_are_not_mended() -> None:
    async with a_sandbox() as running:
        answer = await running.http.get(f"{URL}/api/v2/flows/")

    assert answer.status_code == 404
