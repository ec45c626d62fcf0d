"""The main job, from one end to the other, on this machine alone.

Starts a sandbox Genesys Cloud org, a receiver, and a deploy system that fails its first call; publishes the example
flow; waits for the pipeline; tells what happened. It uses the two commands and HTTP only, as a CI job would.
"""

import json
import os
import secrets
import subprocess
import sys
import tempfile
import textwrap
import threading
import urllib.request
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

FLOW_FILE = Path("config/flows/automated-ivr.json")
START_S = 20
RUN_S = 30


class Call(NamedTuple):
    """One request that the deploy system got."""

    at: datetime
    body: dict[str, Any]
    key: str
    answered: int


class DeploySystem(ThreadingHTTPServer):
    """Stands in for what users deploy with; its first answers can be other than 200."""

    def __init__(self, *first_answers: int) -> None:
        super().__init__(("127.0.0.1", 0), _DeployHandler)
        self.first_answers = first_answers
        self.calls: list[Call] = []

    @property
    def url(self) -> str:
        """Where it wants to be called."""
        return f"http://127.0.0.1:{self.server_address[1]}/deploy"


class _DeployHandler(BaseHTTPRequestHandler):
    server: DeploySystem

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status = dict(enumerate(self.server.first_answers)).get(len(self.server.calls), 200)
        self.server.calls.append(Call(datetime.now(UTC), body, self.headers["Idempotency-Key"], status))
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing: the story is told at the end."""


@contextmanager
def deploy_system(*first_answers: int) -> Iterator[DeploySystem]:
    """A deploy system that listens on a free port."""
    with DeploySystem(*first_answers) as server:
        threading.Thread(target=server.serve_forever, name="deploy system", daemon=True).start()
        yield server
        server.shutdown()


@contextmanager
def process(name: str, *command: str, env: dict[str, str], log: Path) -> Iterator[str]:
    """A server command, ended with the block; its URL, once it says that it listens."""
    with log.open("wb") as errors:
        server = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=errors, text=True)
    assert server.stdout is not None
    too_slow = threading.Timer(START_S, server.kill)
    too_slow.start()
    try:
        for line in server.stdout:
            if line.startswith("{") and json.loads(line).get("event") == "listening":
                break
        else:
            sys.exit(f"The {name} did not start:\n{log.read_text()}")
        too_slow.cancel()
        yield json.loads(line)["url"]
    finally:
        too_slow.cancel()
        server.terminate()
        server.wait(timeout=START_S)
        server.stdout.close()


def run(*command: str, env: dict[str, str], expect: int = 0, cwd: Path | None = None) -> str:
    """The output of a command that ends with the expected exit code."""
    ended = subprocess.run(command, env=env, capture_output=True, text=True, check=False, cwd=cwd, timeout=RUN_S * 2)
    if ended.returncode != expect:
        sys.exit(f"{' '.join(command)} ended with {ended.returncode}:\n{ended.stdout}{ended.stderr}")
    return ended.stdout


def show(text: str) -> None:
    """Print a part of the story."""
    print(text, flush=True)


def write_config(folder: Path, deploy_url: str) -> Path:
    """A receiver config with one pipeline that calls the deploy system."""
    file = folder / "receiver.yaml"
    file.write_text(
        textwrap.dedent(f"""\
            sources:
              genesys: {{secrets: [CI_WEBHOOK_SECRET]}}
            pipelines:
              deploy-ivr:
                on: {{type: flow.version.published, flow: ["Automated *"]}}
                steps:
                  - id: deploy
                    target: http
                    url: {deploy_url}
                    json: {{flow: "${{{{ event.flow_id }}}}", version: "${{{{ event.version_id }}}}"}}
                    retry: {{attempts: 5, delay: 200ms}}
            """)
    )
    return file


def write_faulty_flow(folder: Path) -> Path:
    """The example flow with a dead end and a connection to nowhere."""
    flow = json.loads(FLOW_FILE.read_text())
    flow["connections"][-1]["targetNodeId"] = "goodbye"
    file = folder / "faulty.json"
    file.write_text(json.dumps(flow, indent=2))
    return file


def ask(url: str, *, token: str) -> dict[str, Any]:
    """What the receiver's JSON API answers."""
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=RUN_S) as response:
        answer: dict[str, Any] = json.load(response)
    return answer


def timeline(audit: Iterable[dict[str, Any]], event: dict[str, Any], calls: Iterable[Call]) -> Iterator[str]:
    """What happened, in the order of time, one line each."""
    happened = [(entry["timestamp"], "publisher", told_by_publisher(entry)) for entry in audit]
    happened.append((event["received_at"], "receiver", f"recorded event {event['id']}"))
    for started in event["runs"]:
        happened.append((started["created_at"], "receiver", f"set off run {started['id']}"))
        happened.append((started["ended_at"], "receiver", f"pipeline {started['pipeline']} {started['status']}"))
    happened += [(call.at.isoformat(), "deploy", told_by_deploy_system(call)) for call in calls]
    moments = sorted(((datetime.fromisoformat(at), who, what) for at, who, what in happened), key=itemgetter(0))
    start = moments[0][0]
    for at, who, what in moments:
        beginning = f"  +{(at - start).total_seconds():6.3f} s  {who:<10} "
        yield textwrap.fill(what, 80, initial_indent=beginning, subsequent_indent=" " * len(beginning))


