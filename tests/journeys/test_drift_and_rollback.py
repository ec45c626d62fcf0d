"""From an edit by hand to a quiet night: what is ours is known, what others change is seen, the way back is short."""

import json
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import httpx
import pytest

from publisher.sandbox import FLOW_ID
from tests.journeys.stage import Stage, a_deploy_system, a_stage
from tests.publisher.organization import a_flow_file

CONFIG = """
sources:
  genesys: {{secrets: [CI_WEBHOOK_SECRET]}}
pipelines:
  deploy-ivr:
    on: {{type: flow.version.published}}
    steps:
      - {{id: deploy, target: http, url: {url}, retry: {{attempts: 1}}}}
"""
WHY = ("--reason", "callers hear silence")


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A sandbox, a receiver whose deploy system says yes twice and then no, and a flow file."""
    stage = a_stage(tmp_path)
    a_flow_file(tmp_path, file="flow.json")
    with a_deploy_system(200, 422, 422) as deploy, stage.serving("publisher", "sandbox", "--port", "0") as org:
        (tmp_path / "receiver.yaml").write_text(CONFIG.format(url=deploy.url))
        with stage.serving("receiver", "serve", "--port", "0", "--config", "receiver.yaml") as receiver:
            stage.environment |= {
                "GENESYS_API_URL": org.url,
                "RECEIVER_URL": receiver.url,
                "CI_WEBHOOK_URL": f"{receiver.url}/webhooks/genesys",
                "RELAY_TOKEN": stage.environment["RECEIVER_ADMIN_TOKEN"],
                "USER": "kim",
            }
            yield stage


def publish(stage: Stage, *more: str) -> "CompletedProcess[str]":
    return stage.run("publisher", "publish", "flow.json", *more)


def told(ended: "CompletedProcess[str]") -> dict[str, Any]:
    """The result of a command, which is its last line."""
    line: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return line


def settled(stage: Stage, version: str) -> None:
    """Wait until what a version set off has ended, well or not."""
    waited = stage.run("receiver", "runs", "wait", "--flow", FLOW_ID, "--version", version, "--timeout", "20")
    assert waited.returncode in {0, 6}, waited.stderr


def edit_by_hand(stage: Stage) -> None:
    url = f"{stage.environment['GENESYS_API_URL']}/sandbox/flows/{FLOW_ID}/publish"
    assert httpx.post(url, json={"by": "J. Weber"}).status_code == 201


def history(stage: Stage) -> list[tuple[str, str, bool]]:
    """What went live: version, outcome, and whether it was ours."""
    shown = stage.run("receiver", "flows", "show", FLOW_ID, "--json")
    items = json.loads(shown.stdout)["timeline"]["items"]
    return [(item["version_id"], item["outcome"], item["provenance"] is not None) for item in items]


def test_what_others_change_is_seen_and_the_way_back_is_short(stage: Stage) -> None:
    first = publish(stage, "--on-drift", "overwrite")
    settled(stage, "2.0")
    again = publish(stage)
    assert (first.returncode, told(again)["result"]) == (0, "unchanged"), first.stderr + again.stderr

    edit_by_hand(stage)
    settled(stage, "3.0")
    drift = stage.run("publisher", "drift", "--json")
    refused = publish(stage, "--force")
    assert (drift.returncode, told(drift)["drift"], told(drift)["published_by"]) == (9, "foreign", "J. Weber")
    assert refused.returncode == 9
    assert "live 3.0 by J. Weber was never published by flow-relay" in refused.stderr

    adopted = stage.run("publisher", "adopt", FLOW_ID, "--output", "flow.json", "--force")
    quiet = stage.run("publisher", "drift")
    assert (adopted.returncode, quiet.returncode) == (0, 0), adopted.stderr + quiet.stderr
    assert told(publish(stage))["result"] == "unchanged"

    back = stage.run("publisher", "rollback", FLOW_ID, "--to", "good", "--block", *WHY)
    settled(stage, "2.0")
    blocked = publish(stage)
    assert (back.returncode, told(back)["version_id"], told(back)["announced"]) == (0, "2.0", True), back.stderr
    assert blocked.returncode == 9
    assert "this content was blocked by kim" in blocked.stderr

    unblocked = stage.run("publisher", "unblock", FLOW_ID)
    forward = publish(stage)
    assert (unblocked.returncode, forward.returncode) == (0, 0), unblocked.stderr + forward.stderr
    settled(stage, "4.0")
    assert history(stage) == [
        ("4.0", "succeeded", True),
        ("2.0", "failed", True),
        ("3.0", "failed", False),
        ("2.0", "succeeded", True),
    ]
