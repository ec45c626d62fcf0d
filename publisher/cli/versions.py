"""`publisher versions`: every version of a flow, and which one is live."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial

import typer

from publisher.cli.desk import DEFAULT_TIMEOUT_S, Desk
from publisher.cli.ledgers import StateOption
from publisher.cli.options import ConfigOption, EnvOption, JsonOption, TimeoutOption
from publisher.cli.tables import Row, table_or_notes, write_list
from publisher.cli.values import SetOption, ValuesOption, ValueSources
from publisher.cli.wanted import FlowArgument, wanted_flow
from publisher.finding import find
from publisher.genesys.client import GenesysClient
from publisher.genesys.model import Flow, FlowVersion
from publisher.ledger.ledger import Ledger
from publisher.ledger.model import Deed, FlowLedger, LedgerEntry

HEADINGS = ("Version", "State", "Made (UTC)", "By", "Live from (UTC)", "From")
COMMIT_CHARS = 10


def versions(
    context: typer.Context,
    flow: FlowArgument,
    *,
    state: StateOption = None,
    settings: SetOption = None,
    values: ValuesOption = None,
    env: EnvOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_S,
    config: ConfigOption = None,
) -> None:
    """List the versions of a flow, the newest first.

    Who made each, when, which one is live, and what it came from.

    Exit codes: 0 listed, 3 there is no such flow, 4 not allowed, 75 try again later (docs/exit-codes.md).
    """
    desk = Desk.of(context, as_json=as_json, config=config, env=env, timeout_s=timeout)
    sources = ValueSources.of(settings, values, desk.project.config, env=env)
    wanted = wanted_flow(flow, desk.project, sources)

    async def read(client: GenesysClient, ledger: Ledger | None) -> tuple[Flow, list[FlowVersion], FlowLedger]:
        found = await find(client, wanted, environment=desk.project.environment)
        known = await ledger.of_flow(found.id) if ledger is not None else FlowLedger(flow_id=found.id)
        return found, await client.versions(found.id), known

    found, there, known = desk.do_knowing(read, state=state)
    table = partial(table_or_notes, headings=HEADINGS, notes=("From", "By"))
    write_list(desk.console, list(rows(found, there, known)), table, as_json=as_json)
    if not there:
        desk.console.say(f"Flow {found.name!r} has no version.")


def rows(flow: Flow, versions: Sequence[FlowVersion], known: FlowLedger) -> Iterator[Row]:
    """The versions of a flow, the newest first."""
    for version in newest_first(versions):
        is_live, entry = version.id == flow.published_version_id, known.entry_of(version.id)
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
                "deed": entry.deed.value if entry else None,
                "commit": entry.commit if entry else None,
                "file": entry.file if entry else None,
                "actor": entry.actor if entry else None,
            },
            cells=(
                version.id,
                "live" if is_live else (version.type or "").lower(),
                minute(version.date_created),
                version.created_by or "",
                minute(version.date_published),
                origin(entry) if entry else "",
            ),
        )


def origin(entry: LedgerEntry) -> str:
    """Where a version of ours came from."""
    what = (entry.commit or "")[:COMMIT_CHARS] or entry.file or "flow-relay"
    return what if entry.deed is Deed.PUBLISHED else f"{what} ({entry.deed.value.replace('_', ' ')})"


def newest_first(known: Sequence[FlowVersion]) -> list[FlowVersion]:
    """The versions by their numbers; those without one after the others."""
    return sorted(known, key=lambda version: version.number if version.number is not None else -1, reverse=True)


def written(at: datetime | None) -> str | None:
    """A time for machines."""
    return at.isoformat() if at else None


def minute(at: datetime | None) -> str:
    """A time for people, to the minute."""
    return f"{at:%Y-%m-%d %H:%M}" if at else ""
