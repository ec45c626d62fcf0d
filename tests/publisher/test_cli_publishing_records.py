"""What `publisher publish` leaves behind: audit records, counts, and no secret."""

import json
import os
from itertools import count
from pathlib import Path

import pytest

from publisher.errors import ExitCode
from tests.publisher.organization import (
    BOTH,
    CLIENT_SECRET,
    CREDENTIALS,
    WEBHOOK_SECRET,
    Ended,
    Organization,
    Time,
)

pytestmark = pytest.mark.usefixtures("project")


class StoppedTime(Time):
    """Ctrl-C is pressed when time is asked for a second time: the check has just begun."""

    def __init__(self) -> None:
        super().__init__()
        self._asked = count(1)

    def monotonic(self) -> float:
        if next(self._asked) == 2:
            raise KeyboardInterrupt
        return super().monotonic()


def test_all_records_of_a_command_have_one_governance_id(organization: Organization, file: Path) -> None:
    ended = organization.run("publish", file, environ={**BOTH, "GOVERNANCE_ID": "CHG-1"})

    assert {record["governance_id"] for record in ended.records()} == {"CHG-1"}


def test_the_option_comes_before_the_variable(organization: Organization, file: Path) -> None:
    ended = organization.run(
        "publish", file, "--governance-id", "CHG-2", environ={**CREDENTIALS, "GOVERNANCE_ID": "CHG-1"}
    )

    assert ended.records()[0]["governance_id"] == "CHG-2"


def test_on_a_terminal_records_are_short_lines(organization: Organization, file: Path) -> None:
    ended = organization.run("publish", file, is_terminal=True)

    assert ended.out.splitlines()[-1] == "Version 2 (id 2.0) of flow 'Automated IVR Flow v2' is live."
    assert "12:00:04  poll_validation  ok         4500 ms  passed" in ended.out


def test_with_json_they_are_json_on_a_terminal_too(organization: Organization, file: Path) -> None:
    ended = organization.run("publish", file, "--json", is_terminal=True)

    assert len(ended.records()) == 7


def test_records_are_added_to_the_audit_file(organization: Organization, file: Path) -> None:
    Path("audit.jsonl").write_text('{"an": "earlier one"}\n')

    ended = organization.run("publish", file, "--audit-file", "audit.jsonl", is_terminal=True)

    lines = [json.loads(line) for line in Path("audit.jsonl").read_text().splitlines()]
    assert ended.code == ExitCode.OK
    assert [line.get("action") for line in lines[:3]] == [None, "validation", "path_simulation"]


def test_success_and_failure_are_counted_for_prometheus(organization: Organization, file: Path) -> None:
    organization.run("publish", file, "--metrics-file", "publisher.prom")

    metrics = Path("publisher.prom").read_text()
    assert 'publisher_files_total{status="success"} 1.0' in metrics
    assert 'publisher_files_total{status="failed"} 0.0' in metrics
    assert 'publisher_action_duration_seconds_sum{action="poll_validation"} 4.5' in metrics


def test_a_failed_command_writes_its_metrics_too(organization: Organization, file: Path) -> None:
    organization.misbehave("invalid")

    organization.run("publish", file, "--metrics-file", "publisher.prom")

    assert 'publisher_files_total{status="failed"} 1.0' in Path("publisher.prom").read_text()


@pytest.mark.parametrize("fault", ["credentials", "refused", "locked", "invalid"])
def test_no_secret_is_ever_printed(fault: str, organization: Organization, file: Path) -> None:
    organization.misbehave(fault)

    ended: Ended = organization.run("publish", file, "--announce", "--audit-file", "audit.jsonl", environ=BOTH)

    printed = ended.out + ended.err + Path("audit.jsonl").read_text()
    assert WEBHOOK_SECRET not in printed
    assert CLIENT_SECRET not in printed


def test_an_audit_file_on_a_full_disk_is_a_warning(organization: Organization, file: Path) -> None:
    ended = organization.run("publish", file, "--audit-file", "/dev/full")

    assert ended.code == ExitCode.OK
    assert "warning: --audit-file /dev/full: a record was not written: No space left on device" in ended.err


def test_a_metrics_file_that_cannot_be_written_is_a_warning(organization: Organization, file: Path) -> None:
    Path("metrics").touch()

    ended = organization.run("publish", file, "--metrics-file", "metrics/publisher.prom")

    assert ended.code == ExitCode.OK
    assert "warning: --metrics-file metrics/publisher.prom: cannot be written" in ended.err


def test_metrics_may_go_into_a_pipe_which_stays_one(organization: Organization, file: Path) -> None:
    os.mkfifo("metrics")
    reader = os.open("metrics", os.O_RDONLY | os.O_NONBLOCK)

    organization.run("publish", file, "--metrics-file", "metrics")

    with os.fdopen(reader, "rb") as pipe:
        assert b"publisher_files_total" in pipe.read()
    assert Path("metrics").is_fifo()


def test_a_check_that_is_stopped_is_told_as_such(organization: Organization, file: Path) -> None:
    organization.time = StoppedTime()

    ended = organization.run("publish", file)

    assert ended.code == ExitCode.INTERRUPTED
    assert "error: stopped.\nNothing of main.json was sent.\nNext: publisher publish main.json\n" in ended.err
