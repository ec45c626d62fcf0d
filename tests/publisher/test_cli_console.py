"""Where a command's words go."""

import io

import pytest

from publisher.cli.console import Console, printable
from tests.publisher.organization import Terminal


def a_console(*, is_terminal: bool = False, as_json: bool = False) -> tuple[Console, io.StringIO, io.StringIO]:
    """A console with its stdout and stderr."""
    out, err = (Terminal(), Terminal()) if is_terminal else (io.StringIO(), io.StringIO())
    return Console(out=out, err=err, as_json=as_json), out, err


def test_a_result_is_an_object_for_machines_and_a_sentence_for_people() -> None:
    console, out, err = a_console()

    console.result({"result": "published"}, "It is live.")

    assert (out.getvalue(), err.getvalue()) == ('{"result": "published"}\n', "It is live.\n")


def test_on_a_terminal_a_result_is_the_sentence() -> None:
    console, out, err = a_console(is_terminal=True)

    console.result({"result": "published"}, "It is live.")

    assert (out.getvalue(), err.getvalue()) == ("It is live.\n", "")


def test_without_a_terminal_a_stage_is_a_plain_line_and_details_go_unheard() -> None:
    console, _, err = a_console()

    with console.progress():
        console.stage("Validating")
        console.detail("look 1 of 60")

    assert err.getvalue() == "Validating …\n"


def test_on_a_terminal_a_stage_is_a_spinner_that_is_gone_in_the_end() -> None:
    console, _, err = a_console(is_terminal=True)

    with console.progress():
        console.stage("Validating")

    assert "Validating …" in err.getvalue()
    assert err.getvalue().endswith("\x1b[2K")  # the line is cleared


def test_no_spinner_turns_in_a_log_whose_ci_system_wants_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    console, _, err = a_console()

    with console.progress():
        console.stage("Validating")

    assert err.getvalue() == "Validating …\n"


def test_brackets_and_colons_are_printed_as_they_are() -> None:
    console, _, err = a_console()

    console.say("[bold]:smile: /path")

    assert err.getvalue() == "[bold]:smile: /path\n"


def test_a_servers_words_do_not_steer_the_terminal() -> None:
    assert printable("a\x1b[2Jb\nc") == "a\ufffd[2Jb\nc"
