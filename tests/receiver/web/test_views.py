import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone

from receiver.clock import rfc3339
from receiver.model import Page
from receiver.states import StepStatus
from receiver.web.views import event_summary, event_view, page_view, run_summary, run_view
from tests.receiver.web.makers import (
    EVENT_ID,
    RUN_ID,
    a_run_record,
    a_step,
    an_event,
    an_event_record,
)


def test_a_list_shows_an_event_without_its_body() -> None:
    view = event_summary(an_event_record())

    assert view["id"] == EVENT_ID
    assert view["actor"] == {"id": "u-7", "name": "Dana Reyes", "type": "USER"}
    assert view["verdicts"][0]["run_id"] == RUN_ID
    assert view["runs"][0]["status"] == "succeeded"
    assert "body" not in view


def test_one_event_shows_its_body_as_text() -> None:
    view = event_view(an_event_record(event=an_event(body='{"name": "Ä"}'.encode())))

    assert (view["body"], view["body_encoding"]) == ('{"name": "Ä"}', "utf-8")


def test_a_body_that_is_no_text_is_shown_as_base64() -> None:
    view = event_view(an_event_record(event=an_event(body=b"\xff\xfe")))

    assert (view["body"], view["body_encoding"]) == ("//4=", "base64")


def test_a_body_that_is_no_longer_kept_is_null_and_its_digest_stays() -> None:
    view = event_view(an_event_record(event=an_event(body=b"", body_digest="c0ffee")))

    assert (view["body"], view["body_encoding"], view["body_digest"]) == (None, None, "c0ffee")


def test_what_is_absent_is_null() -> None:
    bare = an_event(flow_id=None, actor=None, provenance=None, occurred_at=None)

    view = event_summary(an_event_record(event=bare, publication=None, runs=()))

    absent = ("flow_id", "actor", "provenance", "occurred_at", "publication", "missing")
    assert [view[name] for name in absent] == [None] * 6
    assert view["runs"] == []


def test_a_run_shows_every_attempt_with_request_and_response() -> None:
    view = run_view(a_run_record(), an_event())

    attempt = view["steps"][0]["attempts"][0]
    assert attempt["request"]["method"] == "POST"
    assert attempt["response"]["status"] == 202
    assert view["event"]["version_id"] == "16.0"
    assert view["is_final"] is True


def test_a_list_shows_a_run_with_its_steps_but_without_attempts() -> None:
    failed = a_step(status=StepStatus.FAILED, attempts=3)

    view = run_summary(a_run_record(steps=[failed], attempts={}))

    assert view["steps"][0]["attempt_count"] == 3
    assert view["steps"][0]["is_dead_letter"] is True
    assert "attempts" not in view["steps"][0]


def test_a_lease_is_nobodys_business() -> None:
    view = run_view(a_run_record(steps=[replace(a_step(), lease="lease-7")]))

    assert "lease-7" not in json.dumps(view)


def test_a_page_carries_the_cursor_for_the_rest() -> None:
    page = Page(items=(an_event_record(),), next_cursor="next")

    view = page_view(page, event_summary)

    assert (len(view["items"]), view["next_cursor"]) == (1, "next")


def test_times_are_utc_to_the_millisecond() -> None:
    there = datetime(2026, 11, 23, 13, 0, 0, 5_000, tzinfo=timezone(timedelta(hours=1)))

    assert rfc3339(there) == "2026-11-23T12:00:00.005Z"
