"""`publisher plan`: what publishing would change, before it does."""

import json
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import typer

from publisher.archy import Values
from publisher.cli.checking import refuse_graph_files
from publisher.cli.colours import painted
from publisher.cli.connection import hosts_of
from publisher.cli.console import printable
from publisher.cli.desk import Desk
from publisher.cli.exporting import DEFAULT_TIMEOUT_S
from publisher.cli.flows import problems_of
from publisher.cli.ledgers import OnDriftOption, StateOption
from publisher.cli.options import (
    ConfigOption,
    EnvOption,
    ExitCodeOption,
    FilesArgument,
    FlowIdOption,
    JsonOption,
    MaxNodesOption,
    TimeoutOption,
)
from publisher.cli.orders import as_named_in, order_of, refuse_twins
from publisher.cli.project import Chosen, choose
from publisher.cli.reporting import ReportFile
from publisher.cli.tables import table_or_notes
from publisher.cli.values import SetOption, ValuesOption, given_values, values_in
from publisher.errors import ExitCode, UsageError
from publisher.loader import Flow, read_file
from publisher.planner import Checked, Planner
from publisher.planning import Plan, details, live, markdown, reason, view
from publisher.problems import has_errors
from publisher.provenance import Provenance

HEADINGS = ("", "File", "Live", "Would", "Why")


class PlanFormat(StrEnum):
    """What a plan is written as."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


OutputFormatOption = Annotated[
    PlanFormat, typer.Option("--format", help="For people, for programs, or for a comment, with pictures.")
]
ReportsOption = Annotated[
    list[str] | None,
    typer.Option("--report", metavar="FORMAT=PATH", help="Write it to a file too. May be repeated."),
]


def plan(
    context: typer.Context,
    files: FilesArgument = None,
    *,
    flow_id: FlowIdOption = None,
    output_format: OutputFormatOption = PlanFormat.TEXT,
    reports: ReportsOption = None,
    exit_code: ExitCodeOption = False,
    state: StateOption = None,
    on_drift: OnDriftOption = None,
    settings: SetOption = None,
    values: ValuesOption = None,
    max_nodes: MaxNodesOption = None,
    env: EnvOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_S,
    config: ConfigOption = None,
) -> None:
    """Say what publishing would change. Nothing is sent.

    For each file, in words: what would change in it, and what stands in the way; whether its flow is new, unchanged,
    other in the file, edited by somebody else, or locked; and what the file names that the organization lacks.

    Exit codes: 0 planned, 5 something is wrong with a file, 9 somebody else has changed what is live, or content is
    blocked, 8 there are changes (with --exit-code).
    """
    wanted = [ReportFile.of(text, PlanFormat, example="markdown=plan.md") for text in reports or ()]
    desk = Desk.of(context, as_json=as_json, config=config, env=env, timeout_s=timeout)
    chosen = choose(desk.project, files or [], flow_id=flow_id)
    flows = flows_of(chosen, desk, given=given_values(settings, values))
    refuse_graph_files(hosts_of(desk.project.settings), flows)
    environment = desk.project.environment
    checked = [checked_file(file, flow, desk, max_nodes=max_nodes) for file, flow in zip(chosen, flows, strict=True)]
    refuse_twins([each.order for each in checked if not has_errors(each.problems)])
    made = desk.do_knowing(
        lambda client, ledger: Planner(
            client=client, environment=environment, ledger=ledger, on_drift=on_drift or environment.on_drift
        ).plan(checked),
        state=state,
    )
    shown_as = PlanFormat.JSON if as_json else output_format
    text = written(made, shown_as)
    is_painted = shown_as is PlanFormat.TEXT and desk.around.wants_colours
    desk.around.out.write(painted(text) if is_painted else text)
    desk.around.out.flush()
    for report in wanted:
        report.write(written(made, report.format))
    raise typer.Exit(code_of(made, exit_code=exit_code))


def flows_of(files: Sequence[Chosen], desk: Desk, *, given: Values) -> list[Flow]:
    """The flow of each file, as it is called in the environment; every file that cannot be read is named."""
    flows, unread = [], []
    for file in files:
        try:
            flow = read_file(file.path, values=given.over(values_in(file.values)))
        except UsageError as exc:
            unread.append(str(exc))
        else:
            flows.append(as_named_in(desk.project.environment, flow))
    if unread:
        raise UsageError("\n".join(unread))
    return flows


def checked_file(file: Chosen, flow: Flow, desk: Desk, *, max_nodes: int | None) -> Checked:
    """What would be ordered with a file, and what is wrong with it."""
    order = order_of(file, flow, environment=desk.project.environment, provenance=Provenance())
    return Checked(order=order, problems=problems_of(flow, desk.project.config, max_nodes=max_nodes))


def written(plan: Plan, output_format: PlanFormat) -> str:
    """The plan, in the format that is wanted."""
    match output_format:
        case PlanFormat.JSON:
            views = (view(entry, number=number) for number, entry in enumerate(plan.entries, start=1))
            return "".join(f"{json.dumps(each, ensure_ascii=False)}\n" for each in views)
        case PlanFormat.MARKDOWN:
            return markdown(plan)
        case PlanFormat.TEXT:
            return "".join(f"{printable(line)}\n" for line in lines(plan))


def lines(plan: Plan) -> list[str]:
    """The plan for people: a table, and below it what is to be said of each file."""
    rows = [
        (str(number), entry.file, live(entry), entry.would.value, reason(entry))
        for number, entry in enumerate(plan.entries, start=1)
    ]
    text = [
        f"Plan for {plan.place}: {plan.summary}",
        "",
        *table_or_notes(rows, headings=HEADINGS, notes=("Why", "Live")),
    ]
    text += ["", *(f"warning: {warning}" for warning in plan.warnings)] if plan.warnings else []
    for entry in plan.entries:
        said = list(details(entry))
        text += ["", entry.file, *(f"  {line}" for line in said)] if said else []
    return text


def code_of(plan: Plan, *, exit_code: bool) -> ExitCode:
    """How the command ends."""
    if plan.has_problems:
        return ExitCode.PROBLEMS
    if plan.has_conflicts:
        return ExitCode.CONFLICT
    return ExitCode.CHANGES if exit_code and plan.has_changes else ExitCode.OK
