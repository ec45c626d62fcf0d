"""`receiver sources list`."""

import asyncio

import typer

from receiver.cli.connection import UrlOption, open_history
from receiver.cli.events import JsonOption
from receiver.cli.listing import Listing, named
from receiver.cli.surroundings import Surroundings, around
from receiver.cli.tables import absence_line, harmless, marked, minute
from receiver.web.views import JsonObject
from receiver.web.wording import UNANSWERED, Sign, Tone

sources = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="See which sources are heard from.")


@sources.command("list")
def list_(context: typer.Context, *, as_json: JsonOption = False, url: UrlOption = None) -> None:
    """List the sources: when each was heard from, and how polls go.

    Announcements that nothing has answered are told on stderr.
    """
    asyncio.run(_list(around(context), url, as_json=as_json))


async def _list(here: Surroundings, url: str | None, *, as_json: bool) -> None:
    console = here.console(as_json=as_json)
    async with open_history(here, url) as history:
        items = await history.sources()
        absent = [] if as_json else await history.absences()
    if as_json:
        console.write(items)
        return
    console.show(sources_table([harmless(item) for item in items]))
    for one in map(harmless, absent):
        if one["kind"] in UNANSWERED:
            console.say(absence_line(one))


def sources_table(items: list[JsonObject]) -> Listing:
    """Sources, two lines each: when something last came, name and kind, how it stands."""
    listing = Listing(("Last event (UTC)", "Source", "Status"))
    for item in items:
        place = f" of {item['environment']}" if item["environment"] else ""
        listing.add(
            minute(item["last_event_at"]) or "never heard from",
            named(item["name"], f"{item['kind']}{place}"),
            marked(_status(item)),
        )
    return listing


def _status(item: JsonObject) -> Sign:
    poll = item["poll"]
    if poll and poll["failures"]:
        return Sign(tone=Tone.BAD, text=f"failing ({poll['failures']}): {poll['fault'] or ''}")
    if item["silent_since"]:
        return Sign(tone=Tone.WARNING, text=f"silent since {minute(item['silent_since'])}")
    return Sign(tone=Tone.GOOD, text="heard") if item["last_event_at"] else Sign(tone=Tone.WAITING, text="new")
