"""The FLOW that commands take: an id, an exact name, or a file."""

import re
from pathlib import Path
from typing import Annotated

import typer

from publisher.archy import ArchyFile
from publisher.cli.project import Project, choose
from publisher.cli.values import ValueSources
from publisher.environments import UUID
from publisher.errors import UsageError
from publisher.finding import Wanted
from publisher.loader import Flow, read_file

FlowArgument = Annotated[
    str, typer.Argument(metavar="FLOW", help="The flow: its id, its exact name, or the file that it is made from.")
]
FILE_SUFFIXES = frozenset({".json", ".yaml", ".yml"})


def wanted_flow(text: str, project: Project, sources: ValueSources) -> Wanted:
    """The flow that somebody calls so; a file that is there comes before a flow of that name."""
    if Path(text).is_file():
        return wanted_of_file(read_file(Path(text), values=sources.values_for(Path(text))), project)
    if re.fullmatch(UUID, text):
        return Wanted(called=text, flow_id=text.lower())
    if is_path(text):
        raise UsageError(f"{text}: there is no such file; a flow can be called by its id or its exact name, too.")
    return Wanted(called=text, name=project.environment.flow_name(text))


def wanted_of_file(flow: Flow, project: Project) -> Wanted:
    """The flow that a file is for: by the id that the project knows, else by the name and the type in the file."""
    (chosen,) = choose(project, [Path(flow.file)])
    if not flow.name and chosen.flow_id is None:
        raise UsageError(f"{flow.file}: no flow's name could be read from it: `publisher validate` says why.")
    return Wanted(
        called=flow.file,
        flow_id=chosen.flow_id,
        name=project.environment.flow_name(flow.name),
        type=flow.flow_type if isinstance(flow, ArchyFile) else None,
    )


def is_path(text: str) -> bool:
    """Whether a text is meant as the path of a file: no flow has a slash in its name."""
    return "/" in text or Path(text).suffix.lower() in FILE_SUFFIXES
