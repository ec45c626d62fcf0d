"""Many events recorded at once are recorded as if each had come alone, after the one before it."""

import itertools
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Table, select

from receiver import store
from receiver.model import Arrival, GroupPolicy, Plan, Recorded
from receiver.store import tables
from tests.receiver.store.connecting import undone
from tests.receiver.store.makers import NOON, a_plan, a_run, a_step, after, an_event, counting

IDS = frozenset({"id", "publication_id", "cause"})

_numbers = itertools.count(1)


def an_arrival(*, plan: Plan | None = None, **changes: Any) -> Arrival:  # noqa: ANN401 (fields of an event)
    return Arrival(event=an_event(**changes), plan=plan or a_plan(), at=NOON)


@st.composite
def some_arrivals(draw: st.DrawFn) -> list[Arrival]:
    """Events that have much to do with each other: few keys, flows, versions, times, operations and groups."""
    return [draw(_arrivals()) for _ in range(draw(st.integers(1, 12)))]


@st.composite
def _arrivals(draw: st.DrawFn) -> Arrival:
    number = next(_numbers)
    happening = an_event(
        id=f"event-{number:06}",
        type=draw(st.sampled_from(["flow.version.published"] * 3 + ["flow.deleted"])),
        dedupe_key=draw(st.sampled_from(["a", "b", f"own-{number}", f"own-{number}"])),
        body_digest=draw(st.sampled_from(["one", "other"])),
        flow_id=draw(st.sampled_from(["flow-1", "flow-2", f"flow-{number}"])),
        version_id=draw(st.sampled_from(["1.0", "2.0"])),
        operation=draw(st.sampled_from([None, "op-1", "op-2"])),
        occurred_at=after(draw(st.sampled_from([0, 60, 599, 1200, -700]))),
    )
    runs = [
        a_run(
            *[a_step(f"step-{position}") for position in range(draw(st.integers(0, 2)))],
            id=f"run-{number:06}-{place}",
            pipeline=f"pipeline-{place}",
            group_key=draw(st.sampled_from(["one", "two", f"own-{number}"])),
            policy=draw(st.sampled_from(GroupPolicy)),
        )
        for place in range(draw(st.integers(0, 2)))
    ]
    # A run without a group is in one that is its own.
    apart = [replace(run, group_key=run.id) if run.policy is GroupPolicy.PARALLEL else run for run in runs]
    return Arrival(event=happening, plan=a_plan(*apart), at=after(number))


def everything(conn: Connection) -> dict[str, list[dict[str, Any]]]:
    """All rows, without the ids that were made on the way; a publication goes by its flow and number."""
    publications = {row["id"]: f"{row['flow_id']} {row['number']}" for row in rows_of(conn, tables.publications)}
    found = {table.name: rows_of(conn, table) for table in (tables.events, tables.publications, tables.runs)}
    return {
        "steps": [row | {"id": None} for row in rows_of(conn, tables.steps)],
        **{name: [known_by(publications, row) for row in rows] for name, rows in found.items()},
    }


def rows_of(conn: Connection, table: Table) -> list[dict[str, Any]]:
    return [dict(row) for row in conn.execute(select(table).order_by(table.c.id)).mappings()]


def known_by(publications: dict[str, str], row: dict[str, Any]) -> dict[str, Any]:
    return {name: publications.get(value, value) if name in IDS else value for name, value in row.items()}


def answers(recorded: Iterable[Recorded]) -> list[Recorded]:
    """Without the ids of publications, which are made in another order of making ids."""
    return [replace(one, publication=one.publication and replace(one.publication, id="")) for one in recorded]


def causes(conn: Connection) -> list[str]:
    """The events that made publications, in the order of the publications' ids."""
    return [row["first_event_id"] for row in rows_of(conn, tables.publications)]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(arrivals=some_arrivals(), cut=st.integers(0, 12))
def test_many_at_once_are_recorded_as_one_after_the_other(clean_url: str, arrivals: list[Arrival], cut: int) -> None:
    with undone(clean_url) as conn:
        made = counting("id")
        alone = [store.record(conn, one.event, one.plan, now=one.at, new_id=made) for one in arrivals]
        left_alone = everything(conn), causes(conn)

    with undone(clean_url) as conn:
        made = counting("id")
        together = store.record_many(conn, arrivals[:cut], new_id=made)
        together += store.record_many(conn, arrivals[cut:], new_id=made)
        left_together = everything(conn), causes(conn)

    assert answers(together) == answers(alone)
    assert left_together == left_alone


def test_nothing_is_recorded_of_nothing(conn: Connection) -> None:
    assert store.record_many(conn, []) == []


def test_a_repetition_within_a_batch_is_a_duplicate_of_the_first(conn: Connection) -> None:
    first = an_arrival()
    again = replace(first, event=replace(first.event, id="another"))

    recorded = store.record_many(conn, [first, again])

    assert recorded[1] == Recorded(event_id=first.event.id, duplicate=True)
    assert store.get_event(conn, first.event.id).duplicates == 1


def test_a_batch_of_all_sorts_is_recorded_whole(conn: Connection) -> None:
    run = a_run(a_step("smoke"), a_step("deploy", needs=("smoke",)))
    first = an_arrival(plan=a_plan(run))
    joining = an_arrival(occurred_at=after(30))
    other = an_arrival(flow_id="other", plan=a_plan(a_run(group_key="other")))

    recorded = store.record_many(conn, [first, joining, other])

    assert [one.publication and (one.publication.flow_id, one.publication.number) for one in recorded] == [
        (first.event.flow_id, 1),
        (first.event.flow_id, 1),
        ("other", 1),
    ]
    assert recorded[0].run_ids == (run.id,)
    assert [step.name for step in store.get_run(conn, run.id).steps] == ["smoke", "deploy"]


@pytest.mark.parametrize("count", [pytest.param(16, id="few"), pytest.param(64, id="many")])
def test_a_batch_takes_few_statements(conn: Connection, path: Path, count: int) -> None:
    statements: list[str] = []
    arrivals = [
        an_arrival(flow_id=f"flow-{number}", plan=a_plan(a_run(group_key=f"{number}"))) for number in range(count)
    ]
    driver: Any = conn.connection.dbapi_connection
    driver.set_trace_callback(statements.append)

    store.record_many(conn, arrivals)

    assert len([one for one in statements if one.startswith(("SELECT", "WITH", "INSERT", "UPDATE"))]) <= 14
