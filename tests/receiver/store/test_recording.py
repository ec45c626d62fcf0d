from dataclasses import replace

from sqlalchemy import Connection

from receiver import store
from receiver.model import Actor, EventFilter, Fault, Origin, Recorded, VerdictKind
from receiver.states import RunStatus, StepStatus
from tests.receiver.store.makers import NOON, a_plan, a_run, a_step, after, an_event


def test_an_event_comes_back_as_it_went_in(conn: Connection) -> None:
    event = an_event(
        origin=Origin.ANNOUNCE,
        org_id="org-1",
        environment="prod",
        flow_type="inboundcall",
        actor=Actor(id="1", name="Ada", type="user"),
        operation="op-1",
        provenance={"commit": "c0ffee"},
        body=b'{"a": "\xc3\xa9"}',
    )

    store.record(conn, event, a_plan(), now=NOON)

    assert store.get_event(conn, event.id).event == event


def test_a_faulty_event_is_kept_with_its_faults_and_sets_off_nothing(conn: Connection) -> None:
    faults = (Fault(field="data.flowId", message="is 7; a text was wanted"),)
    event = an_event(flow_id=None, faults=faults)

    recorded = store.record(conn, event, a_plan(), now=NOON)

    assert recorded == Recorded(event_id=event.id)
    assert store.get_event(conn, event.id).event.faults == faults


def test_an_event_makes_a_publication_a_run_and_its_steps(conn: Connection) -> None:
    event = an_event()
    run = a_run(a_step("smoke"), a_step("deploy", needs=("smoke",)))

    recorded = store.record(conn, event, a_plan(run), now=NOON)

    found = store.get_run(conn, run.id)
    assert recorded.run_ids == (run.id,)
    assert recorded.publication is not None
    assert recorded.publication.number == 1
    assert found.run.cause == recorded.publication.id
    assert (found.run.status, found.run.started_at) == (RunStatus.RUNNING, NOON)
    assert [(step.name, step.status) for step in found.steps] == [
        ("smoke", StepStatus.DUE),
        ("deploy", StepStatus.WAITING),
    ]


def test_the_verdicts_are_kept(conn: Connection) -> None:
    event = an_event()
    plan = a_plan(a_run())

    store.record(conn, event, plan, now=NOON)

    assert store.get_event(conn, event.id).verdicts == plan.verdicts


def test_an_event_that_tells_of_no_publication_causes_its_runs_itself(conn: Connection) -> None:
    event = an_event(type="flow.deleted", version_id=None)
    run = a_run()

    recorded = store.record(conn, event, a_plan(run), now=NOON)

    assert recorded.publication is None
    assert store.get_run(conn, run.id).run.cause == event.id


def test_the_same_again_is_a_duplicate_of_the_first(conn: Connection) -> None:
    event = an_event()
    store.record(conn, event, a_plan(), now=NOON)

    again = store.record(conn, replace(event, id="another"), a_plan(a_run()), now=NOON)

    assert again == Recorded(event_id=event.id, duplicate=True)
    assert store.get_event(conn, event.id).duplicates == 1
    assert store.counts(conn).due == 0


def test_other_content_under_the_same_id_is_a_conflict(conn: Connection) -> None:
    event = an_event()
    store.record(conn, event, a_plan(), now=NOON)

    again = store.record(conn, replace(event, id="another", body_digest="other"), a_plan(), now=NOON)

    found = store.get_event(conn, event.id)
    assert again == Recorded(event_id=event.id, duplicate=True, conflict=True)
    assert (found.duplicates, found.conflicts) == (0, 1)


def test_the_same_id_from_another_source_is_another_event(conn: Connection) -> None:
    event = an_event(type="flow.deleted")
    store.record(conn, event, a_plan(), now=NOON)

    recorded = store.record(conn, replace(event, id="another", source="poll"), a_plan(), now=NOON)

    assert not recorded.duplicate


def test_a_joining_event_sets_off_nothing_and_says_why(conn: Connection) -> None:
    first, second = an_event(), an_event(occurred_at=after(30))
    run = a_run()
    store.record(conn, first, a_plan(run), now=NOON)

    recorded = store.record(conn, second, a_plan(a_run()), now=after(30))

    found = store.get_event(conn, second.id)
    assert recorded.run_ids == ()
    assert [(verdict.kind, verdict.reason, verdict.run_id) for verdict in found.verdicts] == [
        (VerdictKind.SAME_PUBLICATION, f"same publication as event {first.id}", None)
    ]
    assert [followed.id for followed in found.runs] == [run.id]


def test_text_that_a_database_refuses_is_replaced_and_the_body_kept(conn: Connection) -> None:
    event = an_event(flow_name="a\0b\ud800c", provenance={"ref": "a\0b\ud800c"}, body=rb'{"n": "\u0000\ud800"}')

    store.record(conn, event, a_plan(), now=NOON)

    found = store.get_event(conn, event.id).event
    assert found.flow_name == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c"
    assert found.provenance == event.provenance
    assert found.body == event.body
    assert store.list_events(conn, EventFilter(), cursor=None, limit=1).items[0].event.body == b""