def told_by_publisher(entry: dict[str, Any]) -> str:
    """An audit record in a few words."""
    message = entry["message"].removeprefix(f"{FLOW_FILE}: ")
    return f"{entry['action']}: {message}" if message else str(entry["action"])


def told_by_deploy_system(call: Call) -> str:
    """A call in a few words."""
    return f"asked to deploy version {call.body.get('version')}: answered {call.answered}"


def surroundings(folder: Path, *, sandbox_url: str, receiver_url: str, secret: str, token: str) -> dict[str, str]:
    """The environment of a CI job that publishes to the sandbox."""
    return environment(
        GENESYS_API_URL=sandbox_url,
        GENESYS_CLIENT_ID="demo",
        GENESYS_CLIENT_SECRET=secrets.token_urlsafe(24),
        CI_WEBHOOK_URL=f"{receiver_url}/webhooks/genesys",
        CI_WEBHOOK_SECRET=secret,
        RECEIVER_URL=receiver_url,
        RECEIVER_ADMIN_TOKEN=token,
        DATABASE_URL=database_url(folder),
    )


def database_url(folder: Path) -> str:
    """Where the receiver of this demo keeps its history."""
    return f"sqlite:///{folder / 'receiver.db'}"


def environment(**settings: str) -> dict[str, str]:
    """The environment without any setting of a real organization, and with the given ones."""
    ours = ("GENESYS", "SANDBOX_", "CI_WEBHOOK", "RECEIVER_", "RELAY_TOKEN", "DATABASE_URL", "PORT", "GOVERNANCE_ID")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)} | settings


def publish(env: dict[str, str]) -> list[dict[str, Any]]:
    """Publish the example flow; the audit records."""
    lines = run("publisher", "publish", "--json", str(FLOW_FILE), env=env).splitlines()
    return [record for record in map(json.loads, lines) if "action" in record]


def story(folder: Path, stack: ExitStack) -> int:
    """Run the whole job in a folder of its own."""
    secret, token = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    deploy = stack.enter_context(deploy_system(503))
    config = write_config(folder, deploy.url)
    sandbox_url = stack.enter_context(
        process("sandbox", "publisher", "sandbox", "--port", "0", env=environment(), log=folder / "sandbox.log")
    )
    served = environment(CI_WEBHOOK_SECRET=secret, RECEIVER_ADMIN_TOKEN=token, DATABASE_URL=database_url(folder))
    receiver_url = stack.enter_context(
        process(
            "receiver",
            "receiver",
            "serve",
            "--port",
            "0",
            "--config",
            str(config),
            env=served,
            log=folder / "receiver.log",
        )
    )
    env = surroundings(folder, sandbox_url=sandbox_url, receiver_url=receiver_url, secret=secret, token=token)
    show(
        f"A Genesys Cloud sandbox, a receiver and a deploy system run on free ports.\n\n$ publisher publish {FLOW_FILE}"
    )
    audit = publish(env)
    version = next(record["version_id"] for record in audit if record["action"] == "publish")
    flow_id = next(record["flow_id"] for record in audit if record["action"] == "publish")
    show(f"Version {version} of flow {flow_id} is live.\n\n$ receiver runs wait --flow {flow_id}")
    run("receiver", "runs", "wait", "--flow", flow_id, "--timeout", str(RUN_S), env=env)
    event = ask(f"{receiver_url}/api/v1/events", token=token)["items"][0]
    show("The pipeline has run. What happened:\n")
    show("\n".join(timeline(audit, event, deploy.calls)))
    code = judge(deploy.calls, flow_id=flow_id, version=version)
    refuse(folder)
    return code


def refuse(folder: Path) -> None:
    """Show how a faulty flow is refused."""
    faulty = write_faulty_flow(folder)
    show(f"\nThe same flow with a connection to nowhere is refused:\n\n$ publisher validate {faulty.name}")
    show(run("publisher", "validate", faulty.name, env=environment(), expect=5, cwd=folder).rstrip())


def judge(calls: Sequence[Call], *, flow_id: str, version: str) -> int:
    """0 when the deploy system was asked for this flow and version, first in vain, then with success, under one key."""
    wanted = {"flow": flow_id, "version": version}
    if [call.answered for call in calls] == [503, 200] and all(call.body == wanted for call in calls):
        show("\nThe deploy system failed once and was asked again with the same Idempotency-Key.")
        return 0 if len({call.key for call in calls}) == 1 else 1
    show(f"\nThe deploy system was not asked as it should have been: {calls}")
    return 1


def main() -> int:
    """Tell the story; 0 when the downstream call arrived with the right flow and version."""
    try:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="flow-relay-demo-")))
            code = story(folder, stack)
    except KeyboardInterrupt:
        show("Stopped; all that ran has ended.")
        return 130
    show(NEXT_STEPS if code == 0 else "The demo failed.")
    return code


NEXT_STEPS = """
Look at it yourself, in two terminals:
  export CI_WEBHOOK_SECRET=choose-a-long-one-for-real && . .venv/bin/activate
  receiver serve                          # prints a link that signs you in
  receiver events send --version 16.0     # comes in as from Genesys Cloud

Serve it for real: set CI_WEBHOOK_SECRET, RECEIVER_ADMIN_TOKEN and PORT, write
your pipelines into config/receiver.yaml, and run what the Procfile calls web.
The README tells the rest."""


if __name__ == "__main__":
    sys.exit(main())
