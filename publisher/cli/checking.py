"""Checks flow files before anything is sent, and records what the checks said."""

import hashlib
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from publisher.archy import NO_VALUES, ArchyFile, Values
from publisher.audit import NO_FLOW, Action, Audit, Status
from publisher.cli.console import Console
from publisher.cli.flows import problems_of
from publisher.cli.project import Chosen
from publisher.cli.values import values_in
from publisher.config import Config
from publisher.errors import ProblemsError, UsageError
from publisher.genesys.hosts import Hosts
from publisher.loader import Flow, FlowFile, read_file
from publisher.paths import FaultKind, count_text, simulate
from publisher.problems import Severity, has_errors
from publisher.reports import render, summary

PATH_CODES: Mapping[FaultKind, str] = {
    FaultKind.DEAD_END: "flow.dead-end",
    FaultKind.LOOP: "flow.cycle",
    FaultKind.NO_ENTRY: "flow.no-entry",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """How files are checked before they are sent."""

    config: Config
    max_nodes: int | None
    given: Values = NO_VALUES
    """The values of the command line, which come before those of the config."""
    as_named: Callable[[Flow], Flow] = lambda flow: flow
    """The flow as it is called where it is sent."""


def check_files(files: Sequence[Chosen], check: Check, *, audit: Audit, console: Console) -> list[Flow]:
    """The flows of all files, if not one of them has an error; every problem of every file is printed."""
    flows, unread = [], []
    for file in files:
        try:
            flows.append(_checked(file, check, audit=audit, console=console))
        except UsageError as exc:
            unread.append(str(exc))
    if unread:
        raise UsageError("\n".join([*unread, "Nothing was sent."]))
    sound = [flow for flow in flows if flow is not None]
    if len(sound) < len(files):
        what = f"{len(files) - len(sound)} of {len(files)} files have" if len(files) > 1 else "The file has"
        raise ProblemsError(f"{what} problems; nothing was sent.")
    return sound


def refuse_graph_files(hosts: Hosts, flows: Sequence[Flow]) -> None:
    """Refuse to send graph files to Genesys Cloud itself, which takes Archy files only."""
    flow = next((flow for flow in flows if isinstance(flow, FlowFile)), None)
    if not hosts.is_org or flow is None:
        return
    raise UsageError(
        f"{hosts.api_url} belongs to Genesys Cloud, which takes Archy YAML only; {flow.file} is a graph file. Nothing"
        f" was sent. Export the flow with `archy export --flowName {shlex.quote(flow.name)} --flowType inboundcall"
        " --exportType yaml` and publish the exported file; or name a host that takes graph files"
        " with GENESYS_API_URL, such as `publisher sandbox`.",
        code="file.graph",
    )


def refuse_to_validate_only(flows: Sequence[Flow]) -> None:
    """Refuse to end after the validation with Archy files: a job validates and publishes in one."""
    flow = next((flow for flow in flows if isinstance(flow, ArchyFile)), None)
    if flow is not None:
        raise UsageError(
            f"--no-publish: {flow.file} is an Archy file, and those go live by a job, which publishes what it finds"
            " sound. Nothing was sent. `publisher validate` and `publisher publish --dry-run` change nothing."
        )


def content_hash(flow: FlowFile) -> str:
    """The SHA-256 of the file's text, as `sha256sum` prints it; a byte order mark does not count."""
    text = "\n".join(flow.text.lines)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _checked(file: Chosen, check: Check, *, audit: Audit, console: Console) -> Flow | None:
    """The flow, unless it has errors."""
    console.stage(f"Checking {file.path}")
    flow_id = file.flow_id or NO_FLOW
    with audit.timed(Action.VALIDATION, flow_id=flow_id) as entry:
        values = check.given.over(values_in(file.values))
        flow = check.as_named(read_file(file.path, values=values))
        problems = problems_of(flow, check.config, max_nodes=check.max_nodes)
        entry.message = f"{file.path}: {summary(problems)}"
        codes = [problem.code for problem in problems if problem.severity is Severity.ERROR]
        if codes:
            entry.status, entry.error_code = Status.FAILED, codes[0]
    for line in render(problems):
        console.say(line)
    _simulate(flow, flow_id=flow_id, audit=audit)
    return None if has_errors(problems) else flow


def _simulate(flow: Flow, *, flow_id: str, audit: Audit) -> None:
    """Record whether every path ends. What keeps one from ending is an error of the check already."""
    if flow.graph is None:
        audit.skip(Action.PATH_SIMULATION, f"{flow.file}: there is no graph to walk", flow_id=flow_id)
        return
    with audit.timed(Action.PATH_SIMULATION, flow_id=flow_id) as entry:
        simulation = simulate(flow.graph, loops_are_legal=isinstance(flow, ArchyFile))
        entry.message = f"{flow.file}: {count_text(simulation.count)}, every path ends"
        if not simulation.ends:
            entry.status, entry.error_code = Status.FAILED, PATH_CODES[simulation.faults[0].kind]
            entry.message = f"{flow.file}: not every path ends"
