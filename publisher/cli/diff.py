"""`publisher diff`: what is other in a flow than in another version, place or file of it, in words or drawn."""

import json
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from publisher.cli.colours import painted
from publisher.cli.console import Console, printable
from publisher.cli.desk import Desk
from publisher.cli.drawing import refuse_too_large, warn_of_limits, write_picture
from publisher.cli.exporting import DEFAULT_TIMEOUT_S
from publisher.cli.options import ConfigOption, EnvOption, ExitCodeOption, JsonOption, OutputOption, TimeoutOption
from publisher.cli.project import read_config
from publisher.cli.sides import Side, compared
from publisher.cli.surroundings import Surroundings
from publisher.cli.values import SetOption, ValuesOption, ValueSources
from publisher.cli.wanted import FlowArgument, is_path
from publisher.comparing import Change
from publisher.contents import LIVE
from publisher.drawing import Picture, mermaid, svg
from publisher.errors import ExitCode, UsageError
from publisher.reports import counted


class DiffFormat(StrEnum):
    """What a difference is written as."""

    TEXT = "text"
    SVG = "svg"
    MERMAID = "mermaid"


VersionOption = Annotated[
    str | None,
    typer.Option("--version", metavar="V", help="Compare this version of it: an id, a number, `live`, `latest`."),
]
AgainstOption = Annotated[
    str | None,
    typer.Option("--against", metavar="V|FILE", help="With another version of it, or a file. [default: live]"),
]
AgainstEnvOption = Annotated[
    str | None, typer.Option("--against-env", metavar="NAME", help="With what is live in this environment.")
]
OutputFormatOption = Annotated[
    DiffFormat, typer.Option("--format", help="Words, a picture, or text that GitHub and GitLab draw.")
]


def diff(
    context: typer.Context,
    flow: FlowArgument,
    *,
    version: VersionOption = None,
    against: AgainstOption = None,
    against_env: AgainstEnvOption = None,
    output_format: OutputFormatOption = DiffFormat.TEXT,
    output: OutputOption = None,
    exit_code: ExitCodeOption = False,
    settings: SetOption = None,
    values: ValuesOption = None,
    env: EnvOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_S,
    config: ConfigOption = None,
) -> None:
    """Say what is other in a flow, in words or as a picture.

    Compared are a file and what is live, two versions, two environments, or two files. A file alone is compared with
    what is live of its flow; `--version` takes that version in the file's place.

    Exit codes: 0 compared, 3 no such flow or version, 5 one holds no flow, 8 there are differences (with --exit-code).
    """
    around: Surroundings = context.obj
    console = around.console(as_json=as_json)
    known = read_config(config)

    def side(called: str, version: str | None, *, env: str | None) -> Side:
        sources = ValueSources.of(settings, values, known, env=env)
        desk = partial(Desk.of, context, as_json=as_json, config=config, env=env, timeout_s=timeout)
        return Side(called=called, version=version, sources=sources, desk=desk, console=console)

    new = side(flow, new_version(flow, version, against_env), env=env)
    old = side(*old_version(new, against, against_env), env=against_env or env)
    picture = compared(new, old)
    text = written(picture, console, output_format=output_format, as_json=as_json)
    if output is None:
        is_in_words = output_format is DiffFormat.TEXT and not as_json
        around.out.write(painted(text) if is_in_words and around.wants_colours else text)
        around.out.flush()
    else:
        write_picture(output, text)
        console.say(f"{output}: {headline(picture)}")
    if exit_code and picture.changes:
        raise typer.Exit(ExitCode.CHANGES)


def new_version(called: str, version: str | None, against_env: str | None) -> str | None:
    """Which version is compared; None: the file."""
    if version is not None:
        return version
    is_of_file = Path(called).is_file() and against_env is None
    return None if is_of_file else LIVE


def old_version(new: Side, against: str | None, against_env: str | None) -> tuple[str, str | None]:
    """What it is compared with: how that is called, and which version of it; None: the file itself."""
    if against is not None and Path(against).is_file():
        return against, None
    if against is not None and is_path(against):
        raise UsageError(f"--against {against}: there is no such file; give one, or a version by its id or number.")
    if new.version == (against or LIVE) == LIVE and against_env is None:
        raise UsageError(
            f"{new.called}: say what to compare what is live with: --against VERSION or FILE, or --against-env NAME."
        )
    return new.called, against or LIVE


def written(picture: Picture, console: Console, *, output_format: DiffFormat, as_json: bool) -> str:
    """The differences, in the format that is wanted."""
    if output_format is DiffFormat.TEXT and as_json:
        return "".join(f"{json.dumps(fields(change), ensure_ascii=False)}\n" for change in picture.changes)
    if output_format is DiffFormat.TEXT:
        return in_words(picture)
    refuse_too_large(picture)
    if output_format is DiffFormat.SVG:
        return svg(picture)
    text = mermaid(picture)
    warn_of_limits(picture, text, console)
    return text


def in_words(picture: Picture) -> str:
    """The differences, a line each, below what was compared."""
    lines = [headline(picture), *(f"  {change}" for change in picture.changes)]
    return "".join(f"{printable(line)}\n" for line in lines)


def headline(picture: Picture) -> str:
    """What was compared, and how much is other."""
    count = counted(len(picture.changes), "change") if picture.changes else "no change"
    return f"{picture.outline.file} against {picture.against}: {count}"


def fields(change: Change) -> dict[str, str]:
    """What machines read of a change."""
    return {"change": change.sign.name.lower(), "text": change.text}
