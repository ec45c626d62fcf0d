"""`publisher draw`: a picture of a flow file, and of what has become of it."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from publisher.cli.console import Console
from publisher.cli.flows import problems_of
from publisher.cli.options import ConfigOption, EnvOption, MaxNodesOption, OutputOption
from publisher.cli.project import read_config
from publisher.cli.surroundings import Surroundings
from publisher.cli.values import SetOption, ValuesOption, ValueSources
from publisher.drawing import (
    MOST_MERMAID_CHARS,
    MOST_MERMAID_EDGES,
    MOST_NODES,
    Picture,
    mermaid,
    picture_of,
    summary_of,
    svg,
)
from publisher.errors import ProblemsError, UsageError
from publisher.loader import Flow, read_file
from publisher.outline import Outline, outline_of
from publisher.reports import render
from publisher.whole_file import write_whole


class PictureFormat(StrEnum):
    """What a picture is written as."""

    SVG = "svg"
    MERMAID = "mermaid"


MERMAID_SUFFIXES = frozenset({".mmd", ".mermaid"})


FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="A flow file, graph or Archy.")]
PictureFormatOption = Annotated[
    PictureFormat | None,
    typer.Option(
        "--format", help="A picture, or text that GitHub and GitLab draw. [default: as --output says, else svg]"
    ),
]
AgainstOption = Annotated[
    Path | None, typer.Option("--against", metavar="OTHER", help="Show what has changed since this flow file.")
]


def draw(
    context: typer.Context,
    file: FileArgument,
    *,
    picture_format: PictureFormatOption = None,
    output: OutputOption = None,
    against: AgainstOption = None,
    settings: SetOption = None,
    values: ValuesOption = None,
    max_nodes: MaxNodesOption = None,
    config: ConfigOption = None,
    env: EnvOption = None,
) -> None:
    """Draw a flow, with its problems marked.

    It goes downwards from where calls come in. With --against, what was added, removed and changed since another file
    stands out: by colour, by sign, and in words. The same files always give the same picture, so that it can be kept in
    a repository.

    Exit codes: 0 drawn (with problems, too), 2 a file cannot be read or is too large to draw, 5 a file holds no flow.
    """
    around: Surroundings = context.obj
    console = around.console(as_json=False)
    known = read_config(config)
    sources = ValueSources.of(settings, values, known, env=env)
    flow = read_file(file, values=sources.values_for(file))
    problems = problems_of(flow, known, max_nodes=max_nodes)
    former = drawable(read_file(against, values=sources.values_for(against)), console) if against else None
    picture = picture_of(drawable(flow, console), problems=problems, against=former)
    refuse_too_large(picture)
    chosen = picture_format or format_of(output)
    text = svg(picture) if chosen is PictureFormat.SVG else mermaid(picture)
    if chosen is PictureFormat.MERMAID:
        warn_of_limits(picture, text, console)
    if output is None:
        around.out.write(text)
        around.out.flush()
        return
    write_picture(output, text)
    console.say(f"{output}: {summary_of(picture)}")


def drawable(flow: Flow, console: Console) -> Outline:
    """The outline of a flow; a file that holds none cannot be drawn."""
    outline = outline_of(flow)
    if outline is None:
        for line in render(flow.problems):
            console.say(line)
        raise ProblemsError(f"{flow.file}: there is no flow to draw.")
    return outline


def refuse_too_large(picture: Picture) -> None:
    """Refuse what nobody could look at."""
    count = len(picture.outline.graph.ids)
    if count > MOST_NODES:
        raise UsageError(
            f"{picture.outline.file}: {count:,} nodes are too many for a picture, which takes up to {MOST_NODES:,}."
        )


def format_of(output: Path | None) -> PictureFormat:
    """The format that a file's name asks for."""
    is_mermaid = output is not None and output.suffix.lower() in MERMAID_SUFFIXES
    return PictureFormat.MERMAID if is_mermaid else PictureFormat.SVG


def warn_of_limits(picture: Picture, text: str, console: Console) -> None:
    """Say when Mermaid will not draw what was written."""
    edges = len(picture.outline.graph.sources)
    if len(text) > MOST_MERMAID_CHARS or edges > MOST_MERMAID_EDGES:
        console.warn(
            f"Mermaid draws up to {MOST_MERMAID_CHARS:,} characters and {MOST_MERMAID_EDGES:,} connections unless it is"
            f" told otherwise, and this has {len(text):,} and {edges:,}; `--format svg` has no such limit."
        )


def write_picture(path: Path, text: str) -> None:
    """Write the picture, whole or not at all."""
    try:
        write_whole(path, text)
    except OSError as exc:
        raise UsageError(f"{path} cannot be written: {exc.strerror}.") from exc
