"""The calls to Genesys Cloud, each as a request to build and an answer to read."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from publisher.genesys import calls
from publisher.genesys.errors import UnreadableError
from publisher.genesys.exchange import Request, Response
from publisher.genesys.model import (
    Flow,
    FlowVersion,
    Operation,
    Registration,
    RegistrationDraft,
    Validation,
    secret_digest,
)

DRAFT = RegistrationDraft(
    name="Sync", description="d", type="web", endpoint_url="https://r.test/w", events=("e",), secret="s3cret"
)


def a_response(data: Any) -> Response:  # noqa: ANN401
    return Response(status=200, body=json.dumps(data).encode())


@pytest.mark.parametrize(
    ("request_", "line"),
    [
        (calls.get_flow("f1"), "GET /api/v2/flows/f1"),
        (calls.create_version("f1", {}), "POST /api/v2/flows/f1/versions"),
        (calls.get_version("f1", "2.0"), "GET /api/v2/flows/f1/versions/2.0"),
        (calls.publish("f1", "2.0"), "POST /api/v2/flows/actions/publish"),
        (calls.list_flows("Main", page=2), "GET /api/v2/flows"),
        (calls.list_versions("f1", page=1), "GET /api/v2/flows/f1/versions"),
        (calls.unlock("f1"), "POST /api/v2/flows/actions/unlock"),
        (calls.list_registrations(page=1), "GET /api/v2/platform/webhooks"),
        (calls.create_registration(DRAFT), "POST /api/v2/platform/webhooks"),
        (calls.update_registration("r1", DRAFT), "PUT /api/v2/platform/webhooks/r1"),
        (calls.delete_registration("r1"), "DELETE /api/v2/platform/webhooks/r1"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_call_has_its_path(request_: Request, line: str) -> None:
    assert f"{request_.method} {request_.path}" == line


@pytest.mark.parametrize(
    ("flow_id", "path"),
    [("a/b?c#d", "/api/v2/flows/a%2Fb%3Fc%23d"), ("..", "/api/v2/flows/%2E%2E"), ("ü", "/api/v2/flows/%C3%BC")],
    ids=["separators", "dots", "not ascii"],
)
def test_an_odd_id_stays_one_segment_of_the_path(flow_id: str, path: str) -> None:
    assert calls.get_flow(flow_id).path == path


def test_publishing_names_flow_and_version() -> None:
    assert calls.publish("f1", "2.0").query == {"flow": "f1", "version": "2.0"}


def test_flows_are_asked_for_by_what_narrows_them() -> None:
    since = datetime(2026, 11, 23, 13, tzinfo=timezone(timedelta(hours=1)))

    query = calls.list_flows("UAT *", page=2, types=("INBOUNDCALL", "WORKFLOW"), published_after=since).query

    assert query == {
        "name": "UAT *",
        "type": ("inboundcall", "workflow"),
        "publishedAfter": "2026-11-23T12:00:00.000Z",
        "pageNumber": "2",
        "pageSize": "100",
    }


def test_a_version_tells_when_it_went_live_and_by_whom() -> None:
    version = calls.read_version(
        a_response(
            {
                "id": "17.0",
                "type": "PUBLISH",
                "dateCreated": 1_795_521_600_000,
                "datePublished": "2026-11-23T12:00:00.000Z",
                "createdBy": {"id": "u1", "name": "J. Weber"},
            }
        )
    )

    assert (version.created_by, version.type) == ("J. Weber", "PUBLISH")
    assert version.date_published == datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert version.date_created is not None


@pytest.mark.parametrize("value", ["soon", "", 10**30, True, None, []], ids=repr)
def test_an_odd_time_is_none(value: object) -> None:
    assert calls.read_version(a_response({"id": "1.0", "datePublished": value})).date_published is None


def test_a_registration_is_sent_whole_and_its_secret_not_shown() -> None:
    request = calls.create_registration(DRAFT)

    assert request.json == {
        "name": "Sync",
        "description": "d",
        "type": "web",
        "endpointUrl": "https://r.test/w",
        "events": ["e"],
        "secret": "s3cret",
    }
    assert "s3cret" not in repr(request) + repr(DRAFT)


def test_what_must_not_happen_twice_is_marked() -> None:
    creating = (calls.create_version("f", {}), calls.publish("f", "1.0"), calls.create_registration(DRAFT))
    repeatable = (calls.update_registration("r", DRAFT), calls.delete_registration("r"), calls.get_flow("f"))

    assert [request.effect for request in creating] == [True, True, True]
    assert [request.effect for request in repeatable] == [False, False, False]


def test_a_flow_is_read() -> None:
    flow = calls.read_flow(
        a_response(
            {
                "id": "f1",
                "name": "Main",
                "type": "INBOUNDCALL",
                "publishedVersion": {"id": "16.0"},
                "lockedUser": {"id": "u1", "name": "Alex"},
                "currentOperation": {
                    "id": "o1",
                    "actionName": "PUBLISH",
                    "actionStatus": "FAILURE",
                    "complete": True,
                    "errorCode": "c",
                    "errorMessage": "m",
                },
            }
        )
    )

    assert flow == Flow(
        id="f1",
        name="Main",
        type="INBOUNDCALL",
        published_version_id="16.0",
        locked_by="Alex",
        locked_by_id="u1",
        operation=Operation(
            id="o1", action="PUBLISH", status="FAILURE", is_complete=True, error_code="c", error_message="m"
        ),
    )


@pytest.mark.parametrize("lock", [{"lockedClient": {"id": "c1"}}, {"lockedUser": {"id": "c1"}}], ids=["client", "user"])
def test_a_lock_without_a_name_is_told_by_its_id(lock: dict[str, Any]) -> None:
    assert calls.read_flow(a_response({"id": "f1"} | lock)).locked_by == "c1"


@pytest.mark.parametrize(
    ("data", "number"),
    [
        ({"id": "16.0"}, 16),
        ({"id": "16.0", "versionNumber": 3}, 3),
        ({"id": 7}, 7),
        ({"id": "saved_version_x"}, None),
        ({"id": "2.0", "versionNumber": True}, 2),
        ({"id": "9" * 400}, None),
    ],
    ids=["from the id", "named", "whole id", "no number", "no boolean", "endless"],
)
def test_a_versions_number_is_named_or_read_from_its_id(data: dict[str, Any], number: int | None) -> None:
    assert calls.read_version(a_response(data)).number == number


@pytest.mark.parametrize(
    ("validation", "read"),
    [
        ({"status": "in_progress"}, Validation(status="in_progress")),
        (
            {"status": "failed", "errors": [{"message": "a"}, "b", {}]},
            Validation(status="failed", errors=("a", "b", "{}")),
        ),
        ({"errors": "x"}, Validation(status="")),
        ("passed", None),
        (None, None),
    ],
    ids=["running", "failed", "odd", "text", "none"],
)
def test_a_validation_is_read_tolerantly(validation: object, read: Validation | None) -> None:
    version = calls.read_version(a_response({"id": "2.0", "status": "draft", "validation": validation}))

    assert version == FlowVersion(id="2.0", number=2, status="draft", validation=read)


@pytest.mark.parametrize("data", [{}, {"id": ""}, {"id": None}, {"id": True}, {"id": ["x"]}], ids=repr)
def test_a_thing_without_an_id_is_unreadable(data: dict[str, Any]) -> None:
    with pytest.raises(UnreadableError, match="names no id"):
        calls.read_flow(a_response(data))


def test_registrations_come_as_a_listing_or_a_bare_list() -> None:
    entity = {"id": "r1", "name": "Sync", "endpointUrl": "u", "events": ["e"], "secretDigest": "d"}
    wanted = [Registration(id="r1", name="Sync", endpoint_url="u", events=("e",), secret_digest="d")]

    assert calls.read_registrations(a_response({"entities": [entity]})) == wanted
    assert calls.read_registrations(a_response([entity])) == wanted


@pytest.mark.parametrize("data", [{}, {"entities": {}}, {"entities": [1]}, "x"], ids=repr)
def test_what_is_no_list_is_unreadable(data: object) -> None:
    with pytest.raises(UnreadableError, match="holds no list of entities"):
        calls.read_registrations(a_response(data))


def test_broken_json_where_a_list_should_be_is_unreadable() -> None:
    with pytest.raises(UnreadableError, match="is not JSON"):
        calls.read_flows(Response(status=200, body=b'{"entities": ['))


def test_a_host_that_says_no_more_than_yes_has_taken_the_registration() -> None:
    registration = calls.read_registration(Response(status=201), DRAFT)

    assert (registration.name, registration.endpoint_url) == ("Sync", "https://r.test/w")


@pytest.mark.parametrize(
    ("digest", "has"),
    [(secret_digest("r1", "s3cret"), True), (secret_digest("r1", "other"), False), ("ä", False), (None, None)],
    ids=["ours", "another", "odd", "not told"],
)
def test_a_registration_lets_its_secret_be_compared_without_telling_it(digest: str | None, has: bool | None) -> None:
    assert Registration(id="r1", secret_digest=digest).has_secret("s3cret") is has
