"""`publisher adopt`: takes over what others have put live."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from publisher.cli.connection import Connection
from publisher.cli.desk import Desk
from publisher.cli.drift import wanted_flows
from publisher.cli.exporting import stems, write
from publisher.cli.ledgers import StateOption, need_ledger, open_ledger
from publisher.cli.options import ConfigOption, DryRunOption, EnvOption, JsonOption, TimeoutOption
from publisher.cli.orders import as_named_in, hash_of
from publisher.cli.values import SetOption, ValuesOption, ValueSources
from publisher.contents import Content, live_version, read_content
from publisher.drifting import Look, look_for_drift
from publisher.errors import PublisherError, UsageError
from publisher.finding import Wanted
from publisher.gathering import gathered
from publisher.genesys.client import GenesysClient
from publisher.genesys.errors import RefusedError
from publisher.genesys.model import Flow
from publisher.ledger.ledger import Ledger
from publisher.ledger.model import Deed, LedgerEntry
from publisher.problems import quoted
from publisher.provenance import provenance_of

DEFAULT_TIMEOUT_S = 600.0
AT_ONCE = 4


def adopt(
    context: typer.Context,
    flows: Annotated[
        list[str] | None,
        typer.Argument(metavar="FLOW", help="Flows: each by its id, its exact name, or its file."),
    ] = None,
    *,
    adopt_all: Annotated[bool, typer.Option("--all", help="Every flow that `publisher drift` tells of.")] = False,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="PATH", help="A file, or a folder. [default: the configured file]"),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over files that are there.")] = False,
    no_export: Annotated[
        bool, typer.Option("--no-export", help="Write no file: only know from now on that the version is all right.")
    ] = False,
    dry_run: DryRunOption = False,
    state: StateOption = None,
    settings: SetOption = None,
    values: ValuesOption = None,
    env: EnvOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_S,
    config: ConfigOption = None,
) -> None:
    """Take over what others have put live.

    It is known from now on, and `publish` does not take it for drift. What is live is exported into the flow's file, as
    the config names it, or to --output: the published version, never somebody's draft. No file that is there is written
    over without --force; an export has no placeholders any more, so you may rather write it elsewhere, look at
    `publisher diff`, and bring the change into your own file.

    Exit codes: 0 adopted, 2 a file is there already, or wrong use, 3 no such flow, or nothing of it is live.
    """
    if bool(flows) == adopt_all:
        raise UsageError("Name the flows to adopt, or give --all for every one that has drifted.")
    desk = Desk.of(context, as_json=as_json, config=config, env=env, timeout_s=timeout)
    sources = ValueSources.of(settings, values, desk.project.config, env=env)
    named = list(wanted_flows(flows, desk, sources))
    configured = named if adopt_all else list(wanted_flows(None, desk, sources))
    goal = Destinations(output, [*named, *configured], exports=not no_export, force=force)
    adoption = Adoption(desk=desk, wanted=named, whole=adopt_all, goal=goal, state=state, dry_run=dry_run)
    desk.do_connected(adoption.carry_out)


class Destinations:
    """Where what is live is written to."""

    def __init__(self, output: str | None, files: Sequence[Wanted], *, exports: bool, force: bool) -> None:
        self._output = output
        self._files = files
        self.exports = exports
        self._force = force

    def path(self, flow: Flow, *, among: Sequence[Flow]) -> Path | None:
        """The file for a flow; None where there is none to write."""
        if not self.exports:
            return None
        if self._output is None:
            return next((Path(each.called) for each in self._files if is_file_of(each, flow)), None)
        path = Path(self._output)
        is_folder = len(among) > 1 or self._output.endswith("/") or path.is_dir()
        return path / f"{stems(among)[flow.id]}.yaml" if is_folder else path

    def refuse_to_overwrite(self, path: Path, text: str) -> None:
        """Refuse to write over a file that holds something else."""
        if not self._force and path.exists() and not holds(path, text):
            raise UsageError(
                f"{path}: there is a file already, and nothing was adopted. Give --force to write over it, --output to"
                " write elsewhere, or --no-export to write nothing."
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What is to be adopted: a version that is live, and the file for it."""

    flow: Flow
    version_id: str
    path: Path | None
    content: Content | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Adoption:
    """One run of `publisher adopt`."""

    desk: Desk
    wanted: Sequence[Wanted]
    whole: bool
    goal: Destinations
    state: Path | None
    dry_run: bool

    async def carry_out(self, connection: Connection) -> None:
        """Look, export everything, then write and record: nothing is recorded while something is wrong."""
        desk, client = self.desk, connection.client
        async with open_ledger(
            desk.around, desk.project, connection.http, state=self.state, writes=not self.dry_run
        ) as found:
            ledger = need_ledger(found, doing="adopt a flow")
            looks = await look_for_drift(
                client, ledger, self.wanted, environment=desk.project.environment, whole=self.whole
            )
            for each in await self._found(client, looks):
                await self._adopt(each, ledger)

    async def _found(self, client: GenesysClient, looks: Sequence[Look]) -> list[Found]:
        flows = [look.flow for look in looks if look.flow is not None and self._is_foreign(look)]
        read = await gathered(lambda flow: self._read(client, flow, among=flows), flows, at_once=AT_ONCE)
        for each in read:
            if each.path is not None and each.content is not None:
                self.goal.refuse_to_overwrite(each.path, each.content.text)
        return read

    def _is_foreign(self, look: Look) -> bool:
        """Whether there is something to adopt; where not, that is said."""
        if look.drift is None:
            if not self.whole:
                self.desk.console.say(f"{look.name}: what is live is as flow-relay left it; there is nothing to adopt.")
            return False
        if look.flow is not None and look.flow.published_version_id is None and self.whole:
            self.desk.console.say(f"{look.name}: {look.drift.sentence}. There is nothing to adopt.")
            return False
        return look.flow is not None

    async def _read(self, client: GenesysClient, flow: Flow, *, among: Sequence[Flow]) -> Found:
        version_id = live_version(flow)
        path = self.goal.path(flow, among=among)
        if path is None:
            return Found(flow=flow, version_id=version_id, path=None, content=None)
        try:
            content = await read_content(client, flow, version_id)
        except (RefusedError, PublisherError) as exc:
            raise PublisherError(
                f"{exc} Nothing was adopted. --no-export adopts it without its file.", code="export.failed"
            ) from exc
        return Found(flow=flow, version_id=version_id, path=path, content=content)

    async def _adopt(self, found: Found, ledger: Ledger) -> None:
        flow, path, content = found.flow, found.path, found.content
        name = quoted(flow.name or flow.id)
        where = f", and write it to {path}" if path else ""
        if self.dry_run:
            would = f"adopt {found.version_id} of {name}{where}"
            self.desk.console.result({"result": "dry_run", "would": [would]}, f"would {would}")
            return
        if path is not None and content is not None:
            write(path, content.text)
        await ledger.adopt(self._entry(found))
        fields = {
            "result": "adopted",
            "flow_id": flow.id,
            "flow_name": flow.name,
            "version_id": found.version_id,
            "file": str(path) if path else None,
        }
        more = f"; it is in {path}" if path else ", without a file: --output PATH writes one"
        more = ", without a file" if not self.goal.exports else more
        self.desk.console.result(fields, f"adopted {found.version_id} of {name}{more}.")

    def _entry(self, found: Found) -> LedgerEntry:
        here, environment = provenance_of(self.desk.around.environ), self.desk.project.environment
        return LedgerEntry(
            flow_id=found.flow.id,
            flow_name=found.flow.name,
            version_id=found.version_id,
            at=self.desk.around.clock(),
            deed=Deed.ADOPTED,
            content_hash=self._hash(found),
            file=str(found.path) if found.path else None,
            actor=here.actor,
            environment=environment.name or here.environment,
        )

    def _hash(self, found: Found) -> str | None:
        """The hash by which the file is known again; None where there is none that could be published."""
        if found.content is None or found.path is None:
            return None
        flow = found.content.read(called=str(found.path))
        return hash_of(as_named_in(self.desk.project.environment, flow)) if flow.name else None


def is_file_of(wanted: Wanted, flow: Flow) -> bool:
    """Whether something that was named is the file of a flow."""
    if not Path(wanted.called).is_file():
        return False
    if wanted.flow_id is not None:
        return wanted.flow_id == flow.id
    return wanted.name == flow.name and wanted.type in {None, flow.type}


def holds(path: Path, text: str) -> bool:
    """Whether a file holds just this text."""
    try:
        return path.read_text(encoding="utf-8") == text
    except (OSError, UnicodeDecodeError):
        return False
