"""`publisher webhook`: the registration by which Genesys Cloud calls the receiver."""

from collections.abc import Sequence
from typing import Annotated

import typer

from publisher import registration
from publisher.cli.console import Console
from publisher.cli.desk import DEFAULT_TIMEOUT_S, Desk
from publisher.cli.options import ConfigOption, DryRunOption, EnvOption, JsonOption, TimeoutOption, YesOption
from publisher.cli.project import Project
from publisher.errors import NotFoundError, UsageError
from publisher.genesys.client import GenesysClient
from publisher.genesys.errors import MissingError
from publisher.genesys.model import Registration, RegistrationDraft
from publisher.settings import URLS

webhook = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="See to our webhook registration.")


@webhook.command()
def ensure(
    context: typer.Context,
    *,
    dry_run: DryRunOption = False,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_S,
    yes: YesOption = False,
    env: EnvOption = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Register the webhook, or bring its registration up to date.

    The receiver's URL and the secret come from CI_WEBHOOK_URL and CI_WEBHOOK_SECRET. An existing registration is found
    by its name and updated where URL, events or secret differ; there is never a second one.
    """
    desk = Desk.of(context, as_json=as_json, config=config, env=env, timeout_s=timeout)
    draft = _wanted(desk.project)
    desk.agree("register the webhook", yes=yes or dry_run)
    desk.do(lambda client: _preview(client, draft, desk.console) if dry_run else _ensure(client, draft, desk.console))


@webhook.command("list")
def list_(
    context: typer.Context,
    *,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_S,
    env: EnvOption = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """List all webhook registrations of the organization. Their secrets are never shown."""
    desk = Desk.of(context, as_json=as_json, config=config, env=env, timeout_s=timeout)
    desk.do(lambda client: _list(client, desk.console))


@webhook.command()
def delete(
    context: typer.Context,
    registration_ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="ID", help=f"Which ones; without any, those named {registration.NAME!r}."),
    ] = None,
    *,
    dry_run: DryRunOption = False,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_S,
    yes: YesOption = False,
    env: EnvOption = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Delete our webhook registration, or the ones whose ids are given."""
    desk = Desk.of(context, as_json=as_json, config=config, env=env, timeout_s=timeout)
    desk.agree("delete webhook registrations", yes=yes or dry_run)
    desk.do(lambda client: _delete(client, registration_ids or [], dry_run=dry_run, console=desk.console))


async def _ensure(client: GenesysClient, draft: RegistrationDraft, console: Console) -> None:
    ensured = await registration.ensure(client, draft)
    fields = {"result": ensured.change, **_fields(ensured.registration), "differences": ensured.plan.differences}
    console.result(fields, f"{registration.sentence(ensured)}.")


async def _preview(client: GenesysClient, draft: RegistrationDraft, console: Console) -> None:
    todo = await registration.preview(client, draft)
    fields = {"result": "dry_run", "change": todo.change, "differences": todo.differences}
    console.result(fields, f"would {registration.intention(todo)}")


async def _list(client: GenesysClient, console: Console) -> None:
    found = await client.registrations()
    for each in found:
        console.row(_fields(each), f"{each.id}  {each.name}  {', '.join(each.events)} → {each.endpoint_url}")
    if not found:
        console.say("There are no webhook registrations. `publisher webhook ensure` makes ours.")


async def _delete(client: GenesysClient, ids: Sequence[str], *, dry_run: bool, console: Console) -> None:
    doomed = list(dict.fromkeys(ids)) or [each.id for each in registration.named(await client.registrations())]
    if not doomed:
        raise NotFoundError(f"There is no webhook registration named {registration.NAME!r}; nothing was deleted.")
    for each in doomed:
        if dry_run:
            console.result({"result": "dry_run", "id": each}, f"would delete the webhook registration {each}")
        else:
            await _delete_one(client, each)
            console.result({"result": "deleted", "id": each}, f"Deleted the webhook registration {each}.")


async def _delete_one(client: GenesysClient, registration_id: str) -> None:
    try:
        await client.delete_registration(registration_id)
    except MissingError as exc:
        raise NotFoundError(f"There is no webhook registration {registration_id!r}.", code=exc.code) from exc


def _wanted(project: Project) -> RegistrationDraft:
    url, secret = project.webhook_url, project.settings.webhook_secret
    if url and secret:
        return registration.wanted(url=url, secret=secret)
    needed = (
        (url, f"CI_WEBHOOK_URL is not set: where the receiver listens, such as {URLS['webhook_url']}."),
        (secret, "CI_WEBHOOK_SECRET is not set: what the receiver knows Genesys Cloud by, the same value as there."),
    )
    raise UsageError("\n".join(sentence for value, sentence in needed if not value))


def _fields(each: Registration) -> dict[str, object]:
    return {
        "id": each.id,
        "name": each.name,
        "description": each.description,
        "type": each.type,
        "endpoint_url": each.endpoint_url,
        "events": list(each.events),
    }
