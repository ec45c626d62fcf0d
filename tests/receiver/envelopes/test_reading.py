"""From the body of every envelope to the canonical event."""

from datetime import UTC, datetime
from typing import Any

import pytest

from receiver.envelopes import is_note
from receiver.model import Actor, Fault, Origin
from tests.receiver.envelopes import FLOW_ID, NOON, ORG_ID, a_body, read, sample

PUBLISHED_AT = datetime(2026, 11, 23, 9, 49, 26, 31000, tzinfo=UTC)
DANA = Actor(id="7a1d5f0c-5e57-4b0f-8a52-0f2f2d1f9f10", name="Dana Reyes", type="user")


def test_the_documented_webhook_is_read_whole() -> None:
    event = read(a_body(), environment="prod")

    assert event.type == "flow.version.published"
    assert event.origin is Origin.WEBHOOK
    assert (event.org_id, event.environment) == (ORG_ID, "prod")
    assert (event.flow_id, event.flow_name, event.flow_type) == (FLOW_ID, "Automated IVR Flow v2", "inboundcall")
    assert (event.version_id, event.version_number) == ("16.0", 16)
    assert event.actor == DANA
    assert (event.occurred_at, event.received_at) == (PUBLISHED_AT, NOON)
    assert event.dedupe_key == "0f6c2a3e-8d0b-4f43-9f0e-5a2f7f6f6c11"
    assert event.secret == "CI_WEBHOOK_SECRET"
    assert event.faults == ()


def test_flat_fields_in_snake_case_are_read_too() -> None:
    event = read(sample("genesys/flow-version-published-flat.json"))

    assert (event.type, event.org_id, event.flow_id) == ("flow.version.published", ORG_ID, FLOW_ID)
    assert (event.version_id, event.version_number, event.occurred_at) == ("16", 16, PUBLISHED_AT)
    assert event.actor == Actor(name="Dana Reyes")
    assert event.dedupe_key == "5d0e8a92-6c0e-4d49-8f24-74f6f2f0a9d7"
    assert event.faults == ()


def test_an_announcement_brings_where_the_change_came_from() -> None:
    event = read(sample("genesys/flow-version-announced.json"))

    assert event.origin is Origin.ANNOUNCE
    assert event.environment == "prod"
    assert event.provenance is not None
    assert event.provenance["commit"].startswith("5f2c1d0e")


def test_the_environment_of_the_source_holds() -> None:
    assert read(sample("genesys/flow-version-announced.json"), environment="uat").environment == "uat"


@pytest.mark.parametrize("name", ["eventbridge/flow-publish-success.json", "eventbridge/notification.json"])
def test_a_publish_that_eventbridge_tells_of_is_a_publication(name: str) -> None:
    event = read(sample(name))

    assert (event.type, event.origin) == ("flow.version.published", Origin.EVENTBRIDGE)
    assert (event.flow_id, event.flow_name) == (FLOW_ID, "Main IVR")
    assert (event.version_id, event.version_number) == ("16.0", 16)
    assert event.operation == "0a4f5d1e-9f0b-4b67-8a35-2d1c0b9a8f7e"
    assert event.actor == Actor(id="5d1c0b9a-8f7e-4b67-8a35-0a4f5d1e9f0b", name="ci", type="client")
    assert event.occurred_at == PUBLISHED_AT
    assert event.faults == ()


def test_the_envelope_tells_the_org() -> None:
    assert read(sample("eventbridge/flow-publish-success.json")).org_id == ORG_ID


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("flow-publish-failure.json", "flow.version.publish_failed"),
        ("flow-publish-started.json", "flow.operation.started"),
        ("flow-checkin-success.json", "flow.version.checked_in"),
        ("flow-deactivate-success.json", "flow.deactivated"),
        ("flow-audit-publish.json", "flow.audited"),
        ("other-topic.json", "v2.users.7a1d5f0c.presence"),
    ],
)
def test_what_else_eventbridge_tells_has_its_own_type(name: str, kind: str) -> None:
    event = read(sample(f"eventbridge/{name}"))

    assert event.type == kind
    assert event.faults == ()


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ({"actionStatus": "PENDING_GENERATION"}, "flow.operation.pending"),
        ({"actionStatus": "UNLOCKED"}, "flow.operation.unlocked"),
        ({"actionStatus": "SUCCESS", "complete": False}, "flow.operation.pending"),
        ({"actionStatus": None}, "flow.operation.noted"),
    ],
    ids=["pending", "unlocked", "not complete", "no status"],
)
def test_an_operation_under_way_is_a_note(operation: dict[str, Any], kind: str) -> None:
    body = sample("eventbridge/flow-publish-success.json")
    body["detail"]["eventBody"]["currentOperation"] |= operation

    event = read(body)

    assert event.type == kind
    assert is_note(event)


