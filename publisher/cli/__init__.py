"""The command `publisher`: every command it has stands in `COMMANDS`."""

import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from publisher.cli.console import Console
from publisher.cli.exits import exit_code_of
from publisher.cli.surroundings import Surroundings
from publisher.errors import ExitCode, PublisherError, StoppedError
from publisher.genesys.errors import GenesysError

# By the name of their module: a command loads only what it works with, and answers the sooner.
COMMANDS: Mapping[str, str] = {
    "init": "publisher.cli.init",
    "doctor": "publisher.cli.doctor",
    "validate": "publisher.cli.flows",
    "paths": "publisher.cli.flows",
    "draw": "publisher.cli.drawing",
    "plan": "publisher.cli.plan",
    "publish": "publisher.cli.publishing",
    "diff": "publisher.cli.diff",
    "versions": "publisher.cli.versions",
    "export": "publisher.cli.exporting",
    "rollback": "publisher.cli.rollback",
    "drift": "publisher.cli.drift",
    "adopt": "publisher.cli.adopt",
    "unblock": "publisher.cli.unblock",
    "config": "publisher.cli.config",
    "webhook": "publisher.cli.webhook",
    "eventbridge": "publisher.cli.eventbridge",
    "sandbox": "publisher.cli.sandbox",
}


class Stoppable(TyperGroup):
    """Commands that say so when Ctrl-C has ended them; typer itself says nothing."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - typer keeps the types of its base to itself
        """Run the command."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as exc:
            raise StoppedError from exc


def application(wanted: str | None = None) -> typer.Typer:
    """The command with the one subcommand that is wanted; with all of them where that is none."""
    app = typer.Typer(
        name="publisher",
        cls=Stoppable,
        help="Check Genesys Cloud flow files, push versions, and put them live.",
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
    console = around.console(as_json=False)
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = get_command(application(*words[:1])).main(
            args=words, prog_name="publisher", standalone_mode=False, obj=around
        )
    except typer.TyperException as exc:
        _explain(exc.format_message(), console)
        return exc.exit_code
    except (PublisherError, GenesysError) as exc:
        console.fail(str(exc))
        return exit_code_of(exc)
    except OSError as exc:  # networks have errors of their own: this is a file, or else the output
        console.fail(f"{exc.filename or 'stdout takes no more'}: {exc.strerror}.")
        return ExitCode.USAGE if exc.filename else ExitCode.FAILED
    return int(code or ExitCode.OK)


def _explain(message: str, console: Console) -> None:
    """Say what is wrong with the command line; with no command at all, the message is the help itself."""
    if message.startswith("Usage:"):
        console.say(message)
        return
    console.fail(message.replace("Value error, ", "", 1))  # pydantic says so of an enum
    console.say("`publisher --help` and `publisher COMMAND --help` say what there is.")
