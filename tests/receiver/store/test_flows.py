from datetime import timedelta

import pytest
from sqlalchemy import Connection

from receiver import store
from receiver.clock import new_id
from receiver.errors import NotFoundError
from receiver.model import Event, NewRun
from receiver.states import RunStatus, StepStatus
from receiver.timeline import FlowFilter, FlowRecord
from tests.receiver.store.makers import FLOW, NOON, a_plan, a_run, a_settlement, after, an_event

ANNOUNCED = {"content_hash": "sha256:a", "commit": "c0ffee"}


def went_live(conn: Connection, version: str, *, day: int, ends: StepStatus | None = None, **changes: object) -> Event:
    """Record a publication; with an end, the one step of its run ends so."""
    event = an_event(version_id=version, occurred_at=NOON + timedelta(days=day), **changes)
    runs: tuple[NewRun, ...] = (a_run(),) if ends else ()
    store.record(conn, event, a_plan(*runs), now=NOON)
    for claim in store.claim_due(conn, limit=9, now=NOON, lease_s=60, new_lease=new_id()):
        store.settle(conn, claim, a_settlement(claim, ends or StepStatus.SUCCEEDED), now=NOON)
    return event


def told(conn: Connection, kind: str, **changes: object) -> Event:
    """Record an event that is no publication."""
    event = an_event(type=kind, **changes)
    store.record(conn, event, a_plan(), now=NOON)
    return event


def shown(conn: Connection, *, cursor: str | None = None, limit: int = 10) -> FlowRecord:
    return store.get_flow(conn, FLOW, cursor=cursor, limit=limit)


def test_the_timeline_tells_of_each_publication_the_newest_first(conn: Connection) -> None:
    went_live(conn, "15.0", day=1, ends=StepStatus.SUCCEEDED)
    went_live(conn, "16.0", day=2, ends=StepStatus.FAILED, provenance=ANNOUNCED)

    record = shown(conn)

    lived = [(each.publication.number, each.publication.version_id, each.outcome) for each in record.timeline.items]
    assert lived == [(2, "16.0", "failed"), (1, "15.0", "succeeded")]
    assert [event.provenance for event in record.timeline.items[0].events] == [ANNOUNCED]
    assert [run.status for run in record.timeline.items[1].runs] == [RunStatus.SUCCEEDED]
    assert record.good is not None
    assert record.good.version_id == "15.0"


def test_what_was_only_announced_is_no_publication(conn: Connection) -> None:
    told(conn, "flow.version.publishing", version_id="16.0", provenance=ANNOUNCED)

    record = shown(conn)

    assert record.timeline.items == ()
    assert (record.summary.live, record.good) == (None, None)


def test_an_announcement_tells_where_the_publication_after_it_came_from(conn: Connection) -> None:
    announced = told(conn, "flow.version.publishing", version_id="16.0", provenance=ANNOUNCED, occurred_at=after(-5))
    heard = told(conn, "flow.version.published", version_id="16.0")

    [lived] = shown(conn).timeline.items

    assert [event.id for event in lived.events] == [announced.id, heard.id]
    assert lived.announced is not None
    assert lived.announced.provenance == ANNOUNCED


def test_the_timeline_goes_on_where_its_cursor_says(conn: Connection) -> None:
    for day, version in enumerate(["1.0", "2.0", "3.0"]):
        went_live(conn, version, day=day)

    first = shown(conn, limit=2).timeline
    rest = shown(conn, cursor=first.next_cursor, limit=2).timeline

    assert [each.publication.version_id for each in first.items] == ["3.0", "2.0"]
    assert [each.publication.version_id for each in rest.items] == ["1.0"]
    assert rest.next_cursor is None


@pytest.mark.parametrize("cursor", ["x", "AAAA", "MTIzNDU2Nzg5MDEy"])
def test_a_foreign_cursor_of_a_timeline_is_refused(conn: Connection, cursor: str) -> None:
    went_live(conn, "1.0", day=0)

    with pytest.raises(NotFoundError, match="none of this list's"):
        shown(conn, cursor=cursor)


def test_adoptions_and_blocks_belong_to_the_flow(conn: Connection) -> None:
    adopted = told(conn, "flow.version.adopted", version_id="17.0", provenance={"actor": "kim"})
    told(conn, "flow.content.blocked", version_id=None, provenance={"content_hash": "sha256:a"})
    blocked = told(conn, "flow.content.blocked", version_id=None, provenance={"content_hash": "sha256:b"})
    told(conn, "flow.content.unblocked", version_id=None, provenance={"content_hash": "sha256:a"})
    told(conn, "flow.content.blocked", flow_id="another", provenance={"content_hash": "sha256:c"})

    record = shown(conn)

    assert [event.id for event in record.adopted] == [adopted.id]
    assert [event.id for event in record.blocked] == [blocked.id]


def test_a_flow_that_no_event_has_told_of_is_not_found(conn: Connection) -> None:
    with pytest.raises(NotFoundError, match=f"told of a flow {FLOW!r}"):
        shown(conn)


def test_flows_are_listed_the_one_last_told_of_first(conn: Connection) -> None:
    went_live(conn, "3.0", day=0, flow_id="flow-1", flow_name="Main", environment="prod")
    went_live(conn, "7.0", day=0, flow_id="flow-2", flow_name="Sales")
    told(conn, "flow.deleted", flow_id="flow-3", flow_name=None)
    told(conn, "flow.checked_out", flow_id="flow-1", flow_name=None)
    told(conn, "repository.pushed", flow_id=None)

    page = store.list_flows(conn, FlowFilter(), cursor=None, limit=10)

    assert [(each.flow_id, each.flow_name, each.environment) for each in page.items] == [
        ("flow-1", "Main", "prod"),
        ("flow-3", None, None),
        ("flow-2", "Sales", None),
    ]
    assert [each.live and each.live.version_id for each in page.items] == ["3.0", None, "7.0"]


def test_the_list_of_flows_is_paged(conn: Connection) -> None:
    for number in range(3):
        told(conn, "flow.deleted", flow_id=f"flow-{number}")

    first = store.list_flows(conn, FlowFilter(), cursor=None, limit=2)
    rest = store.list_flows(conn, FlowFilter(), cursor=first.next_cursor, limit=2)

    assert [each.flow_id for each in first.items] == ["flow-2", "flow-1"]
    assert [each.flow_id for each in rest.items] == ["flow-0"]
    assert rest.next_cursor is None


def test_a_history_without_flows_lists_none(conn: Connection) -> None:
    assert store.list_flows(conn, FlowFilter(), cursor=None, limit=2).items == ()


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        pytest.param(FlowFilter(flow="flow-1"), ["flow-1"], id="its id"),
        pytest.param(FlowFilter(flow="ÄRZTE"), ["flow-2"], id="a part of its name"),
        pytest.param(FlowFilter(environment="prod"), ["flow-1"], id="its environment"),
        pytest.param(FlowFilter(environment="prod", flow="Hotline"), [], id="both"),
    ],
)
def test_flows_are_filtered(conn: Connection, wanted: FlowFilter, found: list[str]) -> None:
    told(conn, "flow.deleted", flow_id="flow-1", flow_name="Main", environment="prod")
    told(conn, "flow.deleted", flow_id="flow-2", flow_name="Hotline für Ärzte")

    page = store.list_flows(conn, wanted, cursor=None, limit=10)

    assert [each.flow_id for each in page.items] == found
