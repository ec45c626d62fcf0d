"""The command `publisher` as a whole."""

import pytest

from publisher.cli import COMMANDS
from publisher.errors import ExitCode
from tests.publisher.organization import Organization

pytestmark = pytest.mark.usefixtures("project")


@pytest.mark.parametrize("command", list(COMMANDS))
def test_every_command_explains_itself(
    command: str, organization: Organization, capsys: pytest.CaptureFixture[str]
) -> None:
    ended = organization.run(command, "--help")

    assert ended.code == ExitCode.OK
    assert f"publisher {command}" in capsys.readouterr().out


def test_at_80_columns_the_help_has_a_whole_sentence_for_each_command(
    organization: Organization, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")

    organization.run("--help")

    lines = capsys.readouterr().out.partition("Commands:\n")[2].splitlines()
    assert [line.split()[0] for line in lines] == list(COMMANDS)
    assert [line for line in lines if not line.endswith(".") or line.endswith("...")] == []


def test_without_a_command_the_help_is_printed(organization: Organization) -> None:
    ended = organization.run()

    assert ended.code == ExitCode.USAGE
    assert ended.err.startswith("Usage: publisher")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["publsh"], "Did you mean 'publish'?"), (["publish", "--dryrun"], "--dry-run")],
    ids=["command", "option"],
)
def test_a_slip_of_the_pen_is_told_with_what_was_meant(
    arguments: list[str], words: str, organization: Organization
) -> None:
    ended = organization.run(*arguments)

    assert ended.code == ExitCode.USAGE
    assert words in ended.err
