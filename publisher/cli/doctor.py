"""`publisher doctor`: tries everything that publishing takes, changes nothing, and says what to do next."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import typer

from publisher.cli.config import leading_nowhere
from publisher.cli.connection import connect, credentials_of, hosts_of
from publisher.cli.console import Console
from publisher.cli.exits import exit_code_of
from publisher.cli.ledgers import history_of
from publisher.cli.options import ConfigOption, EnvOption, JsonOption, TimeoutOption
from publisher.cli.project import Project, configured_files, read_project
from publisher.cli.surroundings import Surroundings, run
from publisher.deadline import Deadline
from publisher.doctor import Finding, Health, examine
from publisher.doctor.finding import failed
from publisher.errors import ExitCode, PublisherError, UsageError, WaitTimeoutError
from publisher.genesys.auth import Credentials
from publisher.genesys.errors import GenesysError, UnreachableError
from publisher.genesys.hosts import Hosts
from publisher.ledger.history import HistoryError
from publisher.reports import counted

DEFAULT_TIMEOUT_S = 120.0
MARKS = {Health.OK: "ok", Health.WARNING: "warning", Health.FAILED: "FAILED", Health.SKIPPED: "skipped"}
PROXIES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")


def doctor(
    context: typer.Context,
    *,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_S,
    env: EnvOption = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Try everything that publishing takes, and change nothing.

    That is config, DNS, token, organization, permissions, clock, and rate limit. The last line is the command to go on
    with. Exit codes: 0 nothing failed (there may be warnings), else the code that publishing would end with
    (docs/exit-codes.md).
    """
    around: Surroundings = context.obj
    console = around.console(as_json=as_json)
    findings, command = _examined(around, console, env=env, config_file=config, timeout_s=timeout)
    console.say(f"{summed_up(findings)}.\nNext: {command}")
    raise typer.Exit(_exit_code(findings))


def _examined(
    around: Surroundings, console: Console, *, env: str | None, config_file: Path | None, timeout_s: float
) -> tuple[Sequence[Finding], str]:
    """The findings, and the command to go on with."""
    try:
        project = read_project(around.environ, config_file=config_file, env=env)
    except UsageError as exc:
        finding = failed("config", exc)
        _tell(finding, console)
        is_unchosen = exc.code == "environment"
        return [finding], "publisher doctor --env NAME" if is_unchosen else "publisher config check"
    findings = Visit(around, project, console=console).findings(timeout_s=timeout_s)
    return findings, next_command(project, findings)


class Visit:
    """One examination of one environment."""

    def __init__(self, around: Surroundings, project: Project, *, console: Console) -> None:
        self._around = around
        self._project = project
        self._console = console
        self._findings: list[Finding] = []

    def findings(self, *, timeout_s: float) -> Sequence[Finding]:
        """Every finding, told as soon as it is made."""
        for finding in config_findings(self._around, self._project):
            self._note(finding)
        try:
            hosts, credentials = hosts_of(self._project.settings), credentials_of(self._project.settings)
        except UsageError as exc:
            self._note(failed("credentials", exc))
            return self._findings
        with self._console.progress():
            self._console.stage("Asking Genesys Cloud")
            run(self._at_work(hosts, credentials, timeout_s=timeout_s))
        return self._findings

    async def _at_work(self, hosts: Hosts, credentials: Credentials, *, timeout_s: float) -> None:
        try:
            async with Deadline(timeout_s).limit("the examination"):
                await self._ask(hosts, credentials)
        except WaitTimeoutError as exc:
            self._note(failed("time", exc))

    async def _ask(self, hosts: Hosts, credentials: Credentials) -> None:
        async for finding in dns_findings(self._around, hosts):
            self._note(finding)
        if any(finding.has_failed for finding in self._findings):
            return
        # Without the guard: which organization it is, is one of the findings.
        async with (
            connect(self._around, hosts=hosts, credentials=credentials, voice=self._console.voice) as connection,
            aclosing(
                examine(
                    connection.client,
                    connection.wire,
                    environment=self._project.environment,
                    clock=self._around.clock,
                )
            ) as findings,
        ):
            async for finding in findings:
                self._note(finding)
            async for finding in ledger_findings(self._around, self._project, http=connection.http):
                self._note(finding)

    def _note(self, finding: Finding) -> None:
        self._findings.append(finding)
        _tell(finding, self._console)


