"""`receiver flows list|show`."""

import asyncio
from typing import Annotated

import typer

from receiver.cli.connection import History, UrlOption, open_history
from receiver.cli.events import FlowOption, JsonOption, LimitOption
from receiver.cli.exits import CommandError, ExitCode
from receiver.cli.surroundings import Surroundings, around
from receiver.cli.tables import flow_story, flows_table
from receiver.errors import NotFoundError

MOST_NAMED = 5

flows = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="See which versions of a flow went live.")


@flows.command("list")
def list_(
    context: typer.Context,
    *,
    flow: FlowOption = None,
    environment: Annotated[
        str | None, typer.Option("--env", metavar="NAME", help="The environment that they are in.")
    ] = None,
    limit: LimitOption = 20,
    as_json: JsonOption = False,
    url: UrlOption = None,
) -> None:
    """List flows with what is live.

    Those that something was told of last come first.
    """
    filters = {"flow": flow, "environment": environment}
    asyncio.run(_list(around(context), filters, limit=limit, as_json=as_json, url=url))


@flows.command()
def show(
    context: typer.Context,
    flow: Annotated[str, typer.Argument(metavar="FLOW", help="A flow's id, or a part of its name.")],
    *,
    limit: LimitOption = 20,
    as_json: JsonOption = False,
    url: UrlOption = None,
) -> None:
    """Show which versions of a flow went live, and what followed.

    And who put them there, from which commit.
    """
    asyncio.run(_show(around(context), flow, limit=limit, as_json=as_json, url=url))


async def _list(
    here: Surroundings, filters: dict[str, str | None], *, limit: int, as_json: bool, url: str | None
) -> None:
    console = here.console(as_json=as_json)
    async with open_history(here, url) as history:
        items = [item async for item in history.flows(filters, limit=limit)]
    if as_json:
        console.write(items)
    elif items:
        console.show(flows_table(items))
    else:
        console.say("No flow fits." if any(filters.values()) else "No event has told of a flow yet.")


async def _show(here: Surroundings, flow: str, *, limit: int, as_json: bool, url: str | None) -> None:
    console = here.console(as_json=as_json)
    async with open_history(here, url) as history:
        found = await history.flow(await _flow_id(history, flow), limit=limit)
    if as_json:
        console.write([found])
    else:
        console.show(*flow_story(found))


async def _flow_id(history: History, flow: str) -> str:
    """The id of the one flow that is meant."""
    found = [item async for item in history.flows({"flow": flow}, limit=MOST_NAMED)]
    exact = [item for item in found if flow in {item["flow_id"], item["flow_name"]}]
    fitting = exact if len(exact) == 1 else found
    if not fitting:
        raise NotFoundError(f"No event has told of a flow {flow!r}; `receiver flows list` shows those that there are.")
    if len(fitting) > 1:
        names = ", ".join(f"{item['flow_name']} ({item['flow_id']})" for item in fitting)
        raise CommandError(f"{flow!r} may be any of these; give the id of one: {names}.", code=ExitCode.USAGE)
    return str(fitting[0]["flow_id"])
