"""From a flow file to a deployed flow: what the product is for, and what may go wrong on the way."""

import json
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from tests.journeys.stage import DeploySystem, Server, Stage, a_deploy_system

FLOW_FILE = Path(__file__).parents[2] / "config" / "flows" / "automated-ivr.json"
PIPELINE = """
sources:
  genesys: {{secrets: [CI_WEBHOOK_SECRET]}}
pipelines:
  deploy-ivr:
    on: {{type: flow.version.published, flow: ["Automated *"]}}
    concurrency: {{policy: queue}}
    steps:
      - id: deploy
        target: http
        url: {url}
        json: {{flow: "${{{{ event.flow_id }}}}", version: "${{{{ event.version_id }}}}", run: "${{{{ run.id }}}}"}}
        retry: {{attempts: 4, delay: 10ms}}
"""


def a_pipeline_to(deploy: DeploySystem, stage: Stage) -> None:
    (stage.folder / "receiver.yaml").write_text(PIPELINE.format(url=deploy.url))


def start_receiver(stage: Stage) -> AbstractContextManager[Server]:
    return stage.serving("receiver", "serve", "--port", "0", "--config", "receiver.yaml")


def know(stage: Stage, receiver: Server) -> None:
    stage.environment |= {"RECEIVER_URL": receiver.url, "CI_WEBHOOK_URL": f"{receiver.url}/webhooks/genesys"}


def send(stage: Stage, version: str) -> str:
    """Send the event of a publication, as Genesys Cloud would; its id."""
    sent = stage.run(
        "receiver", "events", "send", "--json", "--flow-name", "Automated IVR", "--flow-id", "f-1", "--version", version
    )
    assert sent.returncode == 0, sent.stderr
    return str(json.loads(sent.stdout)["id"])


def record(stage: Stage, *command: str) -> dict[str, Any]:
    shown = stage.run("receiver", *command, "--json")
    assert shown.returncode == 0, shown.stderr
    found: dict[str, Any] = json.loads(shown.stdout)
    return found


def test_a_published_flow_is_deployed(stage: Stage, org: Server) -> None:
    with a_deploy_system() as deploy:
        a_pipeline_to(deploy, stage)
        with start_receiver(stage) as receiver:
            know(stage, receiver)

            published = stage.run("publisher", "publish", "--json", str(FLOW_FILE))
            records = [json.loads(line) for line in published.stdout.splitlines()]
            live = next(entry for entry in records if entry.get("action") == "publish")
            waited = stage.run("receiver", "runs", "wait", "--flow", live["flow_id"], "--timeout", "20")

    assert published.returncode == 0, published.stderr
    assert waited.returncode == 0, waited.stderr
    assert [(call.body["flow"], call.body["version"]) for call in deploy.calls] == [
        (live["flow_id"], live["version_id"])
    ]


def test_a_deploy_system_that_fails_twice_is_asked_again(stage: Stage) -> None:
    with a_deploy_system(503, 500) as deploy:
        a_pipeline_to(deploy, stage)
        with start_receiver(stage) as receiver:
            know(stage, receiver)

            event = send(stage, "16.0")
            waited = stage.run("receiver", "runs", "wait", "--event", event, "--timeout", "20")

    assert waited.returncode == 0, waited.stderr
    assert [call.answered for call in deploy.calls] == [503, 500, 200]
    assert len({call.key for call in deploy.calls}) == 1


def test_a_deploy_system_that_says_no_leaves_a_dead_letter(stage: Stage) -> None:
    with a_deploy_system(404) as deploy:
        a_pipeline_to(deploy, stage)
        with start_receiver(stage) as receiver:
            know(stage, receiver)

            event = send(stage, "16.0")
            waited = stage.run("receiver", "runs", "wait", "--event", event, "--timeout", "20")
            run = record(stage, "runs", "show", record(stage, "events", "show", event)["runs"][0]["id"])

    assert waited.returncode == 6
    assert (run["status"], run["steps"][0]["is_dead_letter"], len(deploy.calls)) == ("failed", True, 1)


def test_what_was_recorded_before_a_kill_is_sent_after_a_restart(stage: Stage) -> None:
    with a_deploy_system() as deploy:
        a_pipeline_to(deploy, stage)
        deploy.go_on.clear()
        with start_receiver(stage) as receiver:
            know(stage, receiver)
            send(stage, "16.0")
            assert deploy.called.wait(20)
            recorded = send(stage, "17.0")  # the run before it has not ended: nothing of this one is sent yet
            receiver.kill()
        deploy.go_on.set()

        with start_receiver(stage) as restarted:
            know(stage, restarted)
            waited = stage.run("receiver", "runs", "wait", "--event", recorded, "--timeout", "20")

    assert waited.returncode == 0, waited.stderr
    assert [call.body["version"] for call in deploy.calls] == ["16.0", "16.0", "17.0"]


def test_a_kill_between_send_and_settle_leads_to_another_attempt_under_the_same_key(stage: Stage) -> None:
    with a_deploy_system() as deploy:
        a_pipeline_to(deploy, stage)
        deploy.go_on.clear()
        with start_receiver(stage) as receiver:
            know(stage, receiver)
            event = send(stage, "16.0")
            assert deploy.called.wait(20)
            receiver.kill()
        deploy.go_on.set()

        with start_receiver(stage) as restarted:
            know(stage, restarted)
            waited = stage.run("receiver", "runs", "wait", "--event", event, "--timeout", "20")
            run = record(stage, "runs", "show", record(stage, "events", "show", event)["runs"][0]["id"])

    assert waited.returncode == 0, waited.stderr
    assert len(deploy.calls) == 2
    assert len({call.key for call in deploy.calls}) == 1
    assert [attempt["result"] for attempt in run["steps"][0]["attempts"]] == ["unknown", "succeeded"]
