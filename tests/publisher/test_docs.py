"""The publisher's pages say all that there is."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

from publisher.audit import Action
from publisher.cli import application, main
from publisher.errors import ExitCode

GROUPS = ("", "config", "webhook", "eventbridge", "sandbox")
ROOT = Path(__file__).parents[2]
PUBLISHING = (ROOT / "docs" / "publishing.md").read_text()
EXIT_CODES = (ROOT / "docs" / "exit-codes.md").read_text()
PROBLEMS = (ROOT / "docs" / "problems.md").read_text()

OWN_SOURCES = [path for path in (ROOT / "publisher").rglob("*.py") if "sandbox" not in path.parts]
ERROR_CODES = sorted(
    {code for path in OWN_SOURCES for code in re.findall(r'\b(?:default_)?code ?= ?"([a-z.-]+)"', path.read_text())}
)


def options_of(command: str) -> list[str]:
    commands = getattr(get_command(application()), "commands")  # noqa: B009 - typer's own classes are private
    return [option for parameter in commands[command].params for option in parameter.opts if option.startswith("--")]


@pytest.mark.parametrize("code", list(ExitCode), ids=lambda code: code.name)
def test_every_exit_code_is_in_the_docs(code: ExitCode) -> None:
    assert f"\n| {code.value} |" in EXIT_CODES


@pytest.mark.parametrize("option", options_of("publish"))
def test_every_option_of_publish_is_in_the_docs(option: str) -> None:
    assert f"`{option}" in PUBLISHING


@pytest.mark.parametrize("action", list(Action))
def test_every_action_is_in_the_docs(action: Action) -> None:
    assert f"`{action}`" in PUBLISHING


@pytest.mark.parametrize("code", ERROR_CODES)
def test_every_error_code_is_in_the_docs(code: str) -> None:
    assert f"`{code}`" in PUBLISHING or code in PROBLEMS


@pytest.mark.parametrize("group", GROUPS)
def test_a_list_of_commands_cuts_no_sentence_short(group: str, capsys: pytest.CaptureFixture[str]) -> None:
    main([*group.split(), "--help"])

    lines = capsys.readouterr().out.splitlines()[1:]
    assert lines
    assert [line for line in lines if line.endswith("...")] == []
