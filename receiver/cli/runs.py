"""`receiver runs list|show|wait`."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer

from receiver.cli.connection import UrlOption, open_history
from receiver.cli.events import FlowOption, JsonOption, LimitOption
from receiver.cli.exits import CommandError, ExitCode
from receiver.cli.surroundings import Surroundings, around
from receiver.cli.tables import run_story, runs_table
from receiver.cli.waiting import Wanted, wait
from receiver.states import RunStatus
from receiver.web.views import JsonObject

RunArgument = Annotated[str, typer.Argument(metavar="RUN", help="The run's id.")]

runs = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="See what was set off, and wait for its end.")


@runs.command("list")
def list_(
    context: typer.Context,
    *,
    flow: FlowOption = None,
    pipeline: Annotated[str | None, typer.Option(help="A pipeline of the config.")] = None,
    status: Annotated[RunStatus | None, typer.Option(help="How they stand.")] = None,
    event: Annotated[str | None, typer.Option(metavar="ID", help="The event that set them off.")] = None,
    limit: LimitOption = 20,
    as_json: JsonOption = False,
    url: UrlOption = None,
) -> None:
    """List runs, newest first."""
    filters = {
        "flow": flow,
        "pipeline": pipeline,
        "status": status.value if status else None,
        "event_id": event,
    }
    asyncio.run(_list(around(context), filters, limit=limit, as_json=as_json, url=url))


@runs.command()
def show(context: typer.Context, run_id: RunArgument, *, as_json: JsonOption = False, url: UrlOption = None) -> None:
    """Show one run: its steps, and every attempt with its answer."""
    asyncio.run(_show(around(context), run_id, as_json=as_json, url=url))


@runs.command("wait")
def wait_(
    context: typer.Context,
    run: Annotated[str | None, typer.Argument(metavar="RUN", help="The run's id.")] = None,
    *,
    event: Annotated[str | None, typer.Option(metavar="ID", help="Wait for the runs of this event.")] = None,
    flow: Annotated[
        str | None, typer.Option(metavar="ID", help="Wait for the runs of this flow's newest publication.")
    ] = None,
    version: Annotated[str | None, typer.Option(help="With --flow: the version that is to go live.")] = None,
    timeout: Annotated[float, typer.Option(min=0, max=604_800, help="How many seconds to wait.")] = 600.0,
    as_json: JsonOption = False,
    url: UrlOption = None,
) -> None:
    """Wait until runs have ended, and say how.

    Exit codes: 0 all succeeded, 3 there are none, 6 one did not succeed, 7 it took too long.
    """
    if [run, event, flow].count(None) != 2 or (version and not flow):
        raise CommandError("Give one of RUN, --event and --flow; --version goes with --flow.", code=ExitCode.USAGE)
    wanted = Wanted(run=run, event=event, flow=flow, version=version)
    ended = asyncio.run(_wait(around(context), wanted, timeout_s=timeout, url=url))
    _tell(around(context), ended, as_json=as_json)


async def _list(
    here: Surroundings, filters: dict[str, str | None], *, limit: int, as_json: bool, url: str | None
) -> None:
    console = here.console(as_json=as_json)
    async with open_history(here, url) as history:
        items = [item async for item in history.runs(filters, limit=limit)]
    if as_json:
        console.write(items)
    elif items:
        console.show(runs_table(items))
    else:
        console.say("No run fits." if any(filters.values()) else "Nothing has run yet.")


async def _show(here: Surroundings, run_id: str, *, as_json: bool, url: str | None) -> None:
    console = here.console(as_json=as_json)
    async with open_history(here, url) as history:
        run = await history.run(run_id)
    if as_json:
        console.write([run])
    else:
        console.show(*run_story(run))


async def _wait(here: Surroundings, wanted: Wanted, *, timeout_s: float, url: str | None) -> Sequence[JsonObject]:
    async with open_history(here, url) as history:
        return await wait(here, history, wanted, timeout_s=timeout_s)


def _tell(here: Surroundings, ended: Sequence[JsonObject], *, as_json: bool) -> None:
    console = here.console(as_json=as_json)
    if as_json:
        console.write(ended)
    else:
        console.show(runs_table(ended))
    if any(run["status"] != RunStatus.SUCCEEDED for run in ended):
        raise typer.Exit(ExitCode.RUN_FAILED)
