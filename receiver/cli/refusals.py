"""`receiver refusals list`."""

import asyncio
from typing import Annotated

import typer
from rich.text import Text

from receiver.cli.connection import UrlOption, open_history
from receiver.cli.events import JsonOption, LimitOption
from receiver.cli.exits import CommandError, ExitCode
from receiver.cli.listing import Listing
from receiver.cli.surroundings import Surroundings, around
from receiver.cli.tables import harmless, minute
from receiver.web.views import JsonObject
from receiver.web.wording import one_line

refusals = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="See what was not let in, and why.")


@refusals.command("list")
def list_(
    context: typer.Context,
    *,
    source: Annotated[str | None, typer.Option(help="The source, as it was asked for.")] = None,
    limit: LimitOption = 20,
    as_json: JsonOption = False,
    url: UrlOption = None,
) -> None:
    """List the last requests that were not taken in, and why.

    When, where to, from where. The last 1,000 are kept.
    """
    asyncio.run(_list(around(context), {"source": source}, limit=limit, as_json=as_json, url=url))


async def _list(
    here: Surroundings, filters: dict[str, str | None], *, limit: int, as_json: bool, url: str | None
) -> None:
    if not (url or here.environ.get("RECEIVER_URL")):
        raise CommandError(
            "Refusals are kept in the memory of the receiver that runs; name it with --url or RECEIVER_URL.",
            code=ExitCode.USAGE,
        )
    console = here.console(as_json=as_json)
    async with open_history(here, url) as history:
        items = [item async for item in history.refusals(filters, limit=limit)]
    if as_json:
        console.write(items)
    elif items:
        console.show(_listing([harmless(item) for item in items]))
    else:
        console.say("No request was refused since the receiver started.")


def _listing(items: list[JsonObject]) -> Listing:
    listing = Listing(("Refused (UTC)", "Source and address", "Why"))
    for item in items:
        guess = f"; did you mean {item['nearest_source']!r}?" if item["nearest_source"] else ""
        listing.add(
            minute(item["at"]),
            Text.assemble((one_line(item["source"]) or "-", "bold"), "\n", (one_line(item["address"]), "dim")),
            Text(f"{item['status']}  {one_line(item['reason'])}{guess}"),
        )
    return listing
