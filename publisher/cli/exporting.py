"""`publisher export`: versions of flows as files."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from publisher.cli.desk import Desk
from publisher.cli.options import ConfigOption, EnvOption, JsonOption, TimeoutOption
from publisher.cli.values import SetOption, ValuesOption, ValueSources
from publisher.cli.wanted import wanted_flow
from publisher.contents import LIVE, Content, find_version, read_content
from publisher.errors import UsageError
from publisher.finding import Wanted, find
from publisher.gathering import gathered
from publisher.genesys.client import GenesysClient
from publisher.genesys.model import Flow
from publisher.whole_file import write_whole

DEFAULT_TIMEOUT_S = 600.0
"""An export job may take a minute and a half, and be tried again."""
AT_ONCE = 4


FlowsArgument = Annotated[
    list[str], typer.Argument(metavar="FLOW", help="Flows: each by its id, its exact name, or its file.")
]
VersionOption = Annotated[str, typer.Option("--version", metavar="V", help="An id or a number, `live`, or `latest`.")]
OutputOption = Annotated[
    str | None,
    typer.Option("--output", "-o", metavar="PATH", help="A file, or a folder for a file each; else stdout."),
]
ForceOption = Annotated[bool, typer.Option("--force", help="Write over files that are there.")]


def export(
    context: typer.Context,
    flows: FlowsArgument,
    *,
    version: VersionOption = LIVE,
    output: OutputOption = None,
    force: ForceOption = False,
    settings: SetOption = None,
    values: ValuesOption = None,
    env: EnvOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_S,
    config: ConfigOption = None,
) -> None:
    """Export what is live as Archy files, never a draft.

    What the organization gives is written as it is, whole or not at all, and over no file that is there.

    Exit codes: 0 exported, 2 a file is there already, 3 there is no such flow or version, 75 try again later.
    """
    if output is None and len(flows) > 1:
        raise UsageError("Several flows do not go to stdout together: give a folder with --output.")
    desk = Desk.of(context, as_json=as_json, config=config, env=env, timeout_s=timeout)
    sources = ValueSources.of(settings, values, desk.project.config, env=env)
    wanted = [wanted_flow(text, desk.project, sources) for text in dict.fromkeys(flows)]
    goal = Goal(output, is_folder=len(wanted) > 1, force=force)
    contents = desk.do(lambda client: read_contents(client, wanted, version=version, desk=desk, goal=goal))
    if output is None:
        desk.around.out.write(contents[0].text)
        desk.around.out.flush()
        return
    for content in contents:
        path = goal.path(content)
        write(path, content.text)
        sentence = f"{path}: version {content.version_id} of {content.flow.name!r}"
        desk.console.result({"result": "exported", "file": str(path), **fields(content)}, sentence)


class Goal:
    """Where exported files go."""

    def __init__(self, output: str | None, *, is_folder: bool, force: bool) -> None:
        self._output = Path(output or "")
        self._is_folder = output is not None and (is_folder or output.endswith("/") or self._output.is_dir())
        self._is_stdout = output is None
        self._force = force
        self._stems: Mapping[str, str] = {}

    def prepare(self, flows: Sequence[Flow]) -> None:
        """Give each flow its name of a file, and refuse those that are there."""
        self._stems = stems(flows)
        if self._is_stdout or self._force:
            return
        found = [path for flow in flows for path in self._possible(flow) if path.exists()]
        if found:
            raise UsageError(f"{', '.join(map(str, found))}: there is a file already. Give --force to write over it.")

    def path(self, content: Content) -> Path:
        """The file for a version."""
        return self._path(content.flow, content.suffix)

    def _possible(self, flow: Flow) -> list[Path]:
        return list(dict.fromkeys(self._path(flow, suffix) for suffix in (".yaml", ".json")))

    def _path(self, flow: Flow, suffix: str) -> Path:
        return self._output / f"{self._stems[flow.id]}{suffix}" if self._is_folder else self._output


async def read_contents(
    client: GenesysClient, wanted: Sequence[Wanted], *, version: str, desk: Desk, goal: Goal
) -> list[Content]:
    """The versions that are to be exported; nothing is asked of the exporter while something is wrong with them."""
    environment = desk.project.environment
    found = await gathered(lambda each: find(client, each, environment=environment), wanted)
    flows = list({flow.id: flow for flow in found}.values())
    goal.prepare(flows)
    version_ids = await gathered(lambda flow: find_version(client, flow, version), flows)
    pairs = list(zip(flows, version_ids, strict=True))
    return await gathered(lambda pair: read_content(client, *pair), pairs, at_once=AT_ONCE)


def stems(flows: Sequence[Flow]) -> dict[str, str]:
    """What to call the file of each flow, by its id: by its name, and by more where others would be called the same."""
    names = {flow.id: stem(flow.name or flow.id) for flow in flows}
    typed = {flow.id: f"{names[flow.id]}-{stem(flow.type or '')}".rstrip("-") for flow in flows}
    of_name, of_type = Counter(names.values()), Counter(typed.values())
    return {
        flow.id: names[flow.id]
        if of_name[names[flow.id]] == 1
        else typed[flow.id]
        if of_type[typed[flow.id]] == 1
        else f"{names[flow.id]}-{stem(flow.id)}"
        for flow in flows
    }


def stem(name: str) -> str:
    """A name that any file system takes."""
    return re.sub(r"[\W_]+", "-", name.casefold()).strip("-") or "flow"


def write(path: Path, text: str) -> None:
    """Write a file, whole or not at all."""
    try:
        write_whole(path, text)
    except OSError as exc:
        raise UsageError(f"{path} cannot be written: {exc.strerror}.") from exc


def fields(content: Content) -> dict[str, object]:
    """What machines read of an export."""
    return {"flow_id": content.flow.id, "flow_name": content.flow.name, "version_id": content.version_id}
