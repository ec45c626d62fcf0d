"""`publisher validate` and `publisher paths`: what can be said of flow files without asking anyone."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, TextIO

import typer

from publisher.archy import ArchyFile, check_archy
from publisher.checks import check
from publisher.cli.files import named_files
from publisher.cli.options import ConfigOption, EnvOption, JsonOption, MaxNodesOption
from publisher.cli.project import configured_files, read_config
from publisher.cli.reporting import Reporter, ReportFile
from publisher.cli.surroundings import Surroundings
from publisher.cli.values import SetOption, ValuesOption, ValueSources
from publisher.config import Config
from publisher.errors import ExitCode, ProblemsError, UsageError
from publisher.graph import KNOWN_TYPES
from publisher.loader import Flow, read_file
from publisher.paths import simulate
from publisher.problems import Problem, has_errors
from publisher.reports import Format, counted, render, simulation_lines, simulation_view, summary

FilesArgument = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="FILE",
        help="Flow files, graph or Archy, or folders of them; without any, those of the config.",
        path_type=str,  # else typer makes a validator for each file, which takes as long as to read some of them
    ),
]
OutputOption = Annotated[
    Format, typer.Option("--format", help="For people, as JSON lines, or for a CI system (docs/ci.md).")
]
ReportsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--report", metavar="FORMAT=PATH", help="Write a report too, such as sarif=problems.sarif. May be repeated."
    ),
]


def validate(
    context: typer.Context,
    files: FilesArgument = None,
    *,
    output: OutputOption = Format.TEXT,
    reports: ReportsOption = None,
    settings: SetOption = None,
    values: ValuesOption = None,
    max_nodes: MaxNodesOption = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    env: EnvOption = None,
) -> None:
    """Check flow files: every problem, its place, what to do. Nothing is sent.

    Exit codes: 0 no errors (there may be warnings), 2 a file cannot be read, 5 there are errors.
    What each problem means: docs/problems.md.
    """
    around: Surroundings = context.obj
    known = read_config(config)
    chosen = named_files([Path(file) for file in files or ()]) or configured_files(known)
    if not chosen:
        raise UsageError("Name a flow file: publisher validate FILE, or list some in config/publisher.yaml.")
    wanted = [ReportFile.of(text, Format, example="sarif=problems.sarif") for text in reports or ()]
    reporter = Reporter(around, output=Format.JSON if as_json else output, files=wanted)
    sources = ValueSources.of(settings, values, known, env=env)
    unread = faulty = 0
    for file in chosen:
        flow = read_or_complain(file, reporter, sources)
        if flow is None:
            unread += 1
            continue
        problems = problems_of(flow, known, max_nodes=max_nodes)
        reporter.found(flow, problems)
        faulty += has_errors(problems)
    reporter.end()
    if unread:
        raise typer.Exit(ExitCode.USAGE)
    if faulty:
        raise ProblemsError(f"{faulty} of {counted(len(chosen), 'file')} {'has' if faulty == 1 else 'have'} errors.")


def paths(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A flow file, graph or Archy.")],
    *,
    settings: SetOption = None,
    values: ValuesOption = None,
    max_nodes: MaxNodesOption = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    env: EnvOption = None,
) -> None:
    """Prove that every path ends the call, or show where not.

    Prints how many paths there are, the shortest and the longest, and one path into each dead end and each loop.
    In an Archy file loops are legal: they are shown, and are no faults.
    With --json the number of paths is exact, and given as text: it may have thousands of digits.

    Exit codes: 0 every path ends, 2 the file cannot be read, 5 a path does not end, or there are other errors.
    """
    around: Surroundings = context.obj
    known = read_config(config)
    flow = read_file(file, values=ValueSources.of(settings, values, known, env=env).values_for(file))
    problems = problems_of(flow, known, max_nodes=max_nodes)
    if flow.graph is None:
        write(render(problems), around.err)
        raise ProblemsError(f"{flow.file}: there is no flow to walk through.")
    simulation = simulate(flow.graph, loops_are_legal=isinstance(flow, ArchyFile))
    view = simulation_view(simulation, file=flow.file)
    write(
        [json.dumps(view, ensure_ascii=False)] if as_json else simulation_lines(simulation, file=flow.file), around.out
    )
    if not simulation.ends:
        raise ProblemsError(f"{flow.file}: not every path ends the call.")
    if has_errors(problems):
        raise ProblemsError(f"{flow.file} has {summary(problems)}: `publisher validate {flow.file}` shows them.")


def read_or_complain(file: Path, reporter: Reporter, sources: ValueSources) -> Flow | None:
    """The flow of a file; where it cannot be read, that is said, and the other files get their turn."""
    try:
        return read_file(file, values=sources.values_for(file))
    except UsageError as exc:
        reporter.unread(file, str(exc))
        return None


def problems_of(flow: Flow, config: Config, *, max_nodes: int | None) -> tuple[Problem, ...]:
    """What is wrong with a flow by the project's rules; an option comes before the config."""
    if isinstance(flow, ArchyFile):
        return check_archy(flow, known_actions=config.known_types)
    return check(flow, max_nodes=max_nodes or config.max_nodes, known_types=KNOWN_TYPES | config.known_types)


def write(lines: Iterable[str], stream: TextIO) -> None:
    """Print lines."""
    stream.writelines(f"{line}\n" for line in lines)
    stream.flush()
