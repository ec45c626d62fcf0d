"""`publisher versions`: every version of a flow, and which one is live."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import typer

from publisher.cli.desk import DEFAULT_TIMEOUT_S, Desk
from publisher.cli.options import ConfigOption, EnvOption, JsonOption, TimeoutOption
from publisher.cli.tables import Row, write_list
from publisher.cli.values import SetOption, ValuesOption, ValueSources
from publisher.cli.wanted import FlowArgument, wanted_flow
from publisher.finding import find
from publisher.genesys.client import GenesysClient
from publisher.genesys.model import Flow, FlowVersion

HEADINGS = ("Version", "Type", "Made (UTC)", "By", "Live")
NOBODY = "?"


def versions(
    context: typer.Context,
    flow: FlowArgument,
    *,
    settings: SetOption = None,
    values: ValuesOption = None,
    env: EnvOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_S,
    config: ConfigOption = None,
) -> None:
    """List the versions of a flow, the newest first: who made each, when, and which one is live.

    Exit codes: 0 listed, 3 there is no such flow, 4 not allowed, 75 try again later (docs/exit-codes.md).
    """
    desk = Desk.of(context, as_json=as_json, config=config, env=env, timeout_s=timeout)
    sources = ValueSources.of(settings, values, desk.project.config, env=env)
    wanted = wanted_flow(flow, desk.project, sources)

    async def read(client: GenesysClient) -> tuple[Flow, list[FlowVersion]]:
        found = await find(client, wanted, environment=desk.project.environment)
        return found, await client.versions(found.id)

    found, known = desk.do(read)
    write_list(desk.console, list(rows(found, known)), headings=HEADINGS, foldable={"Live"}, as_json=as_json)
    if not known:
        desk.console.say(f"Flow {found.name!r} has no version.")


def rows(flow: Flow, known: Sequence[FlowVersion]) -> Iterator[Row]:
    """The versions of a flow, the newest first."""
    for version in newest_first(known):
        is_live = version.id == flow.published_version_id
        yield Row(
            fields={
                "flow_id": flow.id,
                "flow_name": flow.name,
                "version_id": version.id,
                "version_number": version.number,
                "type": version.type,
                "created_at": written(version.date_created),
                "created_by": version.created_by,
                "published_at": written(version.date_published),
                "is_live": is_live,
            },
            cells=(
                version.id,
                (version.type or NOBODY).lower(),
                minute(version.date_created),
                version.created_by or NOBODY,
                live_in_words(version, is_live=is_live),
            ),
        )


def newest_first(known: Sequence[FlowVersion]) -> list[FlowVersion]:
    """The versions by their numbers; those without one after the others."""
    return sorted(known, key=lambda version: version.number if version.number is not None else -1, reverse=True)


def live_in_words(version: FlowVersion, *, is_live: bool) -> str:
    """Whether a version is live, and since when or from when on it was."""
    at = minute(version.date_published) if version.date_published else ""
    if is_live:
        return f"live since {at}" if at else "live"
    return f"from {at} on" if at else ""


def written(at: datetime | None) -> str | None:
    """A time for machines."""
    return at.isoformat() if at else None


def minute(at: datetime | None) -> str:
    """A time for people, to the minute."""
    return f"{at:%Y-%m-%d %H:%M}" if at else NOBODY
