"""Runs: added, started one at a time in their group, advanced, ended."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from receiver import progress
from receiver.model import Event, GroupPolicy, NewRun, Publication, Run, Step
from receiver.progress import Progress
from receiver.states import RunStatus, StepStatus, is_final
from receiver.store import rows
from receiver.store.dialect import lock
from receiver.store.prepared import Prepared, PreparedMany
from receiver.store.steps import add_steps, save_steps, steps_of
from receiver.store.tables import OPEN, publications, runs

_ADD = PreparedMany(
    lambda parameters: insert(runs).values(parameters), types={column.name: column.type for column in runs.columns}
)
_OPEN_GROUPS = PreparedMany(
    lambda parameters: select(runs.c.group_key).where(runs.c.group_key.in_([row["group"] for row in parameters]), OPEN),
    types={"group": runs.c.group_key.type},
)
_OPEN = Prepared(
    select(*rows.RUN, publications.c.flow_id)
    .select_from(runs.outerjoin(publications, publications.c.id == runs.c.cause))
    .where(runs.c.group_key == bindparam("group"), OPEN)
    .order_by(runs.c.cause, runs.c.id)
)
_LOCKED = Prepared(select(*rows.RUN).where(runs.c.id == bindparam("run")).with_for_update())
_SAVE = Prepared(
    update(runs)
    .where(runs.c.id == bindparam("of"))
    .values({name: bindparam(name) for name in ("status", "reason", "started_at", "ended_at")})
)


def planned(
    new: NewRun, *, event: Event, publication: Publication | None, now: datetime, new_id: Callable[[], str]
) -> Progress:
    """A run that an event sets off, waiting, with its steps."""
    run = Run(
        id=new.id,
        pipeline=new.pipeline,
        event_id=event.id,
        cause=event.id if publication is None else publication.id,
        publication_number=None if publication is None else publication.number,
        group_key=new.group_key,
        policy=new.policy,
        status=RunStatus.WAITING,
        config_digest=new.config_digest,
        created_at=now,
    )
    return Progress(run=run, steps=_steps_of(new, new_id))


def add_all(conn: Connection, waiting: Sequence[Progress]) -> None:
    """Add runs in their order, and start those that may start: at once where no other run is in the group."""
    keys = Counter(one.run.group_key for one in waiting if one.run.policy is not GroupPolicy.PARALLEL)
    shared = {key for key, count in keys.items() if count > 1}
    shared.update(row["group_key"] for row in _OPEN_GROUPS.rows(conn, [{"group": key} for key in keys]))
    alone = [one for one in waiting if one.run.group_key not in shared]
    _insert(conn, [progress.start(one.run, one.steps, now=one.run.created_at) for one in alone])
    for one in waiting:
        if one.run.group_key in shared:
            _add(conn, one)


def advance(conn: Connection, run: Run, *, now: datetime) -> Run:
    """Move on a run, locked by the caller, after one of its steps has ended; the run as it is then.

    A run that ends lets in the next.
    """
    after = progress.advance(run, steps_of(conn, run.id), now=now)
    save_steps(conn, after.moved)
    if after.run != run:
        _save(conn, after.run)
    if is_final(after.run.status) and run.policy is not GroupPolicy.PARALLEL:
        _start_next(conn, run.group_key, now=now)
    return after.run


def lock_of(run_id: str) -> str:
    """The name that whoever changes a run locks."""
    return f"run {run_id}"


def lock_of_group(group_key: str) -> str:
    """The name that whoever adds, starts or ends a run of a group locks."""
    return f"group {group_key}"


def locked(conn: Connection, run_id: str) -> Run:
    """A run that nobody else can change until this transaction ends."""
    lock(conn, lock_of(run_id))
    return rows.to_run(_LOCKED.rows(conn, {"run": run_id})[0])


def _steps_of(new: NewRun, new_id: Callable[[], str]) -> tuple[Step, ...]:
    return tuple(
        Step(
            id=new_id(),
            run_id=new.id,
            position=position,
            name=step.name,
            target=step.target,
            kind=step.kind,
            needs=step.needs,
            condition=step.condition,
            definition=step.definition,
            timeout_s=step.timeout_s,
        )
        for position, step in enumerate(new.steps)
    )


def _add(conn: Connection, waiting: Progress) -> None:
    """Add a run to a group that others may be in."""
    run = waiting.run
    running = next((other for other in _open(conn, run.group_key) if other.status is RunStatus.RUNNING), None)
    reason = f"waits for run {running.id} of pipeline {running.pipeline!r}" if running else None
    _insert(conn, [replace(waiting, run=replace(run, reason=reason))])
    _start_next(conn, run.group_key, now=run.created_at)


def _insert(conn: Connection, added: Sequence[Progress]) -> None:
    _ADD.change(conn, [rows.of_run(one.run) for one in added])
    add_steps(conn, [step for one in added for step in one.steps])


def _open(conn: Connection, group_key: str) -> list[Run]:
    """The waiting and running runs of a group, oldest publication first."""
    lock(conn, lock_of_group(group_key))
    # A cause is an id made while the store was written to, so causes sort by time, across flows too; where the clocks
    # of two nodes differ, or one was put back, the numbers know better which publication of a flow came first.
    found = [(row.pop("flow_id"), rows.to_run(row)) for row in _OPEN.rows(conn, {"group": group_key})]
    by_flow: dict[str | None, list[Run]] = defaultdict(list)
    for flow, run in found:
        by_flow[flow].append(run)
    in_order = {flow: iter(of if flow is None else sorted(of, key=_number)) for flow, of in by_flow.items()}
    return [next(in_order[flow]) for flow, _ in found]


def _number(run: Run) -> int:
    return run.publication_number or 0


def _start_next(conn: Connection, group_key: str, *, now: datetime) -> None:
    """Supersede what newer runs have made pointless; start the next in line unless one is running."""
    found = _open(conn, group_key)
    waiting = [run for run in found if run.status is RunStatus.WAITING]
    line = _without_superseded(conn, waiting, now=now)
    is_free = len(waiting) == len(found)
    while is_free and line:
        begun = progress.start(line[0], steps_of(conn, line[0].id), now=now)
        save_steps(conn, begun.moved)
        _save(conn, begun.run)
        is_free, line = is_final(begun.run.status), line[1:]  # one without steps has ended already


def _without_superseded(conn: Connection, waiting: Sequence[Run], *, now: datetime) -> list[Run]:
    """The waiting runs that still stand: of a pipeline with `latest`, the newest alone."""
    newest = {run.pipeline: run for run in waiting}
    kept = []
    for run in waiting:
        newer = newest[run.pipeline]
        if run.policy is GroupPolicy.LATEST and newer is not run:
            _supersede(conn, run, by=newer, now=now)
        else:
            kept.append(run)
    return kept


def _supersede(conn: Connection, run: Run, *, by: Run, now: datetime) -> None:
    gone = progress.superseded(run, by, now=now)
    _save(conn, gone)
    left = [step for step in steps_of(conn, run.id) if step.status is StepStatus.WAITING]
    save_steps(conn, [progress.cancelled(step, gone.reason or "", now=now) for step in left])


def _save(conn: Connection, run: Run) -> None:
    values = {"status": run.status, "reason": run.reason, "started_at": run.started_at, "ended_at": run.ended_at}
    _SAVE.change(conn, {"of": run.id, **values})
