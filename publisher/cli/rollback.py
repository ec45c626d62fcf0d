"""`publisher rollback`: puts an earlier version of a flow live again."""

import shlex
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from publisher.audit import Action, Audit
from publisher.cli.connection import Connection
from publisher.cli.desk import Desk
from publisher.cli.ledgers import StateOption, need_ledger, open_ledger
from publisher.cli.options import ConfigOption, DryRunOption, EnvOption, JsonOption, TimeoutOption, YesOption
from publisher.cli.person import Person
from publisher.cli.publishing import check_unlocking, lock_wait
from publisher.cli.tally import audit_file
from publisher.cli.unlocking import UnlockGate
from publisher.cli.values import SetOption, ValuesOption, ValueSources
from publisher.cli.wanted import FlowArgument, wanted_flow
from publisher.cli.way_back import Guide, Way
from publisher.cli.wishes import Wishes, check_webhook, options_of_place, webhook_of
from publisher.deadline import Deadline
from publisher.errors import ExitCode, PublisherError, UsageError
from publisher.finding import Wanted
from publisher.ledger.ledger import Ledger
from publisher.ledger.model import Block
from publisher.liaison import Liaison
from publisher.provenance import Provenance, provenance_of
from publisher.publish.gates import Refuse
from publisher.publish.locks import Locks
from publisher.publish.order import Result
from publisher.publish.work import Means
from publisher.rollback import PREVIOUS, Retreat, roll_back
from publisher.settings import check_governance_id
from publisher.trail import Stage, Trail

DEFAULT_TIMEOUT_S = 300.0


ToOption = Annotated[str, typer.Option("--to", metavar="previous|good|VERSION", help="What to put live; see above.")]
ReasonOption = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; the history keeps it.")]
BlockOption = Annotated[
    bool,
    typer.Option("--block", help="Keep what is live now from being published again."),
]
AnnounceOption = Annotated[bool, typer.Option("--announce/--no-announce", help="Tell the receiver, or do not.")]
WaitForLockOption = Annotated[
    str | None,
    typer.Option(metavar="DURATION", help="How long to wait for a lock. [default: on_lock]"),
]
ForceUnlockOption = Annotated[
    bool, typer.Option("--force-unlock", help="Take a lock away; asks first, on a terminal only.")
]
GovernanceIdOption = Annotated[
    str | None, typer.Option(metavar="ID", help="The change that the records name. [env: GOVERNANCE_ID]")
]
AuditFilePathOption = Annotated[
    Path | None, typer.Option("--audit-file", metavar="PATH", help="Add the audit records to this file too.")
]


def rollback(
    context: typer.Context,
    flow: FlowArgument,
    *,
    to: ToOption = PREVIOUS,
    reason: ReasonOption,
    block: BlockOption = False,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    state: StateOption = None,
    announce: AnnounceOption = True,
    wait_for_lock: WaitForLockOption = None,
    force_unlock: ForceUnlockOption = False,
    governance_id: GovernanceIdOption = None,
    audit_file_path: AuditFilePathOption = None,
    settings: SetOption = None,
    values: ValuesOption = None,
    env: EnvOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = DEFAULT_TIMEOUT_S,
    config: ConfigOption = None,
) -> None:
    """Put an earlier version live again, and prove that it is.

    Calls go wrong now, and yesterday they did not:

        publisher rollback "Main IVR" --env prod --reason "callers hear silence"

    --to previous (unless you say otherwise) is the version that was live before this one; one that is blocked, or was
    rolled back from before, is passed over. --to good is the newest version after which everything that the receiver
    runs went well; it takes a receiver (RELAY_TOKEN). --to 15.0 is a version by its id or number: `publisher versions
    FLOW` lists them.

    Nothing is built or checked again: the version is there, and is live within seconds. --dry-run says which one it
    would be. A protected environment asks first (or takes --yes). If a pipeline would publish the bad content again,
    add --block; `publisher unblock FLOW` ends that.

    Exit codes: 0 it is live (or was already), 2 wrong use, 3 no such flow or version, 6 live, but the receiver was not
    told or the content not blocked, 9 locked, blocked, or overtaken by somebody else, 75 try again.
    """
    check_governance_id(governance_id, name="--governance-id")
    desk = Desk.of(context, as_json=as_json, config=config, env=env, timeout_s=timeout)
    check_unlocking(desk.around, force_unlock=force_unlock)
    if not reason.strip():
        raise UsageError("--reason is empty; say why, for whoever looks at the history tomorrow.")
    wishes = Wishes(
        dry_run=dry_run,
        yes=yes,
        state=state,
        announce=announce and bool(desk.project.webhook_url and desk.project.settings.webhook_secret),
        audit_file=audit_file_path,
        governance_id=governance_id,
        lock_wait_s=None if wait_for_lock is None else lock_wait(wait_for_lock),
        force_unlock=force_unlock,
    )
    check_webhook(desk.project, wishes, voice=desk.console.voice)
    sources = ValueSources.of(settings, values, desk.project.config, env=env)
    errand = Rollback(desk, wishes, wanted=wanted_flow(flow, desk.project, sources), to=to, reason=reason, block=block)
    raise typer.Exit(errand.run())


