"""`receiver db upgrade`."""

from typing import Annotated

import typer

from receiver.cli.surroundings import around
from receiver.settings import DEFAULT_DATABASE_URL, read_variable
from receiver.store import upgrade_database

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


db = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="See to the database.")


@db.command()
def upgrade(context: typer.Context, *, as_json: JsonOption = False) -> None:
    """Bring the database of DATABASE_URL up to the schema of this release, or make it."""
    surroundings = around(context)
    console = surroundings.console(as_json=as_json)
    has_changed = upgrade_database(read_variable(surroundings.environ, "DATABASE_URL") or DEFAULT_DATABASE_URL)
    if as_json:
        console.write([{"changed": has_changed}])
    elif has_changed:
        console.show("The database has the schema of this release now.")
    else:
        console.show("The database had the schema of this release already.")