def test_a_publication_is_no_note() -> None:
    assert not is_note(read(a_body()))


@pytest.mark.parametrize(
    ("action", "status", "kind"),
    [
        ("SOMETHING NEW", "SUCCESS", "flow.something_new"),
        ("SOMETHING NEW", "FAILURE", "flow.something_new_failed"),
        (None, "SUCCESS", "flow.changed"),
        ([], "FAILURE", "flow.operation_failed"),
    ],
)
def test_an_action_that_nobody_knew_has_a_type_of_its_name(action: object, status: str, kind: str) -> None:
    body = sample("eventbridge/flow-publish-success.json")
    body["detail"]["eventBody"]["currentOperation"] |= {"actionName": action, "actionStatus": status}

    assert read(body).type == kind


def test_an_audit_tells_who_and_when() -> None:
    event = read(sample("eventbridge/flow-audit-publish.json"))

    assert (event.flow_id, event.flow_name, event.actor) == (FLOW_ID, "Main IVR", DANA)
    assert event.occurred_at == datetime(2026, 11, 23, 9, 49, 26, 500_000, tzinfo=UTC)


def an_audit(**fields: object) -> dict[str, Any]:
    body = sample("eventbridge/flow-audit-publish.json")
    body["detail"]["eventBody"] |= fields
    return body


def a_change(name: object, old: object, new: object) -> dict[str, object]:
    return {"propertyChanges": [{"property": name, "oldValues": old, "newValues": new}]}


@pytest.mark.parametrize(
    "fields",
    [
        a_change("publishedVersion", ["15.0"], ["16.0"]),
        a_change("Version Id", [], ["16.0"]),
        {"context": {"flowVersion": "16.0", "newKey": {"any": "thing"}}},
        {"message": {"messageParams": {"version": "16.0"}}},
        {"entity": {"id": FLOW_ID, "name": "Main IVR", "version": "16.0"}},
        {"context": {"version": "16.0"}, "status": "SUCCESS"},
    ],
    ids=["change", "words", "context", "message", "entity", "status"],
)
def test_an_audit_that_names_the_version_which_went_live_tells_of_a_publication(fields: dict[str, Any]) -> None:
    event = read(an_audit(**fields))

    assert event.tells_of_publication
    assert (event.version_id, event.version_number) == ("16.0", 16)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"context": {"version": "16"}},
        {"context": {"version": "latest", "platformVersion": "2.0"}},
        {"context": {"version": "16.0", "flowVersion": "15.0"}},
        {"context": {"version": "16.0"}, "status": "FAILURE"},
        {"context": {"version": "16.0"}, "action": "Save"},
        {"context": [], "propertyChanges": {}, "message": None},
        a_change("version", ["14.0"], ["15.0", "16.0"]),
        a_change("name", [], ["Main IVR"]),
        a_change("name", ["Main IVR"], ["Main IVR"]),
        a_change(None, None, 7),
    ],
    ids=["none", "bare", "odd", "two", "failed", "saved", "shapes", "list", "first name", "same name", "nonsense"],
)
def test_any_other_audit_of_a_flow_is_a_note_of_its_own(fields: dict[str, Any]) -> None:
    event = read(an_audit(**fields))

    assert event.type == "flow.audited"
    assert event.faults == ()


def test_an_audit_that_shows_two_names_tells_of_a_rename() -> None:
    event = read(an_audit(action="Update", **a_change("Name", ["Main IVR"], ["Main IVR EU"])))

    assert (event.type, event.flow_name) == ("flow.renamed", "Main IVR EU")


def test_an_audit_of_something_else_is_of_that() -> None:
    assert read(an_audit(entityType="Queue", context={"version": "16.0"})).type == "queue.audited"


def test_an_audit_without_a_user_object_tells_the_user_all_the_same() -> None:
    event = read(an_audit(username=None))

    assert event.actor == DANA


