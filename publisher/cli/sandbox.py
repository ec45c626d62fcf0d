"""`publisher sandbox`: a Genesys Cloud organization in memory, on a port of this machine; and events out of nothing."""

from random import Random
from typing import Annotated

import httpx
import typer

from publisher.cli.console import Console
from publisher.cli.options import JsonOption
from publisher.cli.serving import serve
from publisher.cli.surroundings import Surroundings, run
from publisher.errors import ExitCode, PublisherError, UsageError
from publisher.sandbox import FLOW_ID, FLOW_NAME, EventStyle, Fault, SandboxSettings, WebhookApi, create_sandbox
from publisher.sandbox.emission import Emission, Queue, Tally, WentLive, emit, in_sandbox, out_of_nothing, queue_of
from publisher.sandbox.faults import parse_fault
from publisher.settings import check_url, read_settings

LARGEST_BURST = 100_000

sandbox = typer.Typer(rich_markup_mode=None, help="Serve an organization from memory. To try things, and for tests.")


HostOption = Annotated[str, typer.Option(help="The address to listen on.")]
PortOption = Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on; 0 takes any free one.")]
FaultOption = Annotated[
    list[str] | None,
    typer.Option(help="Misbehave from the start, such as limited:times=3 (docs/sandbox.md). May be repeated."),
]
ClientIdOption = Annotated[
    str | None, typer.Option(envvar="SANDBOX_CLIENT_ID", help="The only client that gets a token.")
]
ClientSecretOption = Annotated[
    str | None, typer.Option(envvar="SANDBOX_CLIENT_SECRET", help="That client's secret.", show_envvar=True)
]
ValidationPollsOption = Annotated[
    int, typer.Option(min=0, help="How many looks at a new version find its validation in progress.")
]
PublishSOption = Annotated[float, typer.Option(min=0, help="How many seconds a publish action takes.")]
JobPollsOption = Annotated[int, typer.Option(min=0, help="How many looks at a publish or export job find it started.")]
JobSOption = Annotated[float, typer.Option(min=0, help="How many seconds a publish job takes.")]
RatePerMinuteOption = Annotated[int, typer.Option(min=1, help="How many calls a client may make in a minute.")]
DenyOption = Annotated[
    list[str] | None,
    typer.Option(metavar="PERMISSION", help="A permission that no client has. May be repeated."),
]
EventStyleOption = Annotated[EventStyle, typer.Option(help="How publications are told.")]
WebhookApiOption = Annotated[WebhookApi, typer.Option(help="How much the organization knows of webhook registrations.")]


@sandbox.callback(invoke_without_command=True)
def serve_sandbox(
    context: typer.Context,
    *,
    host: HostOption = "127.0.0.1",
    port: PortOption = 8090,
    fault: FaultOption = None,
    client_id: ClientIdOption = None,
    client_secret: ClientSecretOption = None,
    validation_polls: ValidationPollsOption = 1,
    publish_s: PublishSOption = 0.0,
    job_polls: JobPollsOption = 1,
    job_s: JobSOption = 0.0,
    rate_per_minute: RatePerMinuteOption = 3000,
    deny: DenyOption = None,
    event_style: EventStyleOption = EventStyle.WEBHOOK,
    webhook_api: WebhookApiOption = WebhookApi.FULL,
) -> None:
    """Serve a Genesys Cloud organization from memory, to try things out and for tests."""
    if context.invoked_subcommand is not None:
        return
    settings = SandboxSettings(
        client_id=client_id or None,
        client_secret=client_secret or None,
        validation_polls=validation_polls,
        publish_s=publish_s,
        job_polls=job_polls,
        job_s=job_s,
        rate_per_minute=rate_per_minute,
        denied=tuple(deny or ()),
        event_style=event_style,
        webhook_api=webhook_api,
        faults=tuple(_parsed(text) for text in fault or ()),
    )
    serve(create_sandbox(settings), host=host, port=port)


