"""The official Python client takes the sandbox for Genesys Cloud."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from publisher.sandbox import FLOW_ID, FLOW_NAME, ORGANIZATION_ID
from tests.journeys.stage import DeploySystem, a_deploy_system
from tests.publisher.sandbox.processes import a_sandbox_process

pytestmark = [
    pytest.mark.interop,
    pytest.mark.timeout(180),  # the client consists of thousands of modules
    # Its own code, and the threads and sockets that it never closes, are not ours to mend.
    pytest.mark.filterwarnings("ignore"),
]


ARCHY = b"""
inboundCall:
  name: Interop
  startUpRef: /inboundCall/tasks/task[start]
  tasks:
    - task: {refId: start, actions: [{transferToAcd: {targetQueue: {lit: {name: Sales}}}}]}
"""
LIMIT_S = 20
MOST_LOOKS = 5


@pytest.fixture(scope="module")
def official() -> Any:  # noqa: ANN401
    """The client's module."""
    return pytest.importorskip("PureCloudPlatformClientV2")


@pytest.fixture(scope="module")
def client(official: Any) -> Iterator[Any]:  # noqa: ANN401
    """The client with a token, on a sandbox behind a real socket."""
    with a_sandbox_process("--validation-polls", "0", "--publish-s", "0.3") as running:
        yield official.api_client.ApiClient(host=running.url).get_client_credentials_token("ci", "pa55word")


@pytest.fixture(scope="module")
def api(official: Any, client: Any) -> Any:  # noqa: ANN401
    """The client's Architect API."""
    return official.ArchitectApi(client)


@pytest.fixture(scope="module")
def listener(client: Any) -> Iterator[DeploySystem]:  # noqa: ANN401
    """Who hears from the sandbox what has gone live."""
    with a_deploy_system() as server:
        wanted = {
            "name": "listener",
            "description": "hears what has gone live",
            "type": "web",
            "endpointUrl": server.url,
            "secret": "s3cret",
            "events": ["flow.version.published"],
        }
        bearer = {"Authorization": f"Bearer {client.access_token}"}
        httpx.post(f"{client.host}/api/v2/platform/webhooks", json=wanted, headers=bearer).raise_for_status()
        yield server


def wait_until_live(listener: DeploySystem, version_id: str) -> None:
    """Wait until the listener has heard that a version of the flow is live."""
    while not any(
        (call.body["data"]["flowId"], call.body["data"]["versionId"]) == (FLOW_ID, version_id)
        for call in tuple(listener.calls)
    ):
        assert listener.called.wait(LIMIT_S), f"nobody told that {version_id} is live"
        listener.called.clear()


def ended(look: Callable[[], Any]) -> Any:  # noqa: ANN401
    """A job once it has ended: in the sandbox they come on with each look, and with no time."""
    return next(seen for seen in (look() for _ in range(MOST_LOOKS)) if seen.status != "Started")


def test_it_gets_a_token(api: Any) -> None:  # noqa: ANN401
    assert api.api_client.access_token


def test_it_lists_the_flows(api: Any) -> None:  # noqa: ANN401
    listing = api.get_flows(page_size=2, type=["inboundcall"])

    assert (listing.total, listing.page_count) == (3, 2)
    assert [flow.name for flow in listing.entities] == [FLOW_NAME, "Opening Hours"]


@pytest.mark.parametrize(
    ("narrowing", "names"),
    [
        ({"name": "opening*"}, ["Opening Hours"]),
        ({"type": ["workflow", "inboundcall"], "page_size": 2, "page_number": 2}, ["Complaints"]),
        ({"published_after": "2999-01-01T00:00:00Z"}, []),
        ({"publish_version_id": "3.0"}, ["Opening Hours"]),
        ({"sort_by": "name", "sort_order": "desc", "page_size": 1}, ["Opening Hours"]),
    ],
    ids=["name", "second page", "published after", "version", "sorted"],
)
def test_it_finds_flows_by_what_it_asks(api: Any, narrowing: dict[str, Any], names: list[str]) -> None:  # noqa: ANN401
    assert [flow.name for flow in api.get_flows(**narrowing).entities] == names


def test_it_lists_and_reads_versions(api: Any) -> None:  # noqa: ANN401
    (listed,) = api.get_flow_versions(FLOW_ID).entities

    version = api.get_flow_version(FLOW_ID, listed.id)

    assert (version.id, version.type, version.compatible_flow_types) == ("1.0", "PUBLISH", ["INBOUNDCALL"])
    assert version.date_published is not None


def test_it_pushes_a_version_and_publishes_it(api: Any, listener: DeploySystem) -> None:  # noqa: ANN401
    nodes = [{"id": "trigger", "type": "trigger"}, {"id": "end", "type": "disconnect"}]
    connections = [{"id": "c1", "sourceNodeId": "trigger", "targetNodeId": "end"}]
    version = api.post_flow_versions(FLOW_ID, {"name": FLOW_NAME, "nodes": nodes, "connections": connections})

    operation = api.post_flows_actions_publish(FLOW_ID, version=version.id)

    wait_until_live(listener, version.id)
    flow = api.get_flow(FLOW_ID)
    assert (operation.action_name, operation.action_status, operation.complete) == ("PUBLISH", "STARTED", False)
    assert (flow.current_operation.action_status, flow.current_operation.client.id) == ("SUCCESS", "ci")
    assert (flow.published_version.id, flow.current_operation.id) == (version.id, operation.id)


