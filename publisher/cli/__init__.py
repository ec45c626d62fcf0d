"""The command `publisher`: every command it has stands in `COMMANDS`."""

import sys
from collections.abc import Callable, Mapping, Sequence

import typer
from typer.main import get_command

from publisher.cli.console import Console
from publisher.cli.exits import exit_code_of
from publisher.cli.flows import paths, validate
from publisher.cli.publishing import publish
from publisher.cli.sandbox import sandbox
from publisher.cli.surroundings import Surroundings
from publisher.cli.webhook import webhook
from publisher.errors import ExitCode, PublisherError
from publisher.genesys.errors import GenesysError

COMMANDS: Mapping[str, Callable[..., None]] = {
    "validate": validate,
    "paths": paths,
    "publish": publish,
    "sandbox": sandbox,
}
GROUPS: Mapping[str, typer.Typer] = {"webhook": webhook}


def application() -> typer.Typer:
    """The command with all that it can do."""
    app = typer.Typer(
        name="publisher",
        help="Check Genesys Cloud flow files, push versions, and put them live.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,  # brackets in help texts are brackets
    )
    for name, command in COMMANDS.items():
        app.command(name)(command)
    for name, group in GROUPS.items():
        app.add_typer(group, name=name)
    return app


def main(arguments: Sequence[str] | None = None, around: Surroundings | None = None) -> int:
    """Run the command; its exit code."""
    around = around or Surroundings()
    console = around.console(as_json=False)
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    try:
        code = get_command(application()).main(
            args=list(arguments), prog_name="publisher", standalone_mode=False, obj=around
        )
    except typer.TyperException as exc:
        _explain(exc.format_message(), console)
        return exc.exit_code
    except (PublisherError, GenesysError) as exc:
        console.fail(str(exc))
        return exit_code_of(exc)
    return int(code or ExitCode.OK)


def _explain(message: str, console: Console) -> None:
    """Say what is wrong with the command line; with no command at all, the message is the help itself."""
    if message.startswith("Usage:"):
        console.say(message)
        return
    console.fail(message)
    console.say("`publisher --help` and `publisher COMMAND --help` say what there is.")
