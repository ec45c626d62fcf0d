"""The GitHub action: its scripts run as the runner would run them, against a sandbox."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from publisher.sandbox import FLOW_ID
from tests.journeys.stage import Stage, a_stage
from tests.publisher.archy_makers import an_archy_text
from tests.publisher.flow_makers import a_flow, as_text

ROOT = Path(__file__).parents[2]
ACTION: Mapping[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
DOCS = (ROOT / "docs" / "ci.md").read_text()
LIMIT_S = 50
NOBODY = "http://127.0.0.1:9"
RIGHT = (ROOT / "config" / "flows" / "automated-ivr.json").read_text()
ENDLESS = as_text(a_flow("trigger>menu", "menu>trigger", alone=["left ``` over"]))


@dataclass(frozen=True, kw_only=True)
class Used:
    """What a use of the action came to."""

    code: int
    log: str
    outputs: dict[str, str]
    summary: str


@dataclass(kw_only=True)
class Runner:
    """Runs the action in a checkout, with flow-relay installed where the action would install it."""

    stage: Stage
    temp: Path

    @property
    def checkout(self) -> Path:
        return self.stage.folder

    def use(self, **inputs: str) -> Used:
        """Run the steps one after another until one fails."""
        output, summary = self.temp / "output", self.temp / "summary"
        output.write_text("")
        summary.write_text("")
        files = {"GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(summary)}
        given = {name: each["default"] for name, each in ACTION["inputs"].items()}
        given |= {name.replace("_", "-"): value for name, value in inputs.items()}
        steps = [self._run(step, given, files) for step in ACTION["runs"]["steps"]]
        return Used(
            code=steps[-1].returncode,
            log="".join(step.stdout + step.stderr for step in steps),
            outputs=read_outputs(output.read_text()),
            summary=summary.read_text(),
        )

    def _run(
        self, step: Mapping[str, Any], inputs: Mapping[str, str], files: dict[str, str]
    ) -> "subprocess.CompletedProcess[str]":
        variables = {name: filled(value, inputs) for name, value in step["env"].items()}
        environment = {
            "PATH": os.environ["PATH"],
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_WORKSPACE": str(self.checkout),
        }
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            env=environment | self.stage.environment | files | variables,
            cwd=self.checkout / filled(step.get("working-directory", "."), inputs),
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )


def filled(text: str, inputs: Mapping[str, str]) -> str:
    """A text with the inputs that it names."""
    return re.sub(r"\$\{\{ inputs\.([a-z-]+) \}\}", lambda named: inputs[named[1]], text)


NAMES_NOTHING = an_archy_text(queues=["Nowhere"])
"""A flow that transfers to a queue that there is not."""


def read_outputs(text: str) -> dict[str, str]:
    """What stands in the runner's file of outputs."""
    return {
        name: value for name, _, value in re.findall(r"^([a-z-]+)<<(\w+)\n(.*?)\n\2$", text, re.MULTILINE | re.DOTALL)
    }


def a_pull_request(runner: Runner, changes: Mapping[str, str]) -> None:
    """Make the checkout one of a pull request: the one commit, and a remote to ask for the branch that it is for."""
    (runner.checkout / "flows" / "same.json").write_text(RIGHT)
    origin = runner.temp / "origin"
    script = """
        git init --quiet --initial-branch main "$1" && cp -r flows "$1" && cd "$1"
        git add . && git -c user.name=x -c user.email=x@example.com commit --quiet --message Before
        cd - && git clone --quiet --bare "$1" "$1.git" && git init --quiet . && git remote add origin "file://$1.git"
    """
    subprocess.run(["bash", "-ec", script, "bash", str(origin)], cwd=runner.checkout, check=True, timeout=LIMIT_S)
    for name, text in changes.items():
        (runner.checkout / name).write_text(text)


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """A runner with a checkout of one right flow, and no credentials."""
    checkout, temp = tmp_path / "checkout", tmp_path / "temp"
    (checkout / "flows").mkdir(parents=True)
    temp.mkdir()
    (temp / "flow-relay-checkout").symlink_to(sys.prefix)
    (checkout / "flows" / "main.json").write_text(RIGHT)
    stage = a_stage(checkout)
    stage.environment.clear()
    return Runner(stage=stage, temp=temp)


@pytest.fixture
def org(runner: Runner, tmp_path: Path) -> Iterator[None]:
    """An organization that the runner has credentials for."""
    known = a_stage(tmp_path).environment
    runner.stage.environment |= {name: known[name] for name in ("GENESYS_CLIENT_ID", "GENESYS_CLIENT_SECRET")}
    with runner.stage.serving("publisher", "sandbox", "--port", "0", "--validation-polls", "0") as server:
        runner.stage.environment["GENESYS_API_URL"] = server.url
        yield


def test_problems_are_shown_wherever_github_shows_something(runner: Runner) -> None:
    (runner.checkout / "flows" / "endless.json").write_text(ENDLESS)

    used = runner.use(files="flows/*.json")

    assert used.code == 5
    assert "::error file=flows/endless.json,line=" in used.log
    assert (used.outputs["exit-code"], used.outputs["errors"], used.outputs["warnings"]) == ("5", "2", "1")
    assert "❌ 2 flow files, 2 errors, 1 warning" in used.summary
    assert "````text\nflows/endless.json:" in used.summary
    assert used.summary.rstrip() == Path(used.outputs["comment-file"]).read_text() == used.outputs["comment"]
    assert json.loads(Path(used.outputs["sarif-file"]).read_text())["version"] == "2.1.0"


