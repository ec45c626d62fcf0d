"""`receiver doctor`: looks at everything that serving takes, changes nothing, and says what to do next."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Annotated, Final

import httpx
import typer

from receiver.cli.config_file import read_config
from receiver.cli.configuration import unset
from receiver.cli.disk import distant_home, read_mounts, short_lived_home
from receiver.cli.exits import ExitCode, exit_code_of
from receiver.cli.keys import check_key
from receiver.cli.surroundings import Surroundings, around
from receiver.clock import Clock
from receiver.config import Config
from receiver.doctor import (
    Finding,
    Health,
    Surface,
    called_places,
    failed,
    file_findings,
    library_finding,
    reach_findings,
    server_findings,
)
from receiver.errors import ConfigError, ReceiverError, StoreError
from receiver.settings import LOOPBACK, Settings, read_settings
from receiver.store import ServerVitals, open_database, server_vitals_of, sqlite_version, vitals_of
from receiver.store.place import path_of
from receiver.store.postgres import check_server, is_meant

MARKS: Final = {Health.OK: "ok", Health.WARNING: "warning", Health.FAILED: "FAILED", Health.SKIPPED: "skipped"}
ANSWER_S: Final = 5.0

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object a line, and the next command last.")]


def doctor(context: typer.Context, *, as_json: JsonOption = False) -> None:
    """Look at all that it takes to run, and change nothing.

    That is settings, config, secrets, database, disk, clock, targets and public URL.

    The last line is the command to go on with. Exit codes: 0 nothing failed (there may be warnings), else the code that
    serving would end with (docs/exit-codes.md).
    """
    here = around(context)
    console = here.console(as_json=as_json)
    findings = []
    for finding in _findings(here):
        findings.append(finding)
        if as_json:
            shown = ("check", "health", "found", "advice")
            console.write([{name: getattr(finding, name) for name in shown}])
        else:
            console.tell(_line(finding))
    command = next_command(findings)
    failures = sum(finding.health is Health.FAILED for finding in findings)
    warnings = sum(finding.health is Health.WARNING for finding in findings)
    if as_json:
        console.write([{"failed": failures, "warnings": warnings, "next": command}])
    else:
        console.tell(f"{failures} failed, {warnings} warning{'' if warnings == 1 else 's'}.\nNext: {command}")
    raise typer.Exit(_exit_code(findings))


def next_command(findings: Sequence[Finding]) -> str:
    """The command to go on with: that of the worst finding that has one."""
    for health in (Health.FAILED, Health.WARNING, Health.OK):
        for finding in findings:
            if finding.health is health and finding.command:
                return finding.command
        if health is Health.FAILED and any(finding.health is health for finding in findings):
            return "receiver doctor"
    return "receiver serve"


def _findings(here: Surroundings) -> Iterator[Finding]:
    try:
        settings = read_settings(here.environ)
    except ConfigError as exc:
        yield failed("settings", exc)
        return
    yield from _settings_findings(settings)
    yield _key_finding(settings)
    try:
        config = read_config(settings.config_file)
    except ConfigError as exc:
        yield failed("config", exc, command="receiver config check")
        return
    yield Finding(check="config", found=_summary(config))
    yield from _secret_findings(here, config)
    yield from _database_findings(here, settings, config)
    yield from asyncio.run(reach_findings(called_places(config)))
    yield asyncio.run(_public_finding(here, settings))


def _settings_findings(settings: Settings) -> Iterator[Finding]:
    yield Finding(check="settings", found=f"serves {settings.host}:{settings.port}")
    if settings.admin_token is not None:
        yield Finding(check="token", found="RECEIVER_ADMIN_TOKEN is set")
    elif settings.host == LOOPBACK:
        yield Finding(check="token", found="no RECEIVER_ADMIN_TOKEN: the start prints a link that signs in")
    else:
        found = f"no RECEIVER_ADMIN_TOKEN, and {settings.host} is no loopback: pages and API stay closed"
        advice = "set RECEIVER_ADMIN_TOKEN, or RECEIVER_ADMIN_TOKEN_FILE"
        yield Finding(check="token", health=Health.WARNING, found=found, advice=advice)


def _key_finding(settings: Settings) -> Finding:
    """The key that signs sessions."""
    try:
        check_key(settings)
    except ConfigError as exc:
        return failed("key", exc)
    found = "RECEIVER_SECRET_KEY is set" if settings.secret_key else "the start keeps one beside the database"
    return Finding(check="key", found=found)


def _secret_findings(here: Surroundings, config: Config) -> Iterator[Finding]:
    lacking = list(unset(config, here.environ))
    for sentence in lacking:
        yield failed("secrets", ConfigError([sentence]))
    if not lacking:
        given = [name for name in config.variables if here.environ.get(name) or here.environ.get(f"{name}_FILE")]
        yield Finding(check="secrets", found=f"set: {', '.join(given)}")


def _database_findings(here: Surroundings, settings: Settings, config: Config) -> Iterator[Finding]:
    try:
        if is_meant(settings.database_url):
            check_server(settings.database_url)
            served = asyncio.run(_server_vitals(settings.database_url, here.clock))
            yield from server_findings(served, config, now=here.clock())
            return
        yield library_finding(sqlite_version())
        path = path_of(settings.database_url)
        vitals = vitals_of(path)
    except (StoreError, ConfigError) as exc:
        yield failed("database", exc)
        return
    if vitals is None:
        yield Finding(check="database", found=f"{path} is not there yet; `receiver serve` makes it")
        return
    file, mounts = path.resolve(), read_mounts()
    surface = Surface(short_lived=short_lived_home(file, mounts), distant=distant_home(file, mounts))
    yield from file_findings(vitals, surface, config, now=here.clock())


async def _server_vitals(url: str, clock: Clock) -> ServerVitals:
    async with open_database(url, read_only=True) as database:
        return await database.read(lambda conn: server_vitals_of(conn, clock))


async def _public_finding(here: Surroundings, settings: Settings) -> Finding:
    """Whether the receiver answers where it says it is."""
    url = settings.public_url
    if url is None:
        return Finding(check="url", health=Health.SKIPPED, found="RECEIVER_PUBLIC_URL is not set")
    try:
        async with httpx.AsyncClient(transport=here.transport, timeout=ANSWER_S) as client:
            response = await client.get(f"{url}/livez")
    except httpx.TransportError as exc:
        why = str(exc) or type(exc).__name__
        return _unanswered(f"nothing answers at {url}: {why}")
    if response.status_code == 200:
        return Finding(check="url", found=f"{url} answers")
    return _unanswered(f"{url}/livez answers {response.status_code}")


def _unanswered(found: str) -> Finding:
    advice = "it does while the receiver serves and the proxy in front leads to it"
    return Finding(check="url", health=Health.WARNING, found=found, advice=advice)


def _summary(config: Config) -> str:
    counts = f"sources: {', '.join(config.source_names)}; pipelines: {len(config.pipelines)}"
    return f"{config.file}, {counts}" if config.file else f"no file, so {counts}"


def _line(finding: Finding) -> str:
    head, *more = [*finding.found.splitlines(), *([f"→ {finding.advice}"] if finding.advice else [])]
    lines = [f"{MARKS[finding.health]:<8} {finding.check:<9} {head}", *(f"{'':<18} {line}" for line in more)]
    return "\n".join(lines)


def _exit_code(findings: Sequence[Finding]) -> ExitCode:
    cause = next((finding.cause for finding in findings if finding.health is Health.FAILED), None)
    if cause is None:
        return ExitCode.OK
    return exit_code_of(cause) if isinstance(cause, ReceiverError) else ExitCode.FAILED
