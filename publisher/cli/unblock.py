"""`publisher unblock`: lets blocked content go live again."""

import re
from collections.abc import Sequence
from typing import Annotated

import httpx
import typer

from publisher.cli.ledgers import StateOption, need_ledger, open_ledger
from publisher.cli.options import ConfigOption, DryRunOption, EnvOption, JsonOption, YesOption
from publisher.cli.person import agree
from publisher.cli.project import read_project
from publisher.cli.surroundings import Surroundings, run
from publisher.cli.values import ValueSources
from publisher.cli.wanted import wanted_flow
from publisher.errors import NotFoundError
from publisher.finding import Wanted
from publisher.ledger.ledger import Ledger
from publisher.ledger.model import Block
from publisher.problems import quoted
from publisher.provenance import provenance_of

HASH = re.compile(r"(?:sha256:)?([0-9a-f]{8,64})")


WhatArgument = Annotated[
    str, typer.Argument(metavar="FLOW|HASH", help="A flow: all its content; or the hash of one, or its beginning.")
]


def unblock(
    context: typer.Context,
    what: WhatArgument,
    *,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    state: StateOption = None,
    env: EnvOption = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Let content go live again that a rollback has blocked.

    `publisher rollback --block` keeps it from going live. Only the ledger is asked and told (the receiver, or
    --state FILE), not Genesys Cloud.

    Exit codes: 0 unblocked, 2 nothing tells what is blocked, 3 nothing of it is blocked.
    """
    around: Surroundings = context.obj
    project = read_project(around.environ, config_file=config, env=env)
    console = around.console(as_json=as_json)
    wanted = None
    if not HASH.fullmatch(what):
        wanted = wanted_flow(what, project, ValueSources.of(None, None, project.config, env=env))

    async def work() -> Sequence[Block]:
        async with (
            httpx.AsyncClient(transport=around.transport) as http,
            open_ledger(around, project, http, state=state, writes=not dry_run) as found,
        ):
            ledger = need_ledger(found, doing="unblock content")
            blocks = await blocks_of(ledger, what, wanted)
            if not blocks:
                raise NotFoundError(f"Nothing of {quoted(what)} is blocked.", code="content.not-blocked")
            if not dry_run:
                agree(around, project.environment, f"unblock {quoted(what)}", yes=yes)
                for block in blocks:
                    await ledger.unblock(block, actor=provenance_of(around.environ).actor)
            return blocks

    for block in run(work()):
        name = quoted(block.flow_name or block.flow_id)
        fields = {"flow_id": block.flow_id, "flow_name": block.flow_name, "content_hash": block.content_hash}
        if dry_run:
            console.result({"result": "dry_run", **fields}, f"would unblock {block.content_hash} of {name}")
        else:
            console.result({"result": "unblocked", **fields}, f"{block.content_hash} of {name} may go live again.")


async def blocks_of(ledger: Ledger, what: str, wanted: Wanted | None) -> list[Block]:
    """The blocks that are meant: of a flow by its id or name, or of content by its hash."""
    if wanted is not None and wanted.flow_id is not None:
        return list((await ledger.of_flow(wanted.flow_id)).blocks)
    known = [block for flow in await ledger.flows(environment=None) for block in flow.blocks]
    if wanted is not None:
        return [block for block in known if block.flow_name == wanted.name]
    beginning = f"sha256:{what.removeprefix('sha256:')}"
    return [block for block in known if block.content_hash.startswith(beginning)]
