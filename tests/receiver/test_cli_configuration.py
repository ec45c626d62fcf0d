"""`receiver config check` and `receiver config schema`."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from receiver.cli import configuration
from receiver.config.schema import config_schema
from receiver.errors import ConfigError

FINE = """\
secrets: {CI_TOKEN: {hosts: [ci.example.com]}}
pipelines:
  deploy: {on: {}, steps: [{id: go, target: http, url: "https://ci.example.com"}]}
  tell: {on: {}, steps: [{id: go, target: http, url: "https://ci.example.com"}]}
"""
WRONG = "limits: {body: much}\npipelins: {}\n"
SET = {"CI_WEBHOOK_SECRET": "s", "CI_TOKEN_FILE": "ci-token"}

app = typer.Typer()
app.command()(configuration.check)
app.command()(configuration.schema)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """A runner in an empty directory and with none of the variables that the command reads."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ci-token").write_text("hunter2\n", encoding="utf-8")
    unset = dict.fromkeys(
        ("RECEIVER_CONFIG", "CI_TOKEN", "CI_TOKEN_FILE", "CI_WEBHOOK_SECRET", "CI_WEBHOOK_SECRET_PREVIOUS")
    )
    return CliRunner(env=unset)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "receiver.yaml"


def test_a_config_that_is_fine_is_summed_up(run: CliRunner, file: Path) -> None:
    file.write_text(FINE, encoding="utf-8")

    result = run.invoke(app, ["check", "receiver.yaml"], env=SET)

    assert result.exit_code == 0
    assert result.stdout == "receiver.yaml is fine: 1 source, 2 pipelines, 2 steps, 1 secret.\n"
    assert result.stderr == ""


def test_what_is_not_set_is_a_warning(run: CliRunner, file: Path) -> None:
    file.write_text(FINE, encoding="utf-8")

    result = run.invoke(app, ["check", "receiver.yaml"])

    assert result.exit_code == 0
    assert result.stderr.splitlines() == [
        "warning: source 'genesys' has no secret, and the receiver will not start without: "
        "set CI_WEBHOOK_SECRET or CI_WEBHOOK_SECRET_PREVIOUS, or one of them with _FILE.",
        "warning: secret CI_TOKEN is not set, and steps need it: set CI_TOKEN or CI_TOKEN_FILE.",
    ]


def test_a_rule_that_no_event_is_likely_to_fit_is_a_warning(run: CliRunner, file: Path) -> None:
    file.write_text(FINE.replace("{on: {}", "{on: {type: flow.deletd}", 1), encoding="utf-8")

    result = run.invoke(app, ["check", "receiver.yaml"], env=SET)

    told = "warning: pipeline 'deploy' waits for events of the type 'flow.deletd'. Did you mean 'flow.deleted'?\n"
    assert (result.exit_code, result.stderr) == (0, told)


def test_a_secret_that_cannot_be_read_is_a_warning(run: CliRunner, file: Path) -> None:
    file.write_text(FINE, encoding="utf-8")

    result = run.invoke(app, ["check", "receiver.yaml"], env=SET | {"CI_TOKEN_FILE": "nowhere"})

    assert result.stderr.startswith("warning: CI_TOKEN_FILE is 'nowhere', which cannot be read")


def test_faults_are_listed_and_end_with_2(run: CliRunner, file: Path) -> None:
    file.write_text(WRONG, encoding="utf-8")

    result = run.invoke(app, ["check", "receiver.yaml"])

    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        "receiver.yaml:1:16: limits.body is 'much'; give a number with B, KiB or MiB, from '1KiB' to '64MiB'.",
        "receiver.yaml:2:1: There is no key 'pipelins'. Did you mean 'pipelines'?",
        "2 faults.",
    ]


def test_a_script_can_read_that_it_is_fine(run: CliRunner, file: Path) -> None:
    file.write_text(FINE, encoding="utf-8")

    result = run.invoke(app, ["check", "receiver.yaml", "--json"], env=SET)
    said = json.loads(result.stdout)

    assert (said["ok"], said["pipelines"], said["warnings"]) == (True, ["deploy", "tell"], [])


def test_a_secret_that_its_scheme_cannot_use_is_told(run: CliRunner, file: Path) -> None:
    file.write_text("sources: {s: {verify: standard-webhooks, secrets: [KEY]}}", encoding="utf-8")

    result = run.invoke(app, ["check", "receiver.yaml"], env={"KEY": "whsec_canary"})

    assert "source 's' is verified by standard-webhooks, and its secret KEY is no secret of Standard" in result.stderr
    assert "canary" not in result.stderr


def test_a_script_can_read_the_faults(run: CliRunner, file: Path) -> None:
    file.write_text(WRONG, encoding="utf-8")

    result = run.invoke(app, ["check", "receiver.yaml", "--json"])
    said = json.loads(result.stdout)

    assert result.exit_code == 2
    assert said["ok"] is False
    assert [(fault["line"], fault["column"]) for fault in said["faults"]] == [(1, 16), (2, 1)]


def test_the_file_is_the_one_that_is_set(run: CliRunner, file: Path) -> None:
    file.write_text(FINE, encoding="utf-8")

    result = run.invoke(app, ["check"], env={"RECEIVER_CONFIG": str(file)})

    assert result.stdout.startswith(f"{file} is fine")


def test_no_file_at_all_is_fine(run: CliRunner) -> None:
    result = run.invoke(app, ["check"])

    assert result.exit_code == 0
    assert result.stdout == "config/receiver.yaml does not exist, which is fine: 1 source, no pipelines.\n"


def test_a_file_that_was_named_must_exist(run: CliRunner) -> None:
    result = run.invoke(app, ["check", "receiver.yaml"])

    assert result.exit_code == 2
    assert result.stderr == "receiver.yaml does not exist.\n"


def test_a_file_must_be_utf_8(run: CliRunner, file: Path) -> None:
    file.write_bytes(b"\xff")

    result = run.invoke(app, ["check", "receiver.yaml"])

    assert result.exit_code == 2
    assert result.stderr == "receiver.yaml is not UTF-8.\n"


def test_a_directory_is_no_config(run: CliRunner, tmp_path: Path) -> None:
    result = run.invoke(app, ["check", str(tmp_path)])

    assert result.exit_code == 2
    assert "cannot be read: Is a directory" in result.stderr


@pytest.mark.parametrize(
    ("argument", "environ"),
    [
        pytest.param("/dev/zero", SET, id="the config"),
        pytest.param("receiver.yaml", SET | {"CI_TOKEN_FILE": "/dev/zero"}, id="a secret"),
    ],
)
def test_of_what_never_ends_no_more_is_read(run: CliRunner, file: Path, argument: str, environ: dict[str, str]) -> None:
    file.write_text(FINE, encoding="utf-8")

    result = run.invoke(app, ["check", argument], env=environ)

    assert "cannot be read: it has more than 4 MiB, the most that is read; name another file." in result.stderr


def test_the_schema_is_printed(run: CliRunner) -> None:
    assert run.invoke(app, ["schema"]).stdout == config_schema()


def test_the_schema_is_written_where_it_is_wanted(run: CliRunner, tmp_path: Path) -> None:
    run.invoke(app, ["schema", "schema.json"])

    assert (tmp_path / "schema.json").read_text(encoding="utf-8") == config_schema()


def test_where_the_schema_cannot_be_written_is_said(run: CliRunner) -> None:
    with pytest.raises(ConfigError, match=r"nowhere/schema\.json cannot be written: No such file or directory\."):
        run.invoke(app, ["schema", "nowhere/schema.json"], catch_exceptions=False)
