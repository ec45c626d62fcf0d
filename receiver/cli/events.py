"""`receiver events list|show|send|export|import|prune`."""

import asyncio
import json
from pathlib import Path
from typing import Annotated

import httpx
import typer

from receiver.cli.connection import TIMEOUT_S, UrlOption, base_url, open_history, read_answer, send
from receiver.cli.exits import CommandError, ExitCode
from receiver.cli.samples import SAMPLE_FLOW_ID, SAMPLE_FLOW_NAME, SAMPLE_VERSION, sample_event
from receiver.cli.surroundings import Surroundings, around
from receiver.cli.tables import event_story, events_table
from receiver.cli.transfer import export, import_, prune
from receiver.config.amounts import LARGEST_SIZE
from receiver.model import FLOW_VERSION_PUBLISHED
from receiver.settings import DEFAULT_PORT, read_secret
from receiver.web.views import JsonObject

SECRET = "CI_WEBHOOK_SECRET"  # noqa: S105 - the variable's name
SECRET_HEADER = "X-Genesys-Webhook-Secret"  # noqa: S105 - the header's name

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")]
LimitOption = Annotated[int, typer.Option(min=1, max=100_000, help="At most so many, the newest.")]
FlowOption = Annotated[str | None, typer.Option(help="A flow's id, or a part of its name.")]

EventArgument = Annotated[str, typer.Argument(metavar="EVENT", help="The event's id.")]

events = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="See what came in, and send events to try.")
events.command()(export)
events.command("import")(import_)
events.command()(prune)


@events.command("list")
def list_(
    context: typer.Context,
    *,
    flow: FlowOption = None,
    event_type: Annotated[str | None, typer.Option("--type", help="A type, such as flow.version.published.")] = None,
    source: Annotated[str | None, typer.Option(help="A source of the config.")] = None,
    secret: Annotated[str | None, typer.Option(help="The variable whose secret let it in.")] = None,
    faulty: Annotated[bool, typer.Option("--faulty", help="Only events that could not be read.")] = False,
    limit: LimitOption = 20,
    as_json: JsonOption = False,
    url: UrlOption = None,
) -> None:
    """List events, newest first, with what followed."""
    filters = {"flow": flow, "type": event_type, "source": source, "secret": secret}
    filters["faulty"] = "true" if faulty else None
    asyncio.run(_list(around(context), filters, limit=limit, as_json=as_json, url=url))


@events.command()
def show(
    context: typer.Context, event_id: EventArgument, *, as_json: JsonOption = False, url: UrlOption = None
) -> None:
    """Show one event, what every pipeline said of it, and its runs.

    Its body too, as it came in, and why each pipeline was set off or not.
    """
    asyncio.run(_show(around(context), event_id, as_json=as_json, url=url))


@events.command("send")
def send_(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="A JSON body to send as it is; - reads stdin.")
    ] = None,
    *,
    flow_id: Annotated[str, typer.Option(help="The flow that went live.")] = SAMPLE_FLOW_ID,
    flow_name: Annotated[str, typer.Option(help="Its name.")] = SAMPLE_FLOW_NAME,
    version: Annotated[str, typer.Option(help="The version that went live.")] = SAMPLE_VERSION,
    event_type: Annotated[str, typer.Option("--type", help="The event's type.")] = FLOW_VERSION_PUBLISHED,
    event_id: Annotated[
        str | None, typer.Option("--id", help="The event's own id; the same again is a repeat.")
    ] = None,
    source: Annotated[str, typer.Option(help="The source to send it to.")] = "genesys",
    as_json: JsonOption = False,
    url: Annotated[
        str | None,
        typer.Option(
            "--url", metavar="URL", help="The receiver. [default: RECEIVER_URL, else this machine's on PORT or 8080]"
        ),
    ] = None,
) -> None:
    """Send an event as Genesys Cloud would: a sample, or FILE.

    The secret comes from CI_WEBHOOK_SECRET. The event goes through the same door as any other, and sets off the same.
    """
    here = around(context)
    sample = sample_event(
        event_id=event_id or here.new_id(),
        now=here.clock(),
        flow_id=flow_id,
        flow_name=flow_name,
        version=version,
        event_type=event_type,
    )
    body = _read(file, here) if file else json.dumps(sample).encode()
    receiver = base_url(url or here.environ.get("RECEIVER_URL") or _this_machine(here))
    answer = asyncio.run(_send(here, f"{receiver}/webhooks/{source}", body))
    _tell(here, answer, receiver, as_json=as_json)


async def _list(
    here: Surroundings, filters: dict[str, str | None], *, limit: int, as_json: bool, url: str | None
) -> None:
    console = here.console(as_json=as_json)
    async with open_history(here, url) as history:
        items = [item async for item in history.events(filters, limit=limit)]
    if as_json:
        console.write(items)
    elif items:
        console.show(events_table(items))
    else:
        console.say(
            "No event fits." if any(filters.values()) else "Nothing has come in yet; try `receiver events send`."
        )


async def _show(here: Surroundings, event_id: str, *, as_json: bool, url: str | None) -> None:
    console = here.console(as_json=as_json)
    async with open_history(here, url) as history:
        event = await history.event(event_id)
        if as_json:
            console.write([event])
            return
        runs = [await history.run(run["id"]) for run in event["runs"]]
    console.show(*event_story(event, runs))


async def _send(here: Surroundings, url: str, body: bytes) -> JsonObject:
    secret = read_secret(here.environ, SECRET)
    if secret is None:
        raise CommandError(
            f"{SECRET} is not set, so the receiver would refuse the event; set it, or {SECRET}_FILE.",
            code=ExitCode.USAGE,
        )
    headers = {"Content-Type": "application/json", "User-Agent": "receiver events send", SECRET_HEADER: secret}
    async with httpx.AsyncClient(timeout=TIMEOUT_S, transport=here.transport) as client:
        response = await send(client, client.build_request("POST", url, content=body, headers=headers))
    if response.status_code == 401:
        raise CommandError(
            f"The receiver refused the event: is {SECRET} the secret that it was started with, "
            f"and is {url.rpartition('/')[2]!r} a source of its config?",
            code=ExitCode.NOT_ALLOWED,
        )
    return read_answer(response)


def _tell(here: Surroundings, answer: JsonObject, receiver: str, *, as_json: bool) -> None:
    console = here.console(as_json=as_json)
    if as_json:
        console.write([answer])
        return
    event_id = str(answer.get("id"))
    console.tell(f"accepted {event_id}" + (", which is a repeat" if answer.get("duplicate") else ""))
    console.say(f"Look at {receiver}/events/{event_id}, or run `receiver runs wait --event {event_id}`.")


def _read(file: Path, here: Surroundings) -> bytes:
    """The body of one event; what never ends is read no further than the largest."""
    try:
        content = _content(file, here, most=LARGEST_SIZE + 1)
    except OSError as exc:
        raise CommandError(f"{file} cannot be read: {exc.strerror}.", code=ExitCode.USAGE) from exc
    if len(content) > LARGEST_SIZE:
        raise CommandError(
            f"{file} has more than {LARGEST_SIZE // 1024**2} MiB, and no receiver takes so much; "
            "name a file with the body of one event.",
            code=ExitCode.USAGE,
        )
    return content


def _content(file: Path, here: Surroundings, *, most: int) -> bytes:
    if str(file) == "-":
        return here.input.read(most).encode()
    with file.open("rb") as opened:
        return opened.read(most)


def _this_machine(here: Surroundings) -> str:
    return f"http://127.0.0.1:{here.environ.get('PORT') or DEFAULT_PORT}"
