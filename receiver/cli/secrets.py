"""`receiver secrets list|revoke|restore`."""

import asyncio
from typing import Annotated
from urllib.parse import quote

import typer
from rich.text import Text

from receiver.cli.connection import UrlOption, open_history
from receiver.cli.events import JsonOption
from receiver.cli.listing import Listing, named
from receiver.cli.surroundings import Surroundings, around
from receiver.cli.tables import harmless, marked, minute
from receiver.web.views import JsonObject
from receiver.web.wording import Sign, Tone

TONES = {"active": Tone.GOOD, "revoked": Tone.BAD, "unset": Tone.QUIET}

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The variable that holds the secret.")]

secrets = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="See who still uses which secret; revoke one.")


@secrets.command("list")
def list_(context: typer.Context, *, as_json: JsonOption = False, url: UrlOption = None) -> None:
    """List the secrets of sources, and when each was used last.

    Variable, fingerprint of the value, sources, status, last use. Never a value.
    """
    asyncio.run(_list(around(context), url, as_json=as_json))


@secrets.command()
def revoke(context: typer.Context, name: NameArgument, *, as_json: JsonOption = False, url: UrlOption = None) -> None:
    """Let the value that NAME holds open nothing from now on.

    In every process, also after a restart.
    """
    asyncio.run(_set(around(context), name, "revoke", as_json=as_json, url=url))


@secrets.command()
def restore(context: typer.Context, name: NameArgument, *, as_json: JsonOption = False, url: UrlOption = None) -> None:
    """Let a revoked value be as good as before."""
    asyncio.run(_set(around(context), name, "restore", as_json=as_json, url=url))


async def _list(here: Surroundings, url: str | None, *, as_json: bool) -> None:
    console = here.console(as_json=as_json)
    async with open_history(here, url) as history:
        items = await history.secrets()
    if as_json:
        console.write(items)
    else:
        console.show(secrets_table([harmless(item) for item in items]))


async def _set(here: Surroundings, name: str, action: str, *, as_json: bool, url: str | None) -> None:
    console = here.console(as_json=as_json)
    async with open_history(here, url, is_changing=True) as history:
        known = await history.ask(f"/api/v1/secrets/{quote(name, safe='')}/{action}", {})
        others = await history.secrets()
    if as_json:
        console.write([known])
        return
    console.tell(f"{known['name']} ({known['fingerprint']}) is {known['status']}.")
    for source in known["sources"]:
        if not any(source in other["sources"] and other["status"] == "active" for other in others):
            console.say(f"Source {source!r} takes nothing in now: no secret of it is active.")


def secrets_table(items: list[JsonObject]) -> Listing:
    """Secrets, two lines each: last use, name and fingerprint, status and who takes it."""
    listing = Listing(("Last use (UTC)", "Secret and fingerprint", "Status and sources"))
    for item in items:
        status = marked(Sign(tone=TONES[item["status"]], text=item["status"]))
        listing.add(
            minute(item["last_used_at"]) or "never used",
            named(item["name"], item["fingerprint"] or "no value"),
            Text.assemble(status, "\n", (", ".join(item["sources"]), "dim")),
        )
    return listing