@sandbox.command("emit")
def emit_events(
    context: typer.Context,
    *,
    url: Annotated[
        str | None, typer.Option(help="The receiver's whole URL, path included. [default: CI_WEBHOOK_URL]")
    ] = None,
    sandbox_url: Annotated[
        str | None,
        typer.Option("--sandbox", metavar="URL", help="A running sandbox in which the versions really go live first."),
    ] = None,
    burst: Annotated[int, typer.Option(min=1, max=LARGEST_BURST, help="How many publications.")] = 1,
    duplicate: Annotated[bool, typer.Option("--duplicate", help="Send every event twice, with the same id.")] = False,
    reorder: Annotated[bool, typer.Option("--reorder", help="Send them in another order than they happened.")] = False,
    drop: Annotated[bool, typer.Option("--drop", help="Never send one in five.")] = False,
    style: Annotated[EventStyle, typer.Option(help="In which form.")] = EventStyle.WEBHOOK,
    flow_id: Annotated[str, typer.Option(help="The flow's id.")] = FLOW_ID,
    flow_name: Annotated[str, typer.Option(help="The flow's name.")] = FLOW_NAME,
    first_version: Annotated[int, typer.Option(min=1, help="The number of the first version.")] = 1,
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="How many are sent at the same time.")] = 1,
    seed: Annotated[int | None, typer.Option(help="Makes --reorder and --drop do the same again.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Send events of publications straight to a receiver.

    To see what it makes of them. No sandbox is needed.

    With --sandbox each version is published there first, so that a receiver which polls it finds what was dropped.
    The secret comes from CI_WEBHOOK_SECRET. Exit codes: 0 every event was taken, 1 one was not.
    """
    around: Surroundings = context.obj
    emission = Emission(
        burst=burst,
        first_version=first_version,
        duplicates=duplicate,
        reorders=reorder,
        drops=drop,
        style=style,
        flow_id=flow_id,
        flow_name=flow_name,
    )
    target, secret = _target(around, url)
    check_url(sandbox_url, name="--sandbox")
    rng = around.rng if seed is None else Random(seed)  # noqa: S311 - an order, no secret
    console = around.console(as_json=as_json)
    went_live = out_of_nothing(emission, now=around.clock())
    if sandbox_url is not None:
        went_live = run(_published(around, emission, url=sandbox_url))
    queue = queue_of(emission, went_live, new_id=around.new_id, rng=rng)
    with console.progress():
        console.stage(f"Sending {_events(len(queue.events))} to {target}")
        tally = run(_emitted(around, queue, url=target, secret=secret, concurrency=concurrency, console=console))
    _report(tally, queue, console)
    if tally.taken < tally.sent:
        raise typer.Exit(ExitCode.FAILED)


async def _published(around: Surroundings, emission: Emission, *, url: str) -> list[WentLive]:
    async with httpx.AsyncClient(transport=around.transport, trust_env=False) as http:
        try:
            return await in_sandbox(http, emission, url=url)
        except (httpx.HTTPError, ValueError) as exc:
            message = f"Flow {emission.flow_id!r} could not be published in the sandbox at {url}: {exc}"
            raise PublisherError(f"{message}. No event was sent.", code="network") from exc


async def _emitted(
    around: Surroundings, queue: Queue, *, url: str, secret: str, concurrency: int, console: Console
) -> Tally:
    answers = 0

    def heard() -> None:
        nonlocal answers
        answers += 1
        console.detail(f"{answers} of {len(queue.events)}")

    limits = httpx.Limits(max_connections=concurrency)
    agent = {"User-Agent": "flow-relay-sandbox"}
    async with httpx.AsyncClient(transport=around.transport, limits=limits, headers=agent, trust_env=False) as http:
        return await emit(http, queue, url=url, secret=secret, concurrency=concurrency, heard=heard)


def _target(around: Surroundings, url: str | None) -> tuple[str, str]:
    settings = read_settings(around.environ)
    target = url or settings.webhook_url
    check_url(target, name="--url")
    if not target:
        raise UsageError("Give the receiver's URL with --url or CI_WEBHOOK_URL.")
    if not settings.webhook_secret:
        raise UsageError("CI_WEBHOOK_SECRET is not set; it must hold the secret that the receiver knows.")
    return target, settings.webhook_secret


def _report(tally: Tally, queue: Queue, console: Console) -> None:
    answers = {str(status or "no answer"): count for status, count in sorted(tally.statuses.items(), key=str)}
    if set(tally.statuses) == {None}:
        raise PublisherError("No event was answered: is the receiver running, and is that its URL?", code="network")
    told = {"result": "emitted", "sent": tally.sent, "taken": tally.taken, "dropped": list(queue.dropped)}
    counts = ", ".join(f"{count} x {answer}" for answer, count in answers.items())
    lost = f"; {len(queue.dropped)} never sent" if queue.dropped else ""
    sentence = f"Sent {_events(tally.sent)}, {tally.taken} taken; answers: {counts}{lost}."
    console.result(told | {"answers": answers}, sentence)


def _events(number: int) -> str:
    return "1 event" if number == 1 else f"{number} events"


def _parsed(text: str) -> Fault:
    try:
        return parse_fault(text)
    except ValueError as exc:
        raise UsageError(f"--fault: {exc}") from exc
