"""One run of `publisher publish`, from the files to the exit code."""

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from publisher.audit import Action, Audit, Status
from publisher.cli.checking import check_files, content_hash, refuse_graph_files
from publisher.cli.connection import Connection, connect, credentials_of, hosts_of
from publisher.cli.console import Console, printable
from publisher.cli.exits import exit_code_of
from publisher.cli.person import agree
from publisher.cli.project import Chosen, Project
from publisher.cli.surroundings import Surroundings, run
from publisher.cli.tally import Tally, audit_file
from publisher.cli.wishes import Wishes, check_webhook, webhook_of
from publisher.deadline import Deadline
from publisher.errors import ExitCode, PublisherError, StoppedError
from publisher.genesys.auth import Credentials
from publisher.genesys.errors import GenesysError
from publisher.genesys.hosts import Hosts
from publisher.liaison import Liaison
from publisher.loader import FlowFile
from publisher.provenance import provenance_of
from publisher.publish import Order, Publisher, Result
from publisher.reports import counted
from publisher.trail import Stage, Trail, version_name


class Errand:
    """Takes flow files from the check to their being live, and says at any moment how far they have come."""

    def __init__(
        self, around: Surroundings, project: Project, *, files: Sequence[Chosen], wishes: Wishes, console: Console
    ) -> None:
        self._around = around
        self._project = project
        self._files = tuple(files)
        self._wishes = wishes
        self._console = console
        self._governance_id = wishes.governance_id or project.settings.governance_id or f"GOV-{around.new_id()}"
        self._tally = Tally()
        self._trail: Trail | None = None

    def run(self) -> int:
        """Do it all; the exit code."""
        check_webhook(self._project, self._wishes, voice=self._console.voice)
        started = self._around.monotonic()
        with audit_file(self._wishes.audit_file, warn=self._console.warn) as keep, self._console.progress():
            audit = Audit(
                governance_id=self._governance_id,
                clock=self._around.clock,
                monotonic=self._around.monotonic,
                sinks=[self._console.record, self._tally.record, keep],
            )
            code = self._ended(audit)
        self._sum_up(self._around.monotonic() - started)
        return code

    def _ended(self, audit: Audit) -> int:
        try:
            return self._carried_out(audit)
        except (PublisherError, GenesysError) as exc:
            return self._failed(exc)
        except KeyboardInterrupt:  # during the check
            return self._failed(StoppedError())

    def _failed(self, error: PublisherError | GenesysError) -> int:
        self._console.fail(str(error))
        self._say_state(always=isinstance(error, StoppedError))
        return exit_code_of(error)

    def _carried_out(self, audit: Audit) -> int:
        max_nodes, console = self._wishes.max_nodes, self._console
        flows = check_files(self._files, self._project.config, max_nodes=max_nodes, audit=audit, console=console)
        hosts = hosts_of(self._project.settings)
        refuse_graph_files(hosts, flows)
        orders = [self._order(file, flow) for file, flow in zip(self._files, flows, strict=True)]
        credentials = credentials_of(self._project.settings)
        self._agree()
        return run(self._at_work(orders, hosts, credentials, audit=audit))

    def _agree(self) -> None:
        verb = "publish" if self._wishes.publish else "push"
        self._console.pause()
        doing = f"{verb} {counted(len(self._files), 'file')}"
        agree(self._around, self._project.environment, doing, yes=self._wishes.yes or self._wishes.dry_run)

    def _order(self, file: Chosen, flow: FlowFile) -> Order:
        provenance = replace(
            provenance_of(self._around.environ),
            file=printable(flow.file),  # a name need not be text that can be sent
            content_hash=content_hash(flow),
            governance_id=self._governance_id,
        )
        provenance = replace(provenance, environment=self._project.environment.name or provenance.environment)
        return Order(flow=self._as_named_here(flow), flow_id=file.flow_id, provenance=provenance)

    def _as_named_here(self, flow: FlowFile) -> FlowFile:
        return replace(flow, definition={**flow.definition, "name": self._project.environment.flow_name(flow.name)})

    async def _at_work(self, orders: Sequence[Order], hosts: Hosts, credentials: Credentials, *, audit: Audit) -> int:
        voice = self._console.voice
        environment = self._project.environment
        async with connect(
            self._around, hosts=hosts, credentials=credentials, voice=voice, environment=environment
        ) as connection:
            deadline = Deadline(self._wishes.timeout_s)
            publisher = Publisher(
                connection.client,
                audit=audit,
                deadline=deadline,
                voice=voice,
                liaison=self._liaison(connection, credentials, audit=audit, deadline=deadline),
                goes_live=self._wishes.publish,
                sleep=self._around.sleep,
            )
            await publisher.authenticate()
            if self._wishes.dry_run:
                return await self._preview(publisher, orders)
            return await self._publish_all(publisher, orders, audit=audit)

    def _liaison(
        self, connection: Connection, credentials: Credentials, *, audit: Audit, deadline: Deadline
    ) -> Liaison | None:
        http, client_id = connection.http, credentials.client_id
        webhook = webhook_of(self._project, self._wishes, self._around, http=http, client_id=client_id)
        if webhook is None:
            return None
        return Liaison(connection.client, webhook, audit=audit, deadline=deadline, voice=self._console.voice)

    async def _preview(self, publisher: Publisher, orders: Sequence[Order]) -> int:
        for order in orders:
            would = await publisher.preview(order)
            sentence = "\n".join(f"would {line}" for line in would)
            self._console.result({"result": "dry_run", "file": order.flow.file, "would": would}, sentence)
            self._tally.file(Status.SUCCESS)
        return ExitCode.OK

    async def _publish_all(self, publisher: Publisher, orders: Sequence[Order], *, audit: Audit) -> int:
        """Publish one file after another; a failure ends it, since the next would most likely fail the same way."""
        remaining, told = deque(orders), []
        try:
            while remaining:
                result = await self._publish_one(publisher, remaining.popleft())
                told.append(result.told)
        finally:
            for order in remaining:
                audit.skip(Action.CREATE_VERSION, f"{order.flow.file}: not tried; the command ended before it")
        return ExitCode.LIVE_BUT if False in told else ExitCode.OK

    async def _publish_one(self, publisher: Publisher, order: Order) -> Result:
        started = self._around.monotonic()
        self._trail = Trail(file=order.flow.file, flow_id=order.flow_id)
        result = await publisher.publish(order, trail=self._trail)
        self._tally.file(Status.SUCCESS)
        latency_ms = round((self._around.monotonic() - started) * 1000)
        more = {"latency_ms": latency_ms, "governance_id": self._governance_id}
        self._console.result(_fields(result) | more, _sentence(result))
        return result

    def _say_state(self, *, always: bool = False) -> None:
        """Say what is so now, unless nothing is other than before or the error says it all."""
        trail = self._trail or Trail(file=str(self._files[0].path), flow_id=self._files[0].flow_id)
        if always or trail.stage not in {Stage.NOTHING_SENT, Stage.REJECTED}:
            self._console.say(trail.state())
            self._console.say(f"Next: {trail.next_command()}")

    def _sum_up(self, duration_s: float) -> None:
        succeeded = self._tally.files[Status.SUCCESS]
        failed = len(self._files) - succeeded
        for _ in range(failed):
            self._tally.file(Status.FAILED)
        self._console.say(f"{succeeded} succeeded, {failed} failed, in {duration_s:.1f} s ({self._governance_id}).")
        if self._wishes.metrics_file is not None:
            self._write_metrics(self._wishes.metrics_file)

    def _write_metrics(self, path: Path) -> None:
        try:
            self._tally.write(path, at_s=self._around.clock().timestamp())
        except OSError as exc:
            self._console.warn(f"--metrics-file {path}: cannot be written: {exc.strerror}")


def _sentence(result: Result) -> str:
    version = version_name(result.version, result.flow)
    return f"{version} is live." if result.is_live else f"{version} passed validation; it is not live."


def _fields(result: Result) -> dict[str, object]:
    return {
        "result": "published" if result.is_live else "validated",
        "file": result.file,
        "flow_id": result.flow.id,
        "flow_name": result.flow.name,
        "version_id": result.version.id,
        "version_number": result.version.number,
        "announced": result.told,
    }
