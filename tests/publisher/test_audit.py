"""The record of what a command did."""

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from publisher.audit import Action, Audit, Record, Status, as_json, as_line
from publisher.errors import PublisherError

NOON = datetime(2026, 5, 4, 12, 0, 0, 123456, tzinfo=UTC)


def a_stopwatch(*readings: float) -> Callable[[], float]:
    values: Iterator[float] = iter(readings)
    return lambda: next(values)


def an_audit(records: list[Record], monotonic: Callable[[], float] = lambda: 0.0) -> Audit:
    return Audit(governance_id="GOV-1", clock=lambda: NOON, monotonic=monotonic, sinks=[records.append])


def a_record(
    *, status: Status = Status.SUCCESS, error_code: str | None = None, message: str = "version 4 (id 4.0)"
) -> Record:
    return Record(
        timestamp=NOON,
        action=Action.CREATE_VERSION,
        flow_id="flow-1",
        version_id="4.0",
        status=status,
        latency_ms=1234,
        error_code=error_code,
        governance_id="GOV-1",
        message=message,
    )


def test_an_action_that_ends_well_is_recorded_with_its_time() -> None:
    records: list[Record] = []
    audit = an_audit(records, a_stopwatch(10.0, 11.234))

    with audit.timed(Action.CREATE_VERSION, flow_id="flow-1") as entry:
        entry.version_id, entry.message = "4.0", "version 4 (id 4.0)"

    assert records == [a_record()]


def test_an_action_that_fails_is_recorded_with_its_code_and_first_line() -> None:
    records: list[Record] = []
    audit = an_audit(records)

    with pytest.raises(PublisherError), audit.timed(Action.VERIFY):
        raise PublisherError("it had no effect.\nTry again.", code="publish.no-effect")

    assert [(record.status, record.error_code, record.message) for record in records] == [
        (Status.FAILED, "publish.no-effect", "it had no effect.")
    ]


def test_a_fault_without_a_code_is_recorded_as_failed() -> None:
    records: list[Record] = []
    audit = an_audit(records)

    with pytest.raises(RuntimeError), audit.timed(Action.VERIFY):
        raise RuntimeError

    assert (records[0].error_code, records[0].message) == ("failed", "RuntimeError")


@pytest.mark.parametrize("stop", [asyncio.CancelledError, KeyboardInterrupt])
def test_an_action_that_was_stopped_is_recorded_as_cancelled(stop: type[BaseException]) -> None:
    records: list[Record] = []
    audit = an_audit(records)

    with pytest.raises(stop), audit.timed(Action.POLL_VALIDATION):
        raise stop

    assert (records[0].status, records[0].error_code) == (Status.FAILED, "cancelled")


def test_an_action_left_out_is_recorded_with_the_reason() -> None:
    records: list[Record] = []

    an_audit(records).skip(Action.ANNOUNCE, "CI_WEBHOOK_URL is not set", flow_id="flow-1")

    assert [(record.status, record.message) for record in records] == [(Status.SKIPPED, "CI_WEBHOOK_URL is not set")]


def test_the_json_form_has_exactly_the_documented_fields() -> None:
    fields = json.loads(as_json(a_record(status=Status.FAILED, error_code="http.409", message="locked")))

    assert fields == {
        "timestamp": "2026-05-04T12:00:00.123Z",
        "action": "create_version",
        "flow_id": "flow-1",
        "version_id": "4.0",
        "status": "failed",
        "latency_ms": 1234,
        "error_code": "http.409",
        "governance_id": "GOV-1",
        "message": "locked",
    }


@pytest.mark.parametrize(
    ("record", "line"),
    [
        (a_record(), "12:00:00  create_version   ok         1234 ms  version 4 (id 4.0)"),
        (
            a_record(status=Status.FAILED, error_code="http.409", message="locked\nby Kim"),
            "12:00:00  create_version   FAILED     1234 ms  locked by Kim [http.409]",
        ),
        (a_record(status=Status.SKIPPED, message=""), "12:00:00  create_version   skipped    1234 ms"),
    ],
    ids=["success", "failed", "skipped"],
)
def test_the_short_form_is_one_line(record: Record, line: str) -> None:
    assert as_line(record) == line


def test_of_many_files_each_message_names_its_own() -> None:
    kept: list[Record] = []
    file = an_audit(kept).of_file("main.yaml")

    file.skip(Action.PUBLISH, "why")
    file.skip(Action.PUBLISH, "")
    file.skip(Action.PUBLISH, "main.yaml: no problems")

    assert [record.message for record in kept] == ["main.yaml: why", "main.yaml", "main.yaml: no problems"]
