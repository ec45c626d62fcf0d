import pytest
from sqlalchemy import Connection

from receiver import store
from receiver.errors import NotFoundError
from receiver.model import Event, EventFilter, Fault, RunFilter
from receiver.states import RunStatus
from receiver.store import tables
from tests.receiver.store.makers import NOON, a_plan, a_run, an_event


def recorded(conn: Connection, *events: Event) -> list[str]:
    for event in events:
        store.record(conn, event, a_plan(), now=NOON)
    return [event.id for event in events]


def found(conn: Connection, wanted: EventFilter) -> list[str]:
    return [record.event.id for record in store.list_events(conn, wanted, cursor=None, limit=10).items]


def test_lists_are_paged_newest_first(conn: Connection) -> None:
    ids = recorded(conn, *(an_event(type="flow.deleted") for _ in range(5)))

    first = store.list_events(conn, EventFilter(), cursor=None, limit=2)
    second = store.list_events(conn, EventFilter(), cursor=first.next_cursor, limit=2)
    third = store.list_events(conn, EventFilter(), cursor=second.next_cursor, limit=2)

    pages = [[record.event.id for record in page.items] for page in (first, second, third)]
    assert pages == [[ids[4], ids[3]], [ids[2], ids[1]], [ids[0]]]
    assert third.next_cursor is None


def test_a_list_that_fits_its_page_has_no_next(conn: Connection) -> None:
    recorded(conn, an_event(), an_event())

    assert store.list_events(conn, EventFilter(), cursor=None, limit=2).next_cursor is None


@pytest.mark.parametrize("cursor", ["x", "????", "a" * 1001, "_w"])
def test_a_foreign_cursor_is_refused(conn: Connection, cursor: str) -> None:
    with pytest.raises(NotFoundError, match="none of this list's"):
        store.list_events(conn, EventFilter(), cursor=cursor, limit=2)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param(EventFilter(type="flow.deleted"), [0], id="type"),
        pytest.param(EventFilter(source="poll"), [1], id="source"),
        pytest.param(EventFilter(flow="flow-2"), [2], id="flow id"),
        pytest.param(EventFilter(flow="ÄRZTE"), [2], id="part of a name"),
        pytest.param(EventFilter(secret="OTHER"), [1], id="secret"),
        pytest.param(EventFilter(flow="100%"), [3], id="a name with a wildcard"),
        pytest.param(EventFilter(faulty=True), [3], id="faulty"),
        pytest.param(EventFilter(faulty=False, source="genesys"), [2, 0], id="several at once"),
    ],
)
def test_events_are_filtered(conn: Connection, wanted: EventFilter, expected: list[int]) -> None:
    ids = recorded(
        conn,
        an_event(type="flow.deleted"),
        an_event(source="poll", secret="OTHER"),
        an_event(flow_id="flow-2", flow_name="Hotline für Ärzte"),
        an_event(flow_name="100% sure", faults=(Fault(field="data", message="is null"),)),
    )

    assert found(conn, wanted) == [ids[position] for position in expected]


def test_a_list_shows_what_followed_each_event(conn: Connection) -> None:
    run = a_run()
    store.record(conn, an_event(), a_plan(run), now=NOON)
    store.record(conn, an_event(type="flow.deleted"), a_plan(), now=NOON)

    page = store.list_events(conn, EventFilter(), cursor=None, limit=5)

    assert [[followed.id for followed in record.runs] for record in page.items] == [[], [run.id]]


def test_runs_are_filtered(conn: Connection) -> None:
    event = an_event(flow_id="flow-1", flow_name="Main")
    runs = [a_run(pipeline="deploy"), a_run(pipeline="report")]
    store.record(conn, event, a_plan(*runs), now=NOON)
    store.record(conn, an_event(flow_id="flow-2", flow_name="Sales"), a_plan(a_run(group_key="other")), now=NOON)

    def listed(wanted: RunFilter) -> list[str]:
        return [record.run.id for record in store.list_runs(conn, wanted, cursor=None, limit=5).items]

    assert listed(RunFilter(pipeline="report")) == [runs[1].id]
    assert listed(RunFilter(status=RunStatus.WAITING)) == [runs[1].id]
    assert listed(RunFilter(flow="main")) == [runs[1].id, runs[0].id]
    assert listed(RunFilter(event_id=event.id, pipeline="deploy")) == [runs[0].id]


def test_listed_runs_have_their_steps(conn: Connection) -> None:
    store.record(conn, an_event(), a_plan(a_run()), now=NOON)

    record = store.list_runs(conn, RunFilter(), cursor=None, limit=5).items[0]

    assert [step.name for step in record.steps] == ["deploy"]
    assert record.attempts == {}


def test_what_does_not_exist_is_not_found(conn: Connection) -> None:
    with pytest.raises(NotFoundError, match="no event 'nothing'"):
        store.get_event(conn, "nothing")
    with pytest.raises(NotFoundError, match="no run 'nothing'"):
        store.get_run(conn, "nothing")


def test_a_config_is_kept_once(conn: Connection) -> None:
    store.save_config(conn, "c0ffee", "pipelines: {}", now=NOON)
    store.save_config(conn, "c0ffee", "other", now=NOON)

    kept = conn.execute(tables.configs.select()).one()

    assert tuple(kept) == ("c0ffee", "pipelines: {}", NOON)