class Rollback:
    """One run of `publisher rollback`."""

    def __init__(self, desk: Desk, wishes: Wishes, *, wanted: Wanted, to: str, reason: str, block: bool) -> None:
        self._desk = desk
        self._wishes = wishes
        self._wanted = wanted
        self._to = to
        self._reason = reason
        self._block = block
        self._governance_id = (
            wishes.governance_id or desk.project.settings.governance_id or f"GOV-{desk.around.new_id()}"
        )
        self._trail = Trail(file="")

    def run(self) -> int:
        """Do it all; the exit code."""
        around, console = self._desk.around, self._desk.console
        with audit_file(self._wishes.audit_file, warn=console.warn) as keep:
            audit = Audit(
                governance_id=self._governance_id,
                clock=around.clock,
                monotonic=around.monotonic,
                sinks=[console.record, keep],
            )
            try:
                return self._desk.do_connected(lambda connection: self._done(connection, audit))
            except BaseException:
                self._say_state()
                raise

    def _say_state(self) -> None:
        if self._trail.stage in {Stage.PUBLISHING, Stage.LIVE} and self._trail.flow is not None:
            self._desk.console.say(self._trail.state())
            place = options_of_place(self._desk.project, self._wishes)
            look = shlex.join(["publisher", "versions", self._trail.flow.id, *place])
            self._desk.console.say(f"Next: {look}   # says which version is live")

    async def _done(self, connection: Connection, audit: Audit) -> int:
        around, project = self._desk.around, self._desk.project
        writes = not self._wishes.dry_run
        async with open_ledger(around, project, connection.http, state=self._wishes.state, writes=writes) as ledger:
            if self._block:
                need_ledger(ledger, doing="block content")
            means = self._means(connection, ledger, audit)
            with audit.timed(Action.AUTHENTICATE):
                await connection.client.authenticate()
            guide = Guide(desk=self._desk, client=connection.client, http=connection.http, ledger=ledger)
            way = await guide.way(self._wanted, to=self._to)
            if way.version.id == way.live:
                self._tell(way, result="unchanged", sentence=f"{way.live} is live already; there is nothing to do.")
                return ExitCode.OK
            if self._wishes.dry_run:
                would = [way.doing, *([f"block the content of {way.live}"] if self._block else [])]
                sentence = "\n".join(f"would {line}" for line in would)
                self._desk.console.result({"result": "dry_run", "would": would}, sentence)
                return ExitCode.OK
            await self._agree(means, way)
            return await self._carry_out(means, way, ledger)

    async def _agree(self, means: Means, way: Way) -> None:
        self._desk.console.pause()
        self._desk.agree(way.doing, yes=self._wishes.yes)
        if not self._wishes.force_unlock:
            return
        gate = UnlockGate(locks=means.locks, person=Person(self._desk.around), console=self._desk.console)
        decision = await gate.decide_on(way.flow)
        if isinstance(decision, Refuse):
            raise decision.error

    async def _carry_out(self, means: Means, way: Way, ledger: Ledger | None) -> int:
        flow = await means.locks.taken_away(way.flow, voice=self._desk.console.voice) or way.flow
        self._trail.flow, self._trail.version = flow, way.version
        retreat = Retreat(
            flow=flow,
            version=way.version,
            provenance=self._provenance(way),
            trail=self._trail,
            voice=self._desk.console.voice,
        )
        is_away = ledger is not None and way.ledger is None
        if is_away:  # it would be told in vain, and that takes a minute
            means = replace(means, liaison=None)
            self._desk.console.warn("the receiver is not told of this, since it cannot be asked")
        result = await roll_back(means, retreat)
        if is_away:
            result = replace(result, told=False)
        is_blocked_now = await self._blocked(way, ledger) if self._block and ledger is not None else None
        self._tell(way, result="rolled_back", sentence=_sentence(way, is_blocked_now=is_blocked_now), told=result)
        return ExitCode.LIVE_BUT if result.told is False or is_blocked_now is False else ExitCode.OK

    async def _blocked(self, way: Way, ledger: Ledger) -> bool:
        """Whether the content that was live could be blocked; the rollback stands either way."""
        content_hash = way.ledger.hash_of(way.live) if way.ledger else None
        if content_hash is None:
            self._desk.console.warn(f"nothing was blocked: {ledger.name} does not tell what {way.live} was made from")
            return False
        block = Block(
            flow_id=way.flow.id,
            flow_name=way.flow.name,
            content_hash=content_hash,
            at=self._desk.around.clock(),
            actor=provenance_of(self._desk.around.environ).actor,
            reason=self._reason,
        )
        try:
            await ledger.block(block)
        except PublisherError as exc:
            self._desk.console.warn(f"nothing was blocked: {exc}")
            return False
        return True

    def _tell(self, way: Way, *, result: str, sentence: str, told: Result | None = None) -> None:
        self._trail.stage = Stage.NOTHING_SENT  # all is said
        fields = {
            "result": result,
            "flow_id": way.flow.id,
            "flow_name": way.flow.name,
            "version_id": way.version.id,
            "version_number": way.version.number,
            "rolled_back_from": way.live,
            "reason": self._reason,
            "announced": told.told if told else None,
            "governance_id": self._governance_id,
        }
        self._desk.console.result(fields, sentence)

    def _provenance(self, way: Way) -> Provenance:
        """Who does it and why, and where the version once came from."""
        entry = way.ledger.entry_of(way.version.id) if way.ledger else None
        here = provenance_of(self._desk.around.environ)
        return replace(
            here,
            commit=entry.commit if entry else None,
            ref=None,
            pull_request=None,
            file=entry.file if entry else None,
            content_hash=way.ledger.hash_of(way.version.id) if way.ledger else None,
            environment=self._desk.project.environment.name or here.environment,
            governance_id=self._governance_id,
            reason=self._reason,
        )

    def _means(self, connection: Connection, ledger: Ledger | None, audit: Audit) -> Means:
        around, project, client = self._desk.around, self._desk.project, connection.client
        deadline, client_id = Deadline(self._desk.timeout_s), project.settings.client_id or ""
        voice, wished_s = self._desk.console.voice, self._wishes.lock_wait_s
        webhook = webhook_of(project, self._wishes, around, http=connection.http, client_id=client_id)
        return Means(
            client=client,
            audit=audit,
            deadline=deadline,
            locks=Locks(
                client=client,
                deadline=deadline,
                sleep=around.sleep,
                clock=around.clock,
                own_id=client_id,
                wait_s=project.environment.lock_wait_s if wished_s is None else wished_s,
            ),
            liaison=Liaison(client, webhook, audit=audit, deadline=deadline, voice=voice) if webhook else None,
            ledger=ledger,
            looks_again=True,
            sleep=around.sleep,
            clock=around.clock,
        )


def _sentence(way: Way, *, is_blocked_now: bool | None) -> str:
    more = f" The content of {way.live} is blocked." if is_blocked_now else ""
    live = "live again" if way.was_live else "live"
    return f"{way.version.id} of flow {way.name} is {live}, in place of {way.live}.{more}"
