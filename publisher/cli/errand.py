"""One run of `publisher publish`, from the files to the exit code."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from functools import partial
from pathlib import Path

from publisher.audit import Audit, Status
from publisher.cli.checking import Check, check_files, refuse_graph_files, refuse_to_validate_only
from publisher.cli.connection import Connection, connect, credentials_of, hosts_of
from publisher.cli.console import Console
from publisher.cli.endings import Endings, exit_code_of_all
from publisher.cli.exits import exit_code_of
from publisher.cli.gates import gates_of
from publisher.cli.ledgers import open_ledger
from publisher.cli.orders import as_named_in, orders_of
from publisher.cli.person import Person, agree
from publisher.cli.project import Chosen, Project
from publisher.cli.surroundings import Surroundings, run
from publisher.cli.tally import Tally, audit_file
from publisher.cli.wishes import Wishes, check_webhook, options_of_place, webhook_of
from publisher.deadline import Deadline
from publisher.environments import OnDrift
from publisher.errors import PublisherError, StoppedError
from publisher.genesys.auth import Credentials
from publisher.genesys.errors import GenesysError
from publisher.genesys.hosts import Hosts
from publisher.ledger.ledger import Ledger
from publisher.liaison import Liaison
from publisher.provenance import provenance_of
from publisher.publish import Order, Publisher
from publisher.publish.batch import Batch, Company
from publisher.publish.locks import Locks
from publisher.reports import counted
from publisher.trail import Trail


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
        self._endings = Endings(
            console,
            self._tally,
            governance_id=self._governance_id,
            are_many=len(self._files) > 1,
            place=options_of_place(project, wishes),
            values=wishes.value_options,
        )
        self._batch: Batch | None = None

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
        self._console.pause()
        self._console.fail(str(error))
        if isinstance(error, StoppedError):
            self._say_states()
        return exit_code_of(error)

    def _say_states(self) -> None:
        if len(self._files) == 1 or self._batch is None:
            first = self._files[0]
            trail = self._batch.places[0].trail if self._batch else Trail(file=str(first.path), flow_id=first.flow_id)
            self._endings.say_state(trail, always=True)
        else:
            self._endings.say_states(self._batch.places)

    def _carried_out(self, audit: Audit) -> int:
        environment = self._project.environment
        check = Check(
            config=self._project.config,
            max_nodes=self._wishes.max_nodes,
            given=self._wishes.values,
            as_named=partial(as_named_in, environment),
        )
        flows = check_files(self._files, check, audit=audit, console=self._console)
        hosts = hosts_of(self._project.settings)
        refuse_graph_files(hosts, flows)
        if not self._wishes.publish:
            refuse_to_validate_only(flows)
        provenance = replace(provenance_of(self._around.environ), governance_id=self._governance_id)
        orders = orders_of(self._files, flows, environment=environment, provenance=provenance)
        credentials = credentials_of(self._project.settings)
        self._agree()
        return run(self._at_work(orders, hosts, credentials, audit=audit))

    def _agree(self) -> None:
        verb = "publish" if self._wishes.publish else "push"
        self._console.pause()
        doing = f"{verb} {counted(len(self._files), 'file')}"
        agree(self._around, self._project.environment, doing, yes=self._wishes.yes or self._wishes.dry_run)

    async def _at_work(self, orders: Sequence[Order], hosts: Hosts, credentials: Credentials, *, audit: Audit) -> int:
        voice, environment = self._console.voice, self._project.environment
        async with (
            connect(
                self._around,
                hosts=hosts,
                credentials=credentials,
                voice=voice,
                environment=environment,
                connections=2 * self._concurrency,  # to the API, and to the storage
            ) as connection,
            self._ledger(connection) as ledger,
        ):
            deadline = Deadline(self._wishes.timeout_s)
            publisher = Publisher(
                connection.client,
                audit=audit,
                deadline=deadline,
                voice=voice,
                liaison=self._liaison(connection, credentials, audit=audit, deadline=deadline),
                locks=self._locks(connection, credentials, deadline=deadline),
                ledger=ledger,
                needs_ledger=self._on_drift is OnDrift.FAIL,
                looks_again=ledger is not None and self._on_drift is not OnDrift.OVERWRITE,
                goes_live=self._wishes.publish,
                sleep=self._around.sleep,
                clock=self._around.clock,
            )
            await publisher.authenticate()
            return await self._through(publisher, orders)

    async def _through(self, publisher: Publisher, orders: Sequence[Order]) -> int:
        are_many = len(orders) > 1
        if are_many and not self._wishes.dry_run:
            self._console.show_files(len(orders))
        voice_of = (lambda order: self._console.voice_of(order.file)) if are_many else lambda _: self._console.voice
        self._batch = batch = Batch(
            publisher,
            orders,
            company=Company(voice_of=voice_of, ended=self._endings.told, monotonic=self._around.monotonic),
            gates=gates_of(
                publisher.means,
                environment=self._project.environment,
                wishes=self._wishes,
                person=Person(self._around),
                console=self._console,
            ),
            concurrency=self._concurrency,
        )
        if self._wishes.dry_run:
            await self._preview(publisher, batch)
            return exit_code_of_all(batch.endings)
        endings = await batch.run()
        self._console.pause()
        if are_many:
            self._endings.table(endings)
            self._endings.warn_of_halves(batch.places)
        return exit_code_of_all(endings)

    @property
    def _concurrency(self) -> int:
        return self._wishes.concurrency or self._project.config.concurrency

    def _locks(self, connection: Connection, credentials: Credentials, *, deadline: Deadline) -> Locks:
        wished_s = self._wishes.lock_wait_s
        return Locks(
            client=connection.client,
            deadline=deadline,
            sleep=self._around.sleep,
            clock=self._around.clock,
            own_id=credentials.client_id,
            wait_s=self._project.environment.lock_wait_s if wished_s is None else wished_s,
        )

    @property
    def _on_drift(self) -> OnDrift:
        return self._wishes.on_drift or self._project.environment.on_drift

    def _ledger(self, connection: Connection) -> AbstractAsyncContextManager[Ledger | None]:
        return open_ledger(
            self._around,
            self._project,
            connection.http,
            state=self._wishes.state,
            writes=not self._wishes.dry_run,
        )

    def _liaison(
        self, connection: Connection, credentials: Credentials, *, audit: Audit, deadline: Deadline
    ) -> Liaison | None:
        http, client_id = connection.http, credentials.client_id
        webhook = webhook_of(self._project, self._wishes, self._around, http=http, client_id=client_id)
        if webhook is None:
            return None
        return Liaison(connection.client, webhook, audit=audit, deadline=deadline, voice=self._console.voice)

    async def _preview(self, publisher: Publisher, batch: Batch) -> None:
        """Say what would be done with each file."""
        for candidate, turn in await batch.prepare():
            would = await publisher.preview(candidate, needs_stubs=bool(turn.stubs))
            sentence = "\n".join(f"would {line}" for line in would)
            self._console.result({"result": "dry_run", "file": candidate.order.file, "would": would}, sentence)
            self._tally.file(Status.SUCCESS)

    def _sum_up(self, duration_s: float) -> None:
        succeeded = self._tally.files[Status.SUCCESS]
        failed = len(self._files) - succeeded
        for _ in range(failed - self._tally.files[Status.FAILED]):
            self._tally.file(Status.FAILED)
        untried = self._endings.untried
        counts = [
            f"{succeeded} succeeded",
            f"{failed - untried} failed",
            *([f"{untried} not tried"] if untried else []),
        ]
        self._console.say(f"{', '.join(counts)}, in {duration_s:.1f} s ({self._governance_id}).")
        if self._wishes.metrics_file is not None:
            self._write_metrics(self._wishes.metrics_file)

    def _write_metrics(self, path: Path) -> None:
        try:
            self._tally.write(path, at_s=self._around.clock().timestamp())
        except OSError as exc:
            self._console.warn(f"--metrics-file {path}: cannot be written: {exc.strerror}")