def test_it_publishes_an_archy_file_by_a_job_and_exports_it(official: Any, api: Any) -> None:  # noqa: ANN401
    job = api.post_flows_jobs()
    httpx.put(job.presigned_url, content=ARCHY, headers=job.headers).raise_for_status()

    done = ended(lambda: api.get_flows_job(job.id, expand=["messages"]))
    version = api.get_flow(done.flow.id).published_version.id
    wanted = {"flows": [{"flow": {"id": done.flow.id, "version": version}}]}
    exporting = api.post_flows_export_jobs(wanted)
    exported = ended(lambda: api.get_flows_export_job(exporting.id))

    assert (done.status, done.command, version) == ("Success", "Publish", "1.0")
    assert httpx.get(exported.download_url).content == ARCHY


def test_it_reads_why_a_job_failed(api: Any) -> None:  # noqa: ANN401
    job = api.post_flows_jobs(body={"createStubs": False})
    httpx.put(job.presigned_url, content=ARCHY.replace(b"Sales", b"Nobody"), headers=job.headers).raise_for_status()

    failed = ended(lambda: api.get_flows_job(job.id, expand=["messages"]))

    assert failed.status == "Failure"
    assert [message.text for message in failed.messages] == ["The queue 'Nobody' does not exist in the organization."]


def test_it_checks_out_and_in_and_reads_the_history(api: Any) -> None:  # noqa: ANN401
    locked = api.post_flows_actions_checkout(FLOW_ID).locked_client.id
    api.post_flows_actions_checkin(FLOW_ID)
    history = api.get_flow_history_history_id(FLOW_ID, api.post_flow_history(FLOW_ID).id, action=["checkout"])

    assert locked == "ci"
    assert [(entry.action, entry.client.id) for entry in history.entities] == [("CHECKOUT", "ci")]


def test_it_asks_for_audits_and_reads_them(
    official: Any,  # noqa: ANN401
    client: Any,  # noqa: ANN401
    api: Any,  # noqa: ANN401
    listener: DeploySystem,
) -> None:
    api.post_flows_actions_publish(FLOW_ID, version="1.0")
    wait_until_live(listener, "1.0")
    audits = official.AuditApi(client)
    filters = [{"property": "EntityType", "value": "Flow"}, {"property": "Action", "value": "Publish"}]
    query = {"interval": "2020-01-01T00:00:00Z/2999-01-01T00:00:00Z", "serviceName": "Architect", "filters": filters}

    asked = audits.post_audits_query(query)
    state = audits.get_audits_query_transaction_id(asked.id).state
    found = audits.get_audits_query_transaction_id_results(asked.id).entities

    assert (asked.state, state) == ("Queued", "Succeeded")
    assert {(audit.action, audit.entity_type, audit.client.id) for audit in found} == {("Publish", "Flow", "ci")}


def test_it_finds_what_flows_name(official: Any, client: Any, api: Any) -> None:  # noqa: ANN401
    queues = official.RoutingApi(client).get_routing_queues(name="sales").entities
    groups = api.get_architect_schedulegroups(name="Business Hours").entities
    actions = official.IntegrationsApi(client).get_integrations_actions(name="Get Customer").entities

    assert [one.name for one in (*queues, *groups, *actions)] == ["Sales", "Business Hours", "Get Customer"]
    assert actions[0].category == "CRM"


def test_it_learns_whose_client_it_is_and_what_it_may(official: Any, client: Any) -> None:  # noqa: ANN401
    organization = official.OrganizationApi(client).get_organizations_me()
    subject = official.AuthorizationApi(client).get_authorization_subjects_me()

    policies = {(one.domain, one.entity_name): one.actions for one in subject.grants[0].role.policies}
    assert (organization.id, organization.name) == (ORGANIZATION_ID, "Sandbox")
    assert "publish" in policies["architect", "flow"]


def test_it_reads_aggregates(official: Any, client: Any) -> None:  # noqa: ANN401
    httpx.post(f"{client.host}/sandbox/flows/{FLOW_ID}/traffic", json={"nFlow": 12}).raise_for_status()
    query = {"interval": "2020-01-01T00:00:00Z/2999-01-01T00:00:00Z", "groupBy": ["flowId"], "metrics": ["nFlow"]}

    (result,) = official.AnalyticsApi(client).post_analytics_flows_aggregates_query(query).results

    assert (result.group["flowId"], result.data[0].metrics[0].stats.count) == (FLOW_ID, 12)


def test_it_reads_what_is_refused(api: Any) -> None:  # noqa: ANN401
    refusal = pytest.importorskip("PureCloudPlatformClientV2").rest.ApiException

    with pytest.raises(refusal) as caught:
        api.get_flow("nope")

    assert caught.value.status == 404
    assert caught.value.headers["ININ-Correlation-Id"] in caught.value.body
