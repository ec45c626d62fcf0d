"""Audits and aggregates."""

from typing import Any

import pytest

from publisher.sandbox import FLOW_ID, ORGANIZATION_ID
from tests.publisher.sandbox.orgs import Running, a_sandbox

pytestmark = pytest.mark.anyio

AUDITS = "/api/v2/audits/query"
AGGREGATES = "/api/v2/analytics/flows/aggregates/query"
TODAY = "2026-11-23T00:00:00Z/2026-11-24T00:00:00Z"
ASKED: dict[str, Any] = {
    "interval": TODAY,
    "serviceName": "Architect",
    "filters": [{"property": "EntityType", "value": "Flow"}, {"property": "Action", "value": "Publish"}],
}


async def audits(running: Running, **changes: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    query = (await running.http.post(AUDITS, json=ASKED | changes)).json()
    found: list[dict[str, Any]] = (await running.http.get(f"{AUDITS}/{query['id']}/results")).json()["entities"]
    return found


async def test_an_audit_query_is_queued_then_done() -> None:
    async with a_sandbox() as running:
        asked = (await running.http.post(AUDITS, json=ASKED)).json()

        looked_at = (await running.http.get(f"{AUDITS}/{asked['id']}")).json()

    assert (asked["state"], looked_at["state"]) == ("Queued", "Succeeded")


async def test_a_publication_is_audited_with_who_did_it() -> None:
    async with a_sandbox() as running:
        await running.publish()
        await running.http.post(f"/sandbox/flows/{FLOW_ID}/publish", json={"by": "J. Weber"})

        by_client, by_user = await audits(running)

    assert (by_client["action"], by_client["entity"]["id"], by_client["status"]) == ("Publish", FLOW_ID, "SUCCESS")
    assert (by_client["client"]["id"], by_client["eventDate"]) == ("ci", "2026-11-23T12:00:00.000Z")
    assert by_user["user"]["name"] == "J. Weber"
    assert by_user["userHomeOrgId"] == ORGANIZATION_ID


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ({}, 2),
        ({"filters": []}, 3),
        ({"filters": [{"property": "EntityId", "value": FLOW_ID}, {"property": "ClientId", "value": "ci"}]}, 1),
        ({"filters": [{"property": "UserId", "value": "nobody"}]}, 0),
        ({"serviceName": "Routing"}, 0),
        ({"interval": "2026-11-20T00:00:00Z/2026-11-21T00:00:00Z"}, 0),
    ],
    ids=["publications", "anything", "by client", "by user", "another service", "another day"],
)
async def test_audits_are_found_by_what_is_asked(changes: dict[str, Any], count: int) -> None:
    async with a_sandbox() as running:
        await running.publish()
        await running.http.post(f"/sandbox/flows/{FLOW_ID}/publish")

        assert len(await audits(running, **changes)) == count


async def test_results_come_in_parts() -> None:
    async with a_sandbox() as running:
        for _ in range(3):
            await running.publish()
        query = (await running.http.post(AUDITS, json=ASKED)).json()
        results = f"{AUDITS}/{query['id']}/results"

        first = (await running.http.get(results, params={"pageSize": 2})).json()
        rest = (await running.http.get(results, params={"pageSize": 2, "cursor": first["cursor"]})).json()

    assert (len(first["entities"]), len(rest["entities"])) == (2, 1)
    assert "cursor" not in rest


async def test_audits_are_had_at_once_too() -> None:
    async with a_sandbox() as running:
        await running.publish("1.0")
        await running.http.post(f"/sandbox/flows/{FLOW_ID}/publish")
        sort = [{"name": "Timestamp", "sortOrder": "descending"}]

        page = (await running.http.post(f"{AUDITS}/realtime", json=ASKED | {"sort": sort, "pageSize": 1})).json()

    assert (page["total"], page["pageCount"]) == (2, 2)
    assert page["entities"][0]["user"]["name"] == "Alex Architect"


async def test_the_service_mapping_says_what_can_be_asked() -> None:
    async with a_sandbox() as running:
        mapping = (await running.http.get(f"{AUDITS}/servicemapping")).json()

    assert mapping["services"][0]["name"] == "Architect"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (AUDITS, {}),
        (AUDITS, {"interval": "2026-11-24/2026-11-23"}),
        (AUDITS, ASKED | {"filters": [{"property": "Mood", "value": "x"}]}),
        (f"{AUDITS}/realtime", ASKED | {"pageSize": "many"}),
        (AGGREGATES, {"interval": TODAY, "metrics": ["nSmiles"]}),
        (AGGREGATES, {"interval": TODAY, "groupBy": "flowId"}),
        (AGGREGATES, {"interval": TODAY, "granularity": "soon"}),
        (f"/sandbox/flows/{FLOW_ID}/traffic", {"nFlow": -1}),
    ],
    ids=["no interval", "backwards", "filter", "page", "metric", "group", "granularity", "traffic"],
)
async def test_an_odd_query_is_refused(path: str, body: dict[str, Any]) -> None:
    async with a_sandbox() as running:
        await running.publish()

        assert (await running.http.post(path, json=body)).status_code == 400


async def test_an_unknown_query_or_cursor_is_refused() -> None:
    async with a_sandbox() as running:
        query = (await running.http.post(AUDITS, json=ASKED)).json()

        unknown = await running.http.get(f"{AUDITS}/nope")
        odd = await running.http.get(f"{AUDITS}/{query['id']}/results", params={"cursor": "x"})

    assert (unknown.status_code, odd.status_code) == (404, 400)


async def test_traffic_is_summed_by_flow_and_step() -> None:
    async with a_sandbox() as running:
        traffic = f"/sandbox/flows/{FLOW_ID}/traffic"
        await running.http.post(traffic, json={"nFlow": 90, "tFlowDisconnect": 3})
        await running.clock.sleep(1800)
        await running.http.post(traffic, json={"nFlow": 10})

        query = {
            "interval": TODAY,
            "granularity": "PT30M",
            "groupBy": ["flowId", "flowVersion"],
            "metrics": ["nFlow", "tFlowDisconnect"],
            "filter": {"type": "or", "predicates": [{"dimension": "flowId", "value": FLOW_ID}]},
        }
        (result,) = (await running.http.post(AGGREGATES, json=query)).json()["results"]

    assert result["group"] == {"flowId": FLOW_ID, "flowVersion": "1.0", "mediaType": "voice"}
    assert [step["interval"].partition("/")[0] for step in result["data"]] == [
        "2026-11-23T12:00:00.000Z",
        "2026-11-23T12:30:00.000Z",
    ]
    assert [metric["stats"]["count"] for metric in result["data"][0]["metrics"]] == [90, 3]
    assert [metric["metric"] for metric in result["data"][1]["metrics"]] == ["nFlow"]


async def test_flows_that_are_not_asked_for_are_not_summed() -> None:
    async with a_sandbox() as running:
        await running.http.post(f"/sandbox/flows/{FLOW_ID}/traffic", json={"nFlow": 1})
        clause = {"type": "or", "predicates": [{"dimension": "flowId", "value": "another"}]}
        query = {"interval": TODAY, "filter": {"type": "and", "clauses": [clause]}}

        assert (await running.http.post(AGGREGATES, json=query)).json() == {"results": []}
