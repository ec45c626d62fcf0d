"""`receiver db upgrade|backup|check|restore|vacuum`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from receiver.cli.exits import CommandError, ExitCode
from receiver.cli.surroundings import Surroundings, around
from receiver.settings import DEFAULT_DATABASE_URL, read_variable
from receiver.store import back_up, look_over, restore, upgrade_database, vacuum
from receiver.store.place import path_of

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
NewFile = Annotated[Path, typer.Argument(metavar="FILE", help="The file to make; it must not be there yet.")]
BackupFile = Annotated[Path, typer.Argument(metavar="FILE", help="The backup.")]

INSTEAD: Mapping[str, str] = {
    "backup": '`pg_dump --format=custom --file=FILE "$DATABASE_URL"` makes a copy while the receiver serves',
    "check": "`pg_amcheck --all` looks over its pages and indexes",
    "restore": '`pg_restore --clean --if-exists --dbname="$DATABASE_URL" FILE` puts a copy back',
    "vacuum": "autovacuum does this by itself; `vacuumdb --full` gives space back to the disk",
}
"""What PostgreSQL has for a command that works on an SQLite file."""

db = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="See to the database.")


@db.command()
def upgrade(context: typer.Context, *, as_json: JsonOption = False) -> None:
    """Bring the database up to the schema of this release.

    Where there is none at DATABASE_URL yet, it is made.
    """
    surroundings = around(context)
    console = surroundings.console(as_json=as_json)
    has_changed = upgrade_database(_url(surroundings))
    if as_json:
        console.write([{"changed": has_changed}])
    elif has_changed:
        console.tell("The database has the schema of this release now.")
    else:
        console.tell("The database had the schema of this release already.")


@db.command()
def backup(context: typer.Context, file: NewFile, *, as_json: JsonOption = False) -> None:
    """Copy the database to FILE while the receiver serves.

    Everything acknowledged before is in it; it is checked, and there whole or not at all.
    """
    surroundings = around(context)
    if file.exists():
        raise CommandError(
            f"{file} exists already; name a new file, so that no older copy is lost.", code=ExitCode.USAGE
        )
    copy = back_up(_path(surroundings, "backup"), file)
    console = surroundings.console(as_json=as_json)
    if as_json:
        console.write([{"file": str(copy.file), "bytes": copy.size}])
        return
    console.tell(f"{copy.file} is a sound copy of the database, {copy.size} bytes.")
    console.say("It holds no secret, and every body that came in: keep it as safe as the database.")


@db.command()
def check(context: typer.Context, *, as_json: JsonOption = False) -> None:
    """Look the whole database over for damage.

    Its pages, its references, and what must hold between events, runs and steps. It only reads, and can be run while
    the receiver serves. Exit codes: 0 sound, 5 something is wrong.
    """
    surroundings = around(context)
    path = _path(surroundings, "check")
    if not path.exists():
        raise CommandError(f"There is no database at {path} yet; `receiver serve` makes it.", code=ExitCode.NOT_FOUND)
    faults = list(look_over(path))
    console = surroundings.console(as_json=as_json)
    if as_json:
        console.write([{"file": str(path), "ok": not faults, "faults": faults}])
    elif faults:
        console.tell("\n".join(faults))
        console.say("Copy the file before anything else; `receiver db restore FILE` puts a backup in its place.")
    else:
        console.tell(f"{path} is sound.")
    if faults:
        raise typer.Exit(ExitCode.PROBLEMS)


@db.command("restore")
def restore_(context: typer.Context, file: BackupFile, *, as_json: JsonOption = False) -> None:
    """Put the backup FILE in the place of the database.

    The one that was there is kept beside it. Nothing may be using the database: end `receiver serve` first. FILE is
    checked before anything is changed.
    """
    surroundings = around(context)
    if not file.exists():
        raise CommandError(f"There is no file {file}.", code=ExitCode.NOT_FOUND)
    stamp = surroundings.clock().strftime("%Y%m%dT%H%M%SZ")
    copy = restore(file, _path(surroundings, "restore"), stamp=stamp)
    console = surroundings.console(as_json=as_json)
    if as_json:
        replaced = None if copy.replaced is None else str(copy.replaced)
        console.write([{"file": str(copy.file), "bytes": copy.size, "replaced": replaced}])
        return
    console.tell(f"{copy.file} is what {file} was.")
    if copy.replaced is not None:
        console.say(f"The database that was there is kept in {copy.replaced}.")
    console.say("What came in since the backup is missing; start `receiver serve` again.")


@db.command("vacuum")
def vacuum_(context: typer.Context, *, as_json: JsonOption = False) -> None:
    """Give the space of what was deleted back to the disk.

    Nothing may be using the database meanwhile.
    """
    surroundings = around(context)
    before, after = vacuum(_path(surroundings, "vacuum"))
    console = surroundings.console(as_json=as_json)
    if as_json:
        console.write([{"bytes_before": before, "bytes": after}])
    else:
        console.tell(f"{after} bytes, {before - after} fewer than before.")


def _path(surroundings: Surroundings, command: str) -> Path:
    """The file that is worked on; where there is none, what to use instead."""
    url = _url(surroundings)
    if url.startswith("postgres"):
        raise CommandError(f"The database is PostgreSQL: {INSTEAD[command]}.", code=ExitCode.USAGE)
    return path_of(url)


def _url(surroundings: Surroundings) -> str:
    return read_variable(surroundings.environ, "DATABASE_URL") or DEFAULT_DATABASE_URL
