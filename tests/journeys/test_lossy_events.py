"""Every publication is found and runs once, although its events are lost, repeated and come in another order."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from publisher.sandbox import FLOW_ID
from tests.journeys.stage import LIMIT_S, DeploySystem, Server, Stage, a_deploy_system

PIPELINE = """
sources:
  genesys: {{secrets: [CI_WEBHOOK_SECRET]}}
  org-poll: {{poll: org, every: 1s}}
pipelines:
  deploy:
    on: {{type: flow.version.published}}
    concurrency: {{policy: queue}}
    steps:
      - {{id: deploy, target: http, url: "{url}", json: {{version: "${{{{ event.version_id }}}}"}}}}
"""


@pytest.fixture
def deploy(stage: Stage) -> Iterator[DeploySystem]:
    with a_deploy_system() as deploy:
        (stage.folder / "receiver.yaml").write_text(PIPELINE.format(url=deploy.url))
        yield deploy


@pytest.fixture
def receiver(stage: Stage, org: Server, deploy: DeploySystem) -> Iterator[Server]:
    """A receiver whose poll has its baseline."""
    (stage.folder / "environments.yaml").write_text(f"environments: {{org: {{api_url: '{org.url}'}}}}")
    with stage.serving("receiver", "serve", "--port", "0", "--config", "receiver.yaml") as receiver:
        stage.environment |= {"RECEIVER_URL": receiver.url, "CI_WEBHOOK_URL": f"{receiver.url}/webhooks/genesys"}
        waited = stage.run("receiver", "runs", "wait", "--flow", FLOW_ID, "--version", "1.0", "--timeout", "20")
        assert waited.returncode == 3, waited.stderr  # recorded, and nothing follows
        yield receiver


def asked(receiver: Server, stage: Stage, address: str) -> dict[str, Any]:
    token = stage.environment["RECEIVER_ADMIN_TOKEN"]
    answer = httpx.get(f"{receiver.url}/api/v1/{address}", headers={"Authorization": f"Bearer {token}"})
    found: dict[str, Any] = answer.raise_for_status().json()
    return found


def went_live(receiver: Server, stage: Stage) -> list[str]:
    """The versions that the receiver knows to have gone live, in the order in which it was told."""
    timeline = asked(receiver, stage, f"flows/{FLOW_ID}?limit=100")["timeline"]["items"]
    return [publication["version_id"] for publication in reversed(timeline)]


def versions(first: int, last: int) -> list[str]:
    return [f"{number}.0" for number in range(first, last + 1)]


def test_what_faults_of_the_sandbox_do_to_events_changes_no_outcome(
    stage: Stage, org: Server, deploy: DeploySystem, receiver: Server
) -> None:
    assert stage.run("publisher", "webhook", "ensure", "--yes").returncode == 0
    faults = [{"fault": fault} for fault in ("event-lost", "event-repeated", "event-reordered", "event-lost")]

    with httpx.Client(base_url=org.url) as somebody:
        somebody.post("/sandbox/faults", json=faults).raise_for_status()
        for _ in range(6):
            somebody.post(f"/sandbox/flows/{FLOW_ID}/publish", json={}).raise_for_status()
        deploy.wait_for(6, limit_s=LIMIT_S)
        states = Counter(event["state"] for event in somebody.get("/sandbox/events").json()["events"])

    assert states["lost"] == 2
    assert sorted(went_live(receiver, stage)) == versions(1, 7)
    assert sorted(call.body["version"] for call in deploy.calls) == versions(2, 7)


def test_a_burst_that_is_dropped_repeated_and_shuffled_is_one_publication_and_one_run_each(
    stage: Stage, org: Server, deploy: DeploySystem, receiver: Server
) -> None:
    noise = ("--drop", "--duplicate", "--reorder", "--seed", "7")

    sent = stage.run("publisher", "sandbox", "emit", "--sandbox", org.url, "--burst", "8", *noise)
    deploy.wait_for(8, limit_s=LIMIT_S)

    assert sent.returncode == 0, sent.stderr
    assert len(json.loads(sent.stdout)["dropped"]) == 2
    assert sorted(went_live(receiver, stage)) == versions(1, 9)
    assert sorted(call.body["version"] for call in deploy.calls) == versions(2, 9)
