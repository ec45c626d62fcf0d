"""The official Python client takes the sandbox for Genesys Cloud."""

from collections.abc import Iterator
from typing import Any

import pytest

from publisher.sandbox import FLOW_ID, FLOW_NAME
from tests.publisher.sandbox.processes import a_sandbox_process

pytestmark = [
    pytest.mark.interop,
    pytest.mark.timeout(180),  # the client consists of thousands of modules
    # Its own code, and the threads and sockets that it never closes, are not ours to mend.
    pytest.mark.filterwarnings("ignore"),
]


@pytest.fixture(scope="module")
def api() -> Iterator[Any]:
    """The client's Architect API, with a token, on a sandbox behind a real socket."""
    official = pytest.importorskip("PureCloudPlatformClientV2")
    with a_sandbox_process("--validation-polls", "0") as running:
        client = official.api_client.ApiClient(host=running.url)
        yield official.ArchitectApi(client.get_client_credentials_token("ci", "pa55word"))


def test_it_gets_a_token(api: Any) -> None:  # noqa: ANN401
    assert api.api_client.access_token


def test_it_lists_the_flows(api: Any) -> None:  # noqa: ANN401
    listing = api.get_flows(page_size=2, type=["inboundcall"])

    assert (listing.total, listing.page_count) == (3, 2)
    assert [flow.name for flow in listing.entities] == [FLOW_NAME, "Opening Hours"]


def test_it_lists_and_reads_versions(api: Any) -> None:  # noqa: ANN401
    (listed,) = api.get_flow_versions(FLOW_ID).entities

    version = api.get_flow_version(FLOW_ID, listed.id)

    assert (version.id, version.type, version.compatible_flow_types) == ("1.0", "PUBLISH", ["INBOUNDCALL"])
    assert version.date_published is not None


def test_it_pushes_a_version_and_publishes_it(api: Any) -> None:  # noqa: ANN401
    nodes = [{"id": "trigger", "type": "trigger"}, {"id": "end", "type": "disconnect"}]
    connections = [{"id": "c1", "sourceNodeId": "trigger", "targetNodeId": "end"}]
    version = api.post_flow_versions(FLOW_ID, {"name": FLOW_NAME, "nodes": nodes, "connections": connections})

    operation = api.post_flows_actions_publish(FLOW_ID, version=version.id)

    flow = api.get_flow(FLOW_ID)
    assert (operation.action_name, operation.action_status, operation.complete) == ("PUBLISH", "SUCCESS", True)
    assert (flow.published_version.id, flow.current_operation.id) == (version.id, operation.id)


def test_it_reads_what_is_refused(api: Any) -> None:  # noqa: ANN401
    refusal = pytest.importorskip("PureCloudPlatformClientV2").rest.ApiException

    with pytest.raises(refusal) as caught:
        api.get_flow("nope")

    assert caught.value.status == 404
    assert caught.value.headers["ININ-Correlation-Id"] in caught.value.body
