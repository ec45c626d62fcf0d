"""`receiver sources list`."""

import asyncio

import typer
from rich.table import Table
from rich.text import Text

from receiver.cli.connection import UrlOption, open_history
from receiver.cli.events import JsonOption
from receiver.cli.surroundings import Surroundings, around
from receiver.cli.tables import STYLES, absence_line, harmless, minute
from receiver.web.views import JsonObject
from receiver.web.wording import UNANSWERED, Tone, one_line

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
    console.show(_table([harmless(item) for item in items]))
    for one in map(harmless, absent):
        if one["kind"] in UNANSWERED:
            console.say(absence_line(one))


def _table(items: list[JsonObject]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("Source", "Kind", "Environment", "Last event (UTC)", "Status"):
        table.add_column(heading, overflow="fold")
    for item in items:
        table.add_row(
            item["name"],
            item["kind"],
            item["environment"] or "",
            minute(item["last_event_at"]) or "never",
            _status(item),
        )
    return table


def _status(item: JsonObject) -> Text:
    poll = item["poll"]
    if poll and poll["failures"]:
        return Text(f"failing ({poll['failures']}): {one_line(poll['fault'] or '')}", STYLES[Tone.BAD])
    if item["silent_since"]:
        return Text(f"silent since {minute(item['silent_since'])}", STYLES[Tone.WARNING])
    return Text("heard", STYLES[Tone.GOOD]) if item["last_event_at"] else Text("new", STYLES[Tone.WAITING])
