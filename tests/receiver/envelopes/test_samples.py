"""Every sample of what senders send is read to the canonical fields that stand here."""

import json
from collections.abc import Mapping
from typing import Any, Final

import pytest

from receiver.config import Source
from receiver.envelopes import is_json, is_note, kept_headers, read_event
from receiver.model import Event, Origin
from tests.receiver.envelopes import FLOW_ID, NOON, ORG_ID, SAMPLES

SOURCES: Final = ("genesys", "eventbridge", "cloudevents", "foreign")
OPERATION: Final = "0a4f5d1e-9f0b-4b67-8a35-2d1c0b9a8f7e"
PUBLISHED: Final = {
    "type": "flow.version.published",
    "flow_id": FLOW_ID,
    "version_id": "16.0",
    "version_number": 16,
}
WEBHOOK: Final = {"flow_name": "Automated IVR Flow v2", "flow_type": "inboundcall", "org_id": ORG_ID}
ANNOUNCED: Final = {"origin": Origin.ANNOUNCE, "environment": "prod", "flow_name": "Automated IVR Flow v2"}
MOVED: Final = {"flow_id": FLOW_ID, "flow_name": "Main IVR", "org_id": ORG_ID, "operation": OPERATION}
AUDIT: Final = {"flow_id": FLOW_ID, "flow_name": "Main IVR", "org_id": ORG_ID, "operation": None}
NONE: Final = {"version_id": None, "version_number": None}

EXPECTED: Final[Mapping[str, Mapping[str, Any]]] = {
    "genesys/flow-version-published": {**PUBLISHED, **WEBHOOK, "origin": Origin.WEBHOOK, "actor": "Dana Reyes"},
    "genesys/flow-version-published-flat": {**PUBLISHED, "version_id": "16", "origin": Origin.WEBHOOK},
    "genesys/flow-version-announced": {**PUBLISHED, **ANNOUNCED, "commit": "5f2c1d0e9b8a7c6d5e4f3a2b1c0d9e8f7a6b5c4d"},
    "genesys/flow-version-publishing": {**PUBLISHED, **ANNOUNCED, "type": "flow.version.publishing", "actor": None},
    "eventbridge/flow-publish-success": {**PUBLISHED, **MOVED, "actor": "ci"},
    "eventbridge/notification": {**PUBLISHED, "flow_name": "Main IVR", "org_id": None, "operation": OPERATION},
    "eventbridge/flow-publish-started": {**MOVED, **NONE, "type": "flow.operation.started", "is_note": True},
    "eventbridge/flow-publish-pending": {**MOVED, **NONE, "type": "flow.operation.pending", "is_note": True},
    "eventbridge/flow-publish-notified": {**MOVED, **NONE, "type": "flow.operation.pending", "is_note": True},
    "eventbridge/flow-unlocked": {**MOVED, **NONE, "type": "flow.operation.unlocked", "is_note": True},
    "eventbridge/flow-publish-failure": {**MOVED, **NONE, "type": "flow.version.publish_failed", "actor": "ci"},
    "eventbridge/flow-checkin-success": {**MOVED, "type": "flow.version.checked_in", "version_id": "16.0"},
    "eventbridge/flow-save-success": {**MOVED, "type": "flow.version.saved", "version_id": "17.0"},
    "eventbridge/flow-revert-success": {**MOVED, **NONE, "type": "flow.version.reverted"},
    "eventbridge/flow-checkout-success": {**MOVED, **NONE, "type": "flow.checked_out", "actor": "Dana Reyes"},
    "eventbridge/flow-create-success": {**MOVED, **NONE, "type": "flow.created"},
    "eventbridge/flow-update-success": {**MOVED, **NONE, "type": "flow.updated", "flow_name": "Main IVR EU"},
    "eventbridge/flow-deactivate-success": {**MOVED, **NONE, "type": "flow.deactivated"},
    "eventbridge/flow-delete-success": {**MOVED, **NONE, "type": "flow.deleted"},
    "eventbridge/flow-audit-publish": {**AUDIT, **NONE, "type": "flow.audited", "actor": "Dana Reyes"},
    "eventbridge/flow-audit-publish-version": {**AUDIT, **PUBLISHED, "actor": None},
    "eventbridge/flow-audit-rename": {**AUDIT, "type": "flow.renamed", "flow_name": "Main IVR EU"},
    "eventbridge/flow-audit-checkin": {**AUDIT, "type": "flow.audited", "version_id": "16.0"},
    "eventbridge/flow-audit-deactivate": {**AUDIT, **NONE, "type": "flow.audited"},
    "eventbridge/other-topic": {**NONE, "type": "v2.users.7a1d5f0c.presence", "flow_id": None, "org_id": ORG_ID},
    "cloudevents/flow-version-published": {**PUBLISHED, "org_id": ORG_ID, "flow_name": "Main IVR"},
    "cloudevents/flow-deactivated": {**NONE, "type": "flow.deactivated", "flow_id": FLOW_ID, "org_id": ORG_ID},
    "foreign/repository-push": {"type": "push", "origin": Origin.WEBHOOK, "version_id": None},
}
FIELDS: Final = (
    *("type", "origin", "org_id", "environment", "operation"),
    *("flow_id", "flow_name", "flow_type", "version_id", "version_number"),
)
ORIGINS: Final = {"eventbridge": Origin.EVENTBRIDGE, "cloudevents": Origin.CLOUDEVENTS}


def headers_of(name: str) -> dict[str, str]:
    """The headers beside a sample, as far as they are kept."""
    headers: dict[str, str] = json.loads((SAMPLES / f"{name}.headers.json").read_bytes())
    return kept_headers((key.lower().encode(), value.encode()) for key, value in headers.items())


def event_of(name: str) -> Event:
    return read_event(
        (SAMPLES / f"{name}.json").read_bytes(),
        source=Source(name="genesys"),
        headers=headers_of(name),
        received_at=NOON,
        new_id=lambda: "the-id",
    )


def told(event: Event) -> dict[str, object]:
    """An event by the words of the table."""
    more = {
        "is_note": is_note(event),
        "actor": event.actor.name if event.actor else None,
        "commit": (event.provenance or {}).get("commit"),
    }
    return {**{name: getattr(event, name) for name in FIELDS}, **more}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_sample_is_read_to_its_canonical_fields(name: str) -> None:
    expected = {"is_note": False, **EXPECTED[name]}
    expected.setdefault("origin", ORIGINS.get(name.partition("/")[0], Origin.WEBHOOK))

    event = event_of(name)

    assert {field: value for field, value in told(event).items() if field in expected} == expected
    assert event.faults == ()


@pytest.mark.parametrize("name", EXPECTED)
def test_a_sample_comes_with_headers_that_the_door_takes(name: str) -> None:
    headers = headers_of(name)

    assert is_json(headers["content-type"])
    assert headers["user-agent"]


def test_every_sample_is_in_the_table() -> None:
    files = [file for source in SOURCES for file in (SAMPLES / source).glob("*.json")]
    samples = {f"{file.parent.name}/{file.stem}" for file in files if not file.stem.endswith(".headers")}

    assert samples == set(EXPECTED)


def test_no_two_samples_of_one_sender_are_taken_for_one() -> None:
    events = [event_of(name) for name in EXPECTED]

    assert len({event.dedupe_key for event in events}) == len(events)
