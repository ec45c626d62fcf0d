"""The kind `http`: requests made from templates, and answers judged by their status."""

import json
from collections.abc import Mapping

import pytest

from receiver.model import Json
from receiver.outcomes import Outcome, OutcomeKind
from receiver.targets.http import USER_AGENT, Http
from receiver.targets.kind import Call, Request, Response
from tests.receiver.targets.makers import a_call, an_event

URL = "https://ci.example.com/deploy"


def the_request(call: Call) -> Request:
    return next(Http().start(call))


def the_outcome(call: Call, response: Response) -> Outcome:
    exchange = Http().start(call)
    next(exchange)
    with pytest.raises(StopIteration) as ended:
        exchange.send(response)
    outcome: Outcome = ended.value.value
    return outcome


def the_refusal(call: Call) -> Outcome:
    with pytest.raises(StopIteration) as ended:
        next(Http().start(call))
    outcome: Outcome = ended.value.value
    return outcome


def defined(**definition: Json) -> Mapping[str, Json]:
    return {"url": URL, **definition}


def test_a_step_is_a_post_with_its_id_as_the_key() -> None:
    request = the_request(a_call())

    assert (request.method, request.url, request.effect) == ("POST", URL, True)
    assert request.headers == {
        "User-Agent": USER_AGENT,
        "Content-Type": "application/json",
        "Idempotency-Key": '"s-1"',
    }


def test_without_a_body_the_event_and_what_it_set_off_are_sent() -> None:
    request = the_request(a_call(event=an_event(flow_name="Grüße")))

    body = json.loads(request.body)
    assert body["event"]["flow_name"] == "Grüße"
    assert body["event"]["received_at"] == "2026-03-01T12:00:00Z"
    assert "body" not in body["event"]
    assert body["run"]["pipeline"] == "deploy-ivr"
    assert body["step"] == {"id": "s-1", "name": "deploy"}


def test_templates_are_evaluated() -> None:
    definition = defined(
        url=f"{URL}/${{{{ event.flow_name }}}}?v=${{{{ event.version_id }}}}",
        headers={"X-Flow": "flow ${{ event.flow_id }}"},
        json={"number": "${{ event.version_number }}"},
    )

    request = the_request(a_call(definition=definition))

    assert request.url == f"{URL}/Main%20IVR?v=16.0"
    assert request.headers["X-Flow"] == "flow f-1"
    assert request.body == b'{"number":16}'


def test_a_text_is_sent_as_it_is() -> None:
    definition = defined(body="flow=${{ event.flow_id }}", headers={"content-type": "text/plain"})

    request = the_request(a_call(definition=definition))

    assert request.body == b"flow=f-1"
    assert request.headers["Content-Type"] == "text/plain"


def test_null_is_a_body_too() -> None:
    request = the_request(a_call(definition=defined(json="${{ event.org_id }}")))

    assert request.body == b"null"


def test_half_a_character_stays_json() -> None:
    request = the_request(a_call(definition=defined(json={"name": "a\ud800b"})))

    assert json.loads(request.body) == {"name": "a\ud800b"}


def test_a_get_has_no_body_and_no_effect() -> None:
    request = the_request(a_call(definition=defined(method="get")))

    assert (request.method, request.body, request.effect) == ("GET", b"", False)
    assert "Content-Type" not in request.headers


def test_a_secret_is_sent() -> None:
    call = a_call(
        definition=defined(headers={"Authorization": "Bearer ${{ secrets.CI_TOKEN }}"}), secrets={"CI_TOKEN": "hunter2"}
    )

    assert the_request(call).headers["Authorization"] == "Bearer hunter2"
    assert the_request(call.masked()).headers["Authorization"] == "Bearer [secret CI_TOKEN]"


def test_nothing_shows_a_secret_by_chance() -> None:
    call = a_call(definition=defined(json="${{ secrets.CI_TOKEN }}"), secrets={"CI_TOKEN": "hunter2"})

    assert "hunter2" not in repr(call)
    assert "hunter2" not in repr(the_request(call))


@pytest.mark.parametrize(
    "name", ["Host", "content-length", "Transfer-Encoding", "Idempotency-Key", "Connection", "Accept-Encoding"]
)
def test_the_frame_of_a_request_is_ours(name: str) -> None:
    outcome = the_refusal(a_call(definition=defined(headers={name: "x"})))

    assert outcome.kind is OutcomeKind.REFUSED
    assert "cannot be set by a step" in outcome.message


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\x00b", "a\x7fb"], ids=["line end", "NUL", "DEL"])
def test_a_value_cannot_begin_another_header(value: str) -> None:
    definition = defined(headers={"X-Flow": "${{ event.flow_name }}"})

    outcome = the_refusal(a_call(definition=definition, event=an_event(flow_name=value)))

    assert outcome.kind is OutcomeKind.REFUSED
    assert "control character" in outcome.message


@pytest.mark.parametrize(
    "definition",
    [
        defined(json="${{ event.flow_name + 1 }}"),
        defined(url=f"{URL}/${{{{ event.org_id }}}}"),
        defined(headers={"X-Org": "${{ event.org_id }}"}),
        defined(body="${{ event.actor }}"),
    ],
    ids=["types", "null in the URL", "null in a header", "null as text"],
)
def test_a_template_that_fails_is_a_permanent_failure(definition: Mapping[str, Json]) -> None:
    outcome = the_refusal(a_call(definition=definition))

    assert outcome.kind is OutcomeKind.REFUSED
    assert outcome.message.startswith("The request could not be made: ")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, OutcomeKind.SUCCEEDED),
        (204, OutcomeKind.SUCCEEDED),
        (203, OutcomeKind.REFUSED),
        (206, OutcomeKind.REFUSED),
        (302, OutcomeKind.REFUSED),
        (307, OutcomeKind.REFUSED),
        (401, OutcomeKind.REFUSED),
        (404, OutcomeKind.REFUSED),
        (408, OutcomeKind.PASSING),
        (425, OutcomeKind.PASSING),
        (429, OutcomeKind.PASSING),
        (500, OutcomeKind.PASSING),
        (503, OutcomeKind.PASSING),
        (999, OutcomeKind.REFUSED),
    ],
)
def test_the_status_decides(status: int, kind: OutcomeKind) -> None:
    assert the_outcome(a_call(), Response(status=status)).kind is kind


@pytest.mark.parametrize(
    ("status", "kind"),
    [(409, OutcomeKind.SUCCEEDED), (200, OutcomeKind.REFUSED), (503, OutcomeKind.PASSING)],
    ids=["listed", "not listed", "passing"],
)
def test_the_config_says_which_status_is_success(status: int, kind: OutcomeKind) -> None:
    call = a_call(definition=defined(success={"status": [409]}))

    assert the_outcome(call, Response(status=status)).kind is kind


def test_later_steps_see_the_status() -> None:
    assert the_outcome(a_call(), Response(status=201)).outputs == {"status": 201}


def test_a_lost_answer_is_asked_for_by_calling_again() -> None:
    with pytest.raises(StopIteration) as ended:
        next(Http().find(a_call()))

    assert ended.value.value.kind is OutcomeKind.NOT_FOUND
    assert Http().resends
