"""`publisher init`: looks at an organization, and writes the files that a project begins with."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from publisher import starting
from publisher.cli.connection import connect
from publisher.cli.console import Console
from publisher.cli.options import JsonOption
from publisher.cli.project import read_environments
from publisher.cli.questions import Answers, asked, from_variables
from publisher.cli.surroundings import Surroundings, run
from publisher.deadline import Deadline
from publisher.environments import FILE
from publisher.errors import UsageError
from publisher.genesys.client import GenesysClient
from publisher.genesys.errors import MissingError, NotAllowedError
from publisher.genesys.model import Flow, Organization
from publisher.settings import read_settings
from publisher.starting import MOST_FLOWS, Beginning, Ci, NewFile
from publisher.whole_file import write_new

TIMEOUT_S = 120.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What the organization shows."""

    organization: Organization | None
    flows: Sequence[Flow]


def init(
    context: typer.Context,
    *,
    env: Annotated[
        str | None, typer.Option("--env", metavar="NAME", help="What to call the environment. [default: asked, or dev]")
    ] = None,
    from_env: Annotated[
        bool, typer.Option("--from-env", help="Ask nothing: take region and credentials from the variables.")
    ] = False,
    gitlab: Annotated[
        bool, typer.Option("--gitlab", help="Write a pipeline for GitLab, not a workflow for GitHub.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Look at an organization, and write a project's first files.

    Asks for the region and for an OAuth client, lists the organization's flows, and writes config/environments.yaml,
    config/publisher.yaml, config/receiver.yaml, example.env, and a workflow for CI. A file that is there already stays
    as it is. No secret is written anywhere.
    """
    around: Surroundings = context.obj
    console = around.console(as_json=as_json)
    answers = from_variables(around.environ, env) if from_env else asked(around, env, console=console)
    with console.progress():
        console.stage("Asking Genesys Cloud")
        seen = run(_look(around, answers, console=console))
    _show(seen.flows, console=console)
    beginning = Beginning(
        environment=answers.name,
        place=answers.place.entry,
        organization=seen.organization.id if seen.organization else None,
        organization_name=seen.organization.name if seen.organization else None,
        client_id=answers.client_id,
        client_secret=answers.client_secret,
        flows=seen.flows,
        receiver_url=_receiver_url(read_settings(around.environ).webhook_url),
        ci=Ci.GITLAB if gitlab else Ci.GITHUB,
        version=version("flow-relay"),
    )
    _write(beginning, console=console)
    console.say(f"Next: {_next(answers)}")


async def _look(around: Surroundings, answers: Answers, *, console: Console) -> Seen:
    hosts, credentials = answers.place.hosts, answers.credentials
    async with (
        connect(around, hosts=hosts, credentials=credentials, voice=console.voice) as connection,
        Deadline(TIMEOUT_S).limit("looking at the organization"),
    ):
        await connection.client.authenticate()
        organization = await _organization(connection.client, console=console)
        return Seen(organization=organization, flows=await _flows(connection.client, console=console))


async def _organization(client: GenesysClient, *, console: Console) -> Organization | None:
    try:
        found = await client.organization()
    except (MissingError, NotAllowedError) as exc:
        console.warn(f"which organization this is, is not known: {exc}")
        return None
    who = f"{found.name} ({found.id})" if found.name else found.id
    console.say(f"These are credentials of the organization {who}.")
    return found


async def _flows(client: GenesysClient, *, console: Console) -> Sequence[Flow]:
    try:
        return sorted(await client.flows(), key=lambda flow: (flow.name or "", flow.type or ""))
    except (MissingError, NotAllowedError) as exc:
        console.warn(f"the flows cannot be listed: {exc}")
        return ()


def _show(flows: Sequence[Flow], *, console: Console) -> None:
    for flow in flows[:MOST_FLOWS]:
        live = f"live: {flow.published_version_id}" if flow.published_version_id else "not live"
        fields = {"flow_id": flow.id, "name": flow.name, "type": flow.type, "live": flow.published_version_id}
        console.row(fields, f"  {flow.name or flow.id}  ({flow.type}, {live})")
    if len(flows) > MOST_FLOWS:
        console.say(f"  and {len(flows) - MOST_FLOWS} flows more")


def _receiver_url(webhook_url: str | None) -> str | None:
    """Where the receiver is, from the whole URL of its door; None where that cannot be told."""
    url, door, _ = (webhook_url or "").partition("/webhooks/")
    return url if door else None


def _write(beginning: Beginning, *, console: Console) -> None:
    kept = []
    for file in starting.new_files(beginning):
        if _is_written(file):
            console.row({"result": "written", "file": file.path}, f"wrote {file.path}")
        else:
            kept.append(file.path)
            console.row({"result": "kept", "file": file.path}, f"{file.path} stays as it is")
    if FILE in kept:
        _hint(beginning, console=console)


def _is_written(file: NewFile) -> bool:
    try:
        return write_new(Path(file.path), file.text)
    except OSError as exc:
        raise UsageError(f"{file.path}: cannot be written: {exc.strerror}.") from exc


def _hint(beginning: Beginning, *, console: Console) -> None:
    """Say what an environments file that was there lacks."""
    if beginning.environment not in read_environments():
        lines = "\n".join(starting.environment_lines(beginning))
        console.say(f"To have environment {beginning.environment!r}, add this to {FILE}:\n{lines}")


def _next(answers: Answers) -> str:
    doctor = f"publisher doctor --env {answers.name}"
    if answers.is_set:
        return doctor
    return f"cp example.env .env, fill it in, load it with `set -a; . ./.env; set +a`, then `{doctor}`"