def test_right_files_pass(runner: Runner) -> None:
    used = runner.use(files="flows/main.json")

    assert used.code == 0
    assert "✅ 1 flow file, 0 errors, 0 warnings" in used.summary


def test_it_works_in_a_folder_of_the_checkout(runner: Runner) -> None:
    (runner.checkout / "flows" / "endless.json").write_text(ENDLESS)

    used = runner.use(files="endless.json", working_directory="flows")

    assert "::error file=flows/endless.json,line=" in used.log


def test_options_reach_the_check(runner: Runner) -> None:
    used = runner.use(files="flows/main.json", validate_arguments="--max-nodes 1")

    assert (used.code, used.outputs["errors"]) == (5, "1")


@pytest.mark.usefixtures("org")
def test_a_plan_says_what_publishing_would_change(runner: Runner) -> None:
    used = runner.use(command="plan", files="flows/main.json", plan_arguments=f"--flow-id {FLOW_ID}")

    assert used.code == 0, used.log
    assert used.outputs["changes"] == "true"
    assert "| 🟢 1 | `flows/main.json` | `Automated IVR Flow v2` | `1.0` | `publish: " in used.outputs["comment"]
    assert "```mermaid" in used.outputs["comment"]
    assert "Plan for the organization: 1 to publish" in used.log


@pytest.mark.usefixtures("org")
def test_a_plan_that_cannot_be_made_says_why(runner: Runner) -> None:
    used = runner.use(command="plan", files="flows/main.json", plan_arguments="--env nowhere")

    assert used.code == 2
    assert "❌ Plan\n\n```text\nerror: --env nowhere" in used.outputs["comment"]


@pytest.mark.usefixtures("org")
def test_a_plan_with_problems_fails(runner: Runner) -> None:
    (runner.checkout / "flows" / "main.yaml").write_text(NAMES_NOTHING)

    used = runner.use(command="plan", files="flows/main.yaml")

    assert (used.code, used.outputs["changes"]) == (5, "false")
    assert "Queue 'Nowhere' is not in the organization." in used.outputs["comment"]


def test_a_plan_without_credentials_is_no_failure(runner: Runner) -> None:
    runner.stage.environment["GENESYS_API_URL"] = NOBODY

    used = runner.use(command="plan", files="flows/main.json")

    assert used.code == 0
    assert "this run has no credentials" in used.outputs["comment"]


def test_a_plan_draws_the_flows_that_the_pull_request_changes(runner: Runner) -> None:
    a_pull_request(runner, {"flows/main.json": RIGHT.replace('"Welcome"', '"Good morning"'), "flows/new.json": ENDLESS})
    runner.stage.environment["GITHUB_BASE_REF"] = "main"

    used = runner.use(command="plan", files="flows/*.json")

    drawn = dict(re.findall(r"`(\S+)`\n\n```mermaid\n(.*?)\n```", used.outputs["comment"], re.DOTALL))
    assert list(drawn) == ["flows/main.json", "flows/new.json"]
    assert "Good morning" in drawn["flows/main.json"]
    assert used.code == 5


@pytest.mark.usefixtures("org")
def test_publishing_tells_what_is_live(runner: Runner) -> None:
    used = runner.use(command="publish", files="flows/main.json", arguments=f"--flow-id {FLOW_ID}")

    assert used.code == 0, used.log
    (published,) = json.loads(used.outputs["published"])
    assert (published["flow_id"], published["version_id"]) == (FLOW_ID, "2.0")
    assert "✅ 1 flow published" in used.summary
    assert "flows/main.json: version 2.0 of 'Automated IVR Flow v2'" in used.summary


@pytest.mark.usefixtures("org")
def test_a_publication_that_fails_says_why(runner: Runner) -> None:
    used = runner.use(command="publish", files="flows/main.json", arguments="--flow-id gone")

    assert used.code == 3
    assert (used.outputs["exit-code"], used.outputs["published"]) == ("3", "[]")
    assert "❌ 0 flows published\n\n```text\nerror: " in used.summary


@pytest.mark.usefixtures("org")
def test_nothing_is_published_where_something_is_wrong(runner: Runner) -> None:
    (runner.checkout / "flows" / "endless.json").write_text(ENDLESS)

    used = runner.use(command="publish", files="flows/*.json")

    assert used.code == 5
    assert "published" not in used.outputs


def test_an_input_is_never_run(runner: Runner) -> None:
    used = runner.use(files="$(touch ran)\n`touch ran`\n; touch ran", arguments="; touch ran")

    assert used.code == 2
    assert not (runner.checkout / "ran").exists()


def test_a_command_that_there_is_not_is_told(runner: Runner) -> None:
    used = runner.use(command="deploy")

    assert used.code == 2
    assert "::error::The input command is 'deploy'; give validate, plan, publish." in used.log


def test_scripts_hold_no_expressions() -> None:
    assert [step["run"] for step in ACTION["runs"]["steps"] if "${{" in step["run"]] == []


@pytest.mark.parametrize("name", [*ACTION["inputs"], *ACTION["outputs"]])
def test_every_input_and_output_is_in_the_docs(name: str) -> None:
    assert f"`{name}`" in DOCS


def test_the_docs_use_it_with_inputs_and_outputs_that_it_has() -> None:
    example = DOCS.partition("## GitHub")[2].partition("```yaml")[2].partition("```")[0]
    _, used, _ = yaml.safe_load(example)["jobs"]["flows"]["steps"]

    assert used["with"].keys() <= ACTION["inputs"].keys()
    assert set(re.findall(r"steps\.flows\.outputs\.([a-z-]+)", example)) <= ACTION["outputs"].keys()
