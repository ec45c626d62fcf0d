"""The command `receiver`: every command it has stands in `COMMANDS` and `GROUPS`."""

import sys
from collections.abc import Callable, Mapping, Sequence
from io import TextIOWrapper

import typer
from typer.main import get_command

from receiver.cli import configuration, database
from receiver.cli.console import Console
from receiver.cli.events import events
from receiver.cli.exits import ExitCode, exit_code_of
from receiver.cli.runs import runs
from receiver.cli.serving import serve, work
from receiver.cli.surroundings import Surroundings
from receiver.errors import ReceiverError

COMMANDS: Mapping[str, Callable[..., None]] = {"serve": serve, "work": work}
GROUPS: Mapping[str, typer.Typer] = {"events": events, "runs": runs}
CONFIG_COMMANDS: Mapping[str, Callable[..., None]] = {"check": configuration.check, "schema": configuration.schema}
DATABASE_COMMANDS: Mapping[str, Callable[..., None]] = {"upgrade": database.upgrade}


def application() -> typer.Typer:
    """The command with all that it can do."""
    app = _group("Take in what Genesys Cloud tells, run what must follow, and keep the history.")
    for name, command in COMMANDS.items():
        app.command(name)(command)
    for name, group in GROUPS.items():
        app.add_typer(group, name=name)
    app.add_typer(_group("Check the config.", CONFIG_COMMANDS), name="config")
    app.add_typer(_group("See to the database.", DATABASE_COMMANDS), name="db")
    return app


def main(arguments: Sequence[str] | None = None, around: Surroundings | None = None) -> int:
    """Run the command; its exit code."""
    _print_anything()
    around = around or Surroundings()
    console = around.console()
    try:
        code = get_command(application()).main(
            args=list(sys.argv[1:] if arguments is None else arguments),
            prog_name="receiver",
            standalone_mode=False,
            obj=around,
        )
    except typer.TyperException as exc:
        _explain(exc.format_message(), console)
        return exc.exit_code
    except ReceiverError as exc:
        console.fail(str(exc))
        return exit_code_of(exc)
    except (KeyboardInterrupt, typer.Abort):
        console.say("Stopped.")
        return ExitCode.INTERRUPTED
    return int(code or ExitCode.OK)


def _group(purpose: str, commands: Mapping[str, Callable[..., None]] | None = None) -> typer.Typer:
    group = typer.Typer(
        name="receiver",
        help=purpose,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,  # brackets in help texts are brackets
    )
    for name, command in (commands or {}).items():
        group.command(name)(command)
    return group


def _print_anything() -> None:
    """Let no character that a terminal cannot show stop a command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _explain(message: str, console: Console) -> None:
    """Say what is wrong with the command line; with no command at all, the message is the help itself."""
    if message.startswith("Usage:"):
        console.say(message)
        return
    console.fail(message)
    console.say("`receiver --help` and `receiver COMMAND --help` say what there is.")