@pytest.mark.parametrize("detail", [{}, {"detail": None}, {"detail": 7}], ids=["none", "null", "a number"])
def test_a_part_that_looks_like_a_whole_envelope_without_its_detail_is_read(detail: dict[str, Any]) -> None:
    event = read({"detail-type": None, "topicName": "v2.flows.1", "eventBody": {}, **detail})

    assert event.origin is Origin.EVENTBRIDGE


@pytest.mark.parametrize(
    "detail",
    [{}, {"eventBody": []}, {"topicName": 7}, {"topicName": "v2.flows.1", "eventBody": {"currentOperation": 1}}],
)
def test_an_envelope_with_odd_contents_is_kept_all_the_same(detail: dict[str, Any]) -> None:
    body = {"id": "1", "detail-type": "v2.flows.{id}", "source": 5, "detail": detail}

    event = read(body)

    assert event.origin is Origin.EVENTBRIDGE
    assert event.dedupe_key == "1"


def test_a_cloudevent_is_read_from_its_attributes_and_its_data() -> None:
    event = read(sample("cloudevents/flow-version-published.json"))

    assert (event.type, event.origin) == ("flow.version.published", Origin.CLOUDEVENTS)
    assert (event.org_id, event.flow_id, event.version_id) == (ORG_ID, FLOW_ID, "16.0")
    assert (event.flow_name, event.actor, event.occurred_at) == ("Main IVR", DANA, PUBLISHED_AT)
    assert event.dedupe_key == f"/orgs/{ORG_ID}/flows A234-1234-1234"
    assert event.faults == ()


def test_what_a_cloudevent_lacks_is_a_fault() -> None:
    event = read({"type": "flow.deactivated"}, content_type="application/cloudevents+json")

    assert [fault.field for fault in event.faults] == ["specversion", "id", "source"]
    assert event.dedupe_key.startswith("sha256:")


def test_a_foreign_object_is_kept_under_its_own_type() -> None:
    event = read(sample("foreign/repository-push.json"))

    assert (event.type, event.dedupe_key) == ("push", "7301")
    assert event.faults == ()


@pytest.mark.parametrize("body", [{}, {"hello": "world"}, {"event": None}, {"type": ""}])
def test_an_object_without_a_type_is_unknown(body: dict[str, Any]) -> None:
    event = read(body)

    assert event.type == "unknown"
    assert event.faults == ()
    assert event.dedupe_key == f"sha256:{event.body_digest}"


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"data__flowId": None}, Fault(field="flow_id", message="is missing")),
        ({"data__versionId": None}, Fault(field="version_id", message="is missing")),
        ({"data__flowId": {}}, Fault(field="flow_id", message="is an object; text was wanted")),
        (
            {"data__versionNumber": 2**63},
            Fault(field="version_number", message="is 9223372036854775808; a whole number was wanted"),
        ),
        ({"id": ["x"]}, Fault(field="id", message="is a list; text was wanted")),
        ({"provenance": "git"}, Fault(field="provenance", message="is text; an object was wanted")),
        ({"event": 5}, Fault(field="type", message="is not text")),
        ({"event": "e" * 201}, Fault(field="type", message="has 201 characters; at most 200 are kept")),
        (
            {"timestamp": "noon"},
            Fault(field="occurred_at", message="is 'noon'; a time like 2026-11-23T12:00:00Z was wanted"),
        ),
    ],
    ids=lambda value: value.field if isinstance(value, Fault) else "",
)
def test_what_cannot_be_read_of_an_event_of_ours_is_noted(fields: dict[str, Any], fault: Fault) -> None:
    event = read(a_body(**fields))

    assert event.faults == (fault,)
    assert not event.tells_of_publication


def test_data_that_is_no_object_is_noted() -> None:
    event = read(a_body(data="all of it"))

    assert [fault.field for fault in event.faults] == ["data", "flow_id", "version_id"]


def test_the_raw_body_is_kept_as_it_came() -> None:
    body = b'{ "event":"x",\n "n": 1.0e2 }'

    assert read(body).body == body


def test_an_id_too_long_for_a_key_is_kept_as_its_digest() -> None:
    body = sample("cloudevents/flow-version-published.json") | {"source": "/" * 500}

    assert len(read(body).dedupe_key) == 64
