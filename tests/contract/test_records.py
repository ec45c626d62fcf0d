"""The contract that the project grew from, row by row: what a command counts and keeps of what it did."""

from pathlib import Path

import pytest

from tests.publisher.organization import Organization, a_flow_file


@pytest.mark.parametrize(("fault", "counts"), [("event-lost", (1, 0)), ("invalid", (0, 1))], ids=["success", "failure"])
def test_contract_row_30_successes_and_failures_are_counted(
    fault: str, counts: tuple[int, int], organization: Organization
) -> None:
    """Contract row 30: printed at the end, and `--metrics-file`."""
    organization.misbehave(fault)

    ended = organization.run("publish", "main.json", "--metrics-file", "publisher.prom")

    assert f"{counts[0]} succeeded, {counts[1]} failed" in ended.err
    assert f'publisher_files_total{{status="success"}} {counts[0]}.0' in Path("publisher.prom").read_text()


def test_contract_row_31_the_time_of_each_action_and_the_whole(organization: Organization) -> None:
    """Contract row 31: latency in ms."""
    ended = organization.run("publish", "main.json")

    latencies = {record["action"]: record["latency_ms"] for record in ended.records()}
    assert (latencies["poll_validation"], ended.results()[0]["latency_ms"]) == (4500, 4500)


def test_contract_row_32_the_fields_of_a_record(organization: Organization) -> None:
    """Contract row 32: the same, plus message."""
    record = organization.run("publish", "main.json").records()[3]

    fields = "timestamp action flow_id version_id status latency_ms error_code governance_id message"
    assert [*record] == fields.split()


def test_contract_row_33_records_are_json_lines_on_stdout(organization: Organization) -> None:
    """Contract row 33: when it is no terminal or with `--json`; short lines on a terminal."""
    piped = organization.run("publish", "main.json")
    asked = organization.run("publish", "main.json", "--json", is_terminal=True)
    terminal = organization.run("publish", "main.json", is_terminal=True)

    assert len(piped.records()) == len(asked.records()) == 7
    assert not any(line.startswith("{") for line in terminal.out.splitlines())


def test_contract_row_34_refused_files_are_recorded(organization: Organization) -> None:
    """Contract row 34: actions validation and path_simulation, flow_id "N/A"."""
    a_flow_file(Path(), types=["trigger", "say"])

    ended = organization.run("publish", "main.json")

    told = [(record["action"], record["flow_id"], record["status"]) for record in ended.records()]
    assert told == [("validation", "N/A", "failed"), ("path_simulation", "N/A", "failed")]


@pytest.mark.parametrize(("fault", "status"), [("event-lost", "success"), ("locked", "failed")])
def test_contract_row_35_creating_a_version_is_recorded(fault: str, status: str, organization: Organization) -> None:
    """Contract row 35: action create_version, status success or failed."""
    organization.misbehave(fault)

    ended = organization.run("publish", "main.json")

    assert ("create_version", status) in [told[:2] for told in ended.statuses()]


def test_contract_row_36_the_error_code_is_a_code_and_the_text_is_the_message(organization: Organization) -> None:
    """Contract row 36: a code; the text is in message."""
    organization.misbehave("locked")

    record = organization.run("publish", "main.json").records()[-1]

    assert record["error_code"] == "http.409"
    assert "Someone else is editing it" in record["message"]


def test_contract_row_37_one_governance_id_a_command(organization: Organization) -> None:
    """Contract row 37: GOV-<UUIDv7>; can be given."""
    own = {record["governance_id"] for record in organization.run("publish", "main.json").records()}
    given = organization.run("publish", "main.json", "--governance-id", "CHG-7").records()

    assert own == {"GOV-id-1"}
    assert {record["governance_id"] for record in given} == {"CHG-7"}
