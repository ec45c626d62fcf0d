"""`publisher drift`: what others have changed since we last published."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from publisher.cli.connection import Connection
from publisher.cli.desk import Desk
from publisher.cli.ledgers import StateOption, need_ledger, open_ledger
from publisher.cli.options import ConfigOption, EnvOption, JsonOption, TimeoutOption
from publisher.cli.project import configured_files
from publisher.cli.tables import Row, table_lines, write_list
from publisher.cli.values import SetOption, ValuesOption, ValueSources
from publisher.cli.versions import minute, written
from publisher.cli.wanted import wanted_flow
from publisher.drifting import Look, look_for_drift
from publisher.errors import ExitCode, UsageError
from publisher.finding import Wanted
from publisher.reports import counted

DEFAULT_TIMEOUT_S = 600.0
HEADINGS = ("Flow", "Live", "By", "Since (UTC)", "Drift")
NOBODY = "?"


def drift(
    context: typer.Context,
    flows: Annotated[
        list[str] | None,
        typer.Argument(metavar="FLOW", help="Only these: each by its id, its exact name, or its file."),
    ] = None,
    *,
    state: StateOption = None,
    settings: SetOption = None,
    values: ValuesOption = None,
    env: EnvOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_S,
    config: ConfigOption = None,
) -> None:
    """List what others have changed in the organization.

    That is versions that they put live, and flows that they took off, deleted or renamed. Without FLOW it looks at
    every flow that was published or adopted here, and at those of the configured files. Nothing is changed, so it suits
    a nightly job. What to do about drift: docs/state.md.

    Exit codes: 0 all is as it was left, 9 something has drifted, 2 nothing tells what was published, 75 try again.
    """
    desk = Desk.of(context, as_json=as_json, config=config, env=env, timeout_s=timeout)
    sources = ValueSources.of(settings, values, desk.project.config, env=env)
    wanted = list(wanted_flows(flows, desk, sources))
    looks = desk.do_connected(lambda connection: looked(connection, desk, wanted, state=state, whole=not flows))
    if not looks and state is not None and not state.exists():  # a slip of the pen would let every night pass
        raise UsageError(
            f"--state {state}: there is no such file, so nothing tells what was published; the first"
            " `publisher publish` or `publisher adopt` makes it."
        )
    table = partial(table_lines, headings=HEADINGS, foldable={"Drift"})
    write_list(desk.console, list(rows(looks)), table, as_json=as_json)
    drifted = [look for look in looks if look.drift is not None]
    desk.console.say(f"{counted(len(looks), 'flow')}, {len(drifted)} drifted.")
    if drifted:
        raise typer.Exit(ExitCode.CONFLICT)


async def looked(
    connection: Connection, desk: Desk, wanted: Sequence[Wanted], *, state: Path | None, whole: bool
) -> list[Look]:
    """What was found of the flows; the ledger is only read."""
    environment = desk.project.environment
    async with open_ledger(desk.around, desk.project, connection.http, state=state, writes=False) as ledger:
        known = need_ledger(ledger, doing="see drift")
        return await look_for_drift(connection.client, known, wanted, environment=environment, whole=whole)


def wanted_flows(flows: Sequence[str] | None, desk: Desk, sources: ValueSources) -> Iterator[Wanted]:
    """The flows that were named; else those of the configured files, as far as these can be read."""
    if flows:
        yield from (wanted_flow(text, desk.project, sources) for text in dict.fromkeys(flows))
        return
    for file in configured_files(desk.project.config):
        try:
            yield wanted_flow(str(file), desk.project, sources)
        except UsageError as exc:
            desk.console.warn(str(exc))


def rows(looks: Sequence[Look]) -> Iterator[Row]:
    """A row for each flow."""
    for look in looks:
        flow, drift, last = look.flow, look.drift, look.ledger.last
        live = flow.published_version_id if flow else None
        by, at = (flow.published_by, flow.published_at) if flow else (None, None)
        yield Row(
            fields={
                "flow_id": look.ledger.flow_id,
                "flow_name": look.name,
                "drift": drift.kind if drift else None,
                "message": drift.sentence if drift else None,
                "live": live,
                "published_by": by,
                "published_at": written(at),
                "known": last.version_id if last else None,
                "known_at": written(last.at) if last else None,
            },
            cells=(
                look.name,
                live or "nothing",
                by or NOBODY if live else "",
                minute(at) if live else "",
                drift.sentence if drift else "none",
            ),
        )