def config_findings(around: Surroundings, project: Project) -> Iterator[Finding]:
    """What can be said of the config, which has no faults."""
    environment = project.environment
    where = f"environment {environment.name!r}" if environment.name else "no environments file: the variables say where"
    yield Finding(check="config", found=where)
    for name in ("GENESYS_API_URL", "GENESYS_REGION", "GENESYSCLOUD_REGION"):
        if environment.name and around.environ.get(name):
            found = f"{name} is set, and does not count: environment {environment.name!r} says where"
            yield Finding(check="config", health=Health.WARNING, found=found, advice=f"unset {name}")
    for sentence in leading_nowhere(project.config, [environment.name] if environment.name else []):
        yield Finding(check="config", health=Health.WARNING, found=sentence)


async def dns_findings(around: Surroundings, hosts: Hosts) -> AsyncIterator[Finding]:
    """Whether the hosts have addresses."""
    proxy = next((name for name in PROXIES if around.environ.get(name)), None)
    if proxy is not None:
        yield Finding(check="dns", health=Health.SKIPPED, found=f"the proxy in {proxy} looks the hosts up")
        return
    for host in dict.fromkeys(urlsplit(url).hostname or "" for url in (hosts.api_url, hosts.token_url)):
        try:
            addresses = await around.resolve(host)
        except OSError as exc:
            cause = UnreachableError(f"{host}: {exc.strerror or exc}", code="network")
            yield failed("dns", cause, advice="check the region or URL, the network, and whether a proxy is needed")
        else:
            yield Finding(check="dns", found=f"{host} is {', '.join(addresses)}")


async def ledger_findings(around: Surroundings, project: Project, *, http: httpx.AsyncClient) -> AsyncIterator[Finding]:
    """Whether the receiver's history tells what was published, where the project has a receiver."""
    if project.receiver_url is None:
        return
    history = history_of(around, project, http=http)
    if history is None:
        found = f"{project.settings.receiver_token_name} is not set: what was published is not known to be ours"
        advice = "set it to a token for the receiver's API, or publish with --state FILE (docs/state.md)"
        yield Finding(check="ledger", health=Health.WARNING, found=found, advice=advice)
        return
    try:
        await history.check()
    except HistoryError as exc:
        yield failed("ledger", exc)
    else:
        yield Finding(check="ledger", found=f"the receiver at {history.url} tells what was published")


def summed_up(findings: Sequence[Finding]) -> str:
    """How many findings there are of each kind that matters."""
    failures = sum(finding.has_failed for finding in findings)
    warnings = sum(finding.health is Health.WARNING for finding in findings)
    return f"{failures} failed, {counted(warnings, 'warning')}"


def next_command(project: Project, findings: Sequence[Finding]) -> str:
    """The command to go on with."""
    env = f" --env {project.environment.name}" if project.environment.name else ""
    if any(finding.has_failed for finding in findings):
        return f"publisher doctor{env}"
    files = "" if configured_files(project.config) else " FILE"
    return f"publisher publish --dry-run{env}{files}"


def _tell(finding: Finding, console: Console) -> None:
    fields = {
        "check": finding.check,
        "health": finding.health,
        "found": finding.found,
        "advice": finding.advice,
    }
    head, *more = [*finding.found.splitlines(), *([f"→ {finding.advice}"] if finding.advice else [])]
    lines = [f"{MARKS[finding.health]:<8} {finding.check:<13} {head}", *(f"{'':<22} {line}" for line in more)]
    console.row(fields, "\n".join(lines))


def _exit_code(findings: Sequence[Finding]) -> ExitCode:
    cause = next((finding.cause for finding in findings if finding.has_failed), None)
    if cause is None:
        return ExitCode.OK
    return exit_code_of(cause) if isinstance(cause, PublisherError | GenesysError) else ExitCode.FAILED
