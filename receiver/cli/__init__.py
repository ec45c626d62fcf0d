"""The command `receiver`: every command it has stands in `COMMANDS`."""

import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from receiver.cli import streams
from receiver.cli.console import Console
from receiver.cli.exits import ExitCode, exit_code_of
from receiver.cli.surroundings import Surroundings
from receiver.errors import ReceiverError

# By the name of their module: a command loads only what it works with, and answers the sooner.
COMMANDS: Mapping[str, str] = {
    "serve": "receiver.cli.serving",
    "work": "receiver.cli.serving",
    "events": "receiver.cli.events",
    "runs": "receiver.cli.runs",
    "flows": "receiver.cli.flows",
    "sources": "receiver.cli.sources",
    "refusals": "receiver.cli.refusals",
    "secrets": "receiver.cli.secrets",
    "config": "receiver.cli.configuration",
    "db": "receiver.cli.database",
    "doctor": "receiver.cli.doctor",
}


class Stoppable(TyperGroup):
    """Commands that say so when Ctrl-C has ended them; typer itself says nothing."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - typer keeps the types of its base to itself
        """Run the command."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as exc:
            raise typer.Abort from exc


def application(wanted: str | None = None) -> typer.Typer:
    """The command with the one subcommand that is wanted; with all of them where that is none."""
    app = typer.Typer(
        name="receiver",
        cls=Stoppable,
        help="Take in what Genesys Cloud tells, run what must follow, and keep the history.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,  # brackets in help texts are brackets
    )
    app.callback()(lambda: None)  # else an application with one command is that command
    for name in [name for name in COMMANDS if name == wanted] or COMMANDS:
        command = getattr(import_module(COMMANDS[name]), name)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)
    return app


def main(arguments: Sequence[str] | None = None, around: Surroundings | None = None) -> int:
    """Run the command; its exit code."""
    around = around or Surroundings()
    console = around.console()
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = get_command(application(*words[:1])).main(
            args=words,
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
    except OSError as exc:  # networks have errors of their own: this is a file, or else the output
        console.fail(f"{exc.filename or 'stdout takes no more'}: {exc.strerror}.")
        return ExitCode.USAGE if exc.filename else ExitCode.FAILED
    except (KeyboardInterrupt, typer.Abort):
        console.say("Stopped.")
        return ExitCode.INTERRUPTED
    finally:
        streams.drop_unwritten()
    return int(code or ExitCode.OK)


def _explain(message: str, console: Console) -> None:
    """Say what is wrong with the command line; with no command at all, the message is the help itself."""
    if message.startswith("Usage:"):
        console.say(message)
        return
    console.fail(message.replace("Value error, ", "", 1))  # pydantic says so of an enum
    console.say("`receiver --help` and `receiver COMMAND --help` say what there is.")
