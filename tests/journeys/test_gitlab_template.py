"""The GitLab template: its scripts run as a runner would run them, against a sandbox."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest
import yaml

from tests.journeys.stage import Stage, a_stage
from tests.publisher.flow_makers import a_flow, as_text

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "deploy" / "gitlab" / "flow-relay.yml").read_text()
DOCS = (ROOT / "docs" / "ci.md").read_text()
HEADER, PARTS = yaml.safe_load_all(TEXT)
INPUTS: Mapping[str, Any] = HEADER["spec"]["inputs"]
RIGHT = (ROOT / "config" / "flows" / "automated-ivr.json").read_text()
ENDLESS = as_text(a_flow("trigger>menu", "menu>trigger"))
LIMIT_S = 50
NOBODY = "http://127.0.0.1:9"


def included(**inputs: str) -> Mapping[str, Any]:
    """The template with its inputs filled in, as GitLab includes it."""
    given = {name: each["default"] for name, each in INPUTS.items()} | inputs
    text = re.sub(r"\$\[\[ inputs\.([a-z_]+) \]\]", lambda named: given[named[1]], TEXT.partition("\n---\n")[2])
    parts: Mapping[str, Any] = yaml.safe_load(text)
    return parts


def play(part: str, stage: Stage, **inputs: str) -> "subprocess.CompletedProcess[str]":
    """Run a part's script as GitLab's runner does."""
    script = "\n".join(included(**inputs)[part]["script"])
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script],
        env={"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", **stage.environment},
        cwd=stage.folder,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """A checkout with a right flow and an endless one, and no credentials."""
    flows = tmp_path / "flows"
    flows.mkdir()
    (flows / "main.json").write_text(RIGHT)
    (flows / "endless.json").write_text(ENDLESS)
    stage = a_stage(tmp_path)
    stage.environment = {name: value for name, value in stage.environment.items() if name.startswith("GENESYS_")}
    return stage


@pytest.fixture
def org(stage: Stage) -> Iterator[None]:
    """An organization to publish to."""
    with stage.serving("publisher", "sandbox", "--port", "0", "--validation-polls", "0") as server:
        stage.environment["GENESYS_API_URL"] = server.url
        yield


def test_the_check_leaves_the_reports_where_gitlab_looks_for_them(stage: Stage) -> None:
    reports = included()["flow-relay-validate"]["artifacts"]["reports"]

    ended = play("flow-relay-validate", stage, files="flows/*.json")

    assert ended.returncode == 5
    assert "flows/endless.json:26:20: error: flow.cycle" in ended.stdout
    quality = json.loads((stage.folder / reports["codequality"]).read_text())
    assert {issue["location"]["path"] for issue in quality} == {"flows/endless.json"}
    assert Xml.parse(stage.folder / reports["junit"]).getroot().get("failures") == "1"  # noqa: S314 - our own


@pytest.mark.usefixtures("org")
def test_the_plan_says_what_publishing_would_change(stage: Stage) -> None:
    ended = play("flow-relay-plan", stage, files="flows/main.json")

    assert ended.returncode == 0, ended.stderr
    assert "Plan for the organization: 1 to publish" in ended.stdout
    (kept,) = included()["flow-relay-plan"]["artifacts"]["paths"]
    assert '"would": "publish"' in (stage.folder / kept / "plan.jsonl").read_text()
    assert "```mermaid" in (stage.folder / kept / "plan.md").read_text()
    assert "<svg" in (stage.folder / kept / "flows" / "main.json.svg").read_text()


def test_a_plan_without_credentials_fails_nothing(stage: Stage) -> None:
    stage.environment = {"GENESYS_API_URL": NOBODY}

    ended = play("flow-relay-plan", stage, files="flows/main.json")

    assert ended.returncode == included()["flow-relay-plan"]["allow_failure"]["exit_codes"]
    assert "GENESYS_CLIENT_ID is not set" in ended.stderr


@pytest.mark.usefixtures("org")
def test_publishing_keeps_the_audit_records(stage: Stage) -> None:
    ended = play("flow-relay-publish", stage, files="flows/main.json", options="--governance-id CHG-1")

    assert ended.returncode == 0, ended.stderr
    (kept,) = included()["flow-relay-publish"]["artifacts"]["paths"]
    records = [json.loads(line) for line in (stage.folder / kept).read_text().splitlines()]
    assert records[-1]["action"] == "verify"
    assert {record["governance_id"] for record in records} == {"CHG-1"}


def test_every_input_is_used_and_in_the_docs() -> None:
    used = set(re.findall(r"\$\[\[ inputs\.([a-z_]+) \]\]", TEXT))

    assert used == set(INPUTS)
    assert [name for name in INPUTS if f"`{name}`" not in DOCS] == []


def test_the_docs_include_it_with_inputs_that_it_has() -> None:
    example = yaml.safe_load(DOCS.partition("## GitLab")[2].partition("```yaml")[2].partition("```")[0])

    assert example["include"][0]["inputs"].keys() <= INPUTS.keys()


def test_the_places_of_the_parts_can_be_chosen() -> None:
    parts = included(check_stage="lint", publish_stage="release", environment="prod", image="python:3.13")

    assert (parts["flow-relay-validate"]["stage"], parts["flow-relay-plan"]["stage"]) == ("lint", "lint")
    assert (parts["flow-relay-publish"]["stage"], parts["flow-relay-publish"]["environment"]) == ("release", "prod")
    assert parts[".flow-relay"]["image"] == "python:3.13"
