"""`config/publisher.yaml`."""

from pathlib import Path

import pytest

from publisher.config import Config, FlowEntry, Receiver, parse_config
from publisher.errors import UsageError

SHIPPED = Path(__file__).parents[2] / "config" / "publisher.yaml"

WHOLE = """\
flows:
  - files: flows/**/*.yaml
  - file: flows/main.json
    id: flow-1
max_nodes: 80
known_types: [survey, no]
receiver: {url: "https://relay.example.com/", source: prod, secret: RELAY_SECRET}
"""


def faults_of(text: str) -> list[str]:
    with pytest.raises(UsageError) as refusal:
        parse_config(text, file="publisher.yaml")
    return str(refusal.value).splitlines()


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "{}", "flows: []"])
def test_everything_can_be_left_out(text: str) -> None:
    assert parse_config(text, file="publisher.yaml") == Config()


def test_the_whole_config_is_read() -> None:
    assert parse_config(WHOLE, file="publisher.yaml") == Config(
        flows=(FlowEntry(files="flows/**/*.yaml"), FlowEntry(files="flows/main.json", flow_id="flow-1")),
        max_nodes=80,
        known_types=frozenset({"survey", "no"}),
        receiver=Receiver(url="https://relay.example.com/", source="prod", secret="RELAY_SECRET"),
    )


def test_the_webhook_url_is_made_from_the_receivers_url_and_source() -> None:
    receiver = Receiver(url="https://relay.example.com/", source="prod eu")

    assert receiver.webhook_url == "https://relay.example.com/webhooks/prod%20eu"


def test_the_config_that_comes_with_the_project_is_good() -> None:
    config = parse_config(SHIPPED.read_text(), file="publisher.yaml")

    assert config.flows


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("flow: []", "1:1: there is no key 'flow' here. Did you mean 'flows'?"),
        ("zzz: 1", "1:1: there is no key 'zzz' here. Known: flows, max_nodes, known_types, receiver."),
        ("environments: {}", "1:1: 'environments' is not supported by this release."),
        ("- a", "1:1: this is a list; give keys with values."),
        ("flows: main.yaml", "1:8: flows is a text; give a list."),
        ("flows:\n  - main.yaml", "2:5: this is a text; give keys with values."),
        ("flows:\n  - {id: a}", "2:5: give either `file` (one path) or `files` (a glob)."),
        ("flows:\n  - {file: a, files: b}", "2:5: give either `file` (one path) or `files` (a glob)."),
        ("flows:\n  - {files: '*.yaml', id: a}", "2:27: an id belongs to one `file`, not to a glob."),
        (
            "flows:\n  - {file: a, id: {dev: b}}",
            "2:19: ids by environment are not supported by this release; give one id.",
        ),
        ("flows:\n  - {file: a, values: [b]}", "2:15: 'values' is not supported by this release."),
        ("flows:\n  - {file: 7}", "2:12: this is 7; give a text."),
        ("max_nodes: many", "1:12: max_nodes is 'many'; give a whole number from 1 to 1000000."),
        ("max_nodes: 0", "1:12: max_nodes is 0; give a whole number from 1 to 1000000."),
        ("max_nodes: true", "1:12: max_nodes is True; give a whole number from 1 to 1000000."),
        ("known_types: [1]", "1:15: this is 1; give a text."),
        (
            "receiver: {source: a}",
            "1:11: url is missing: where the receiver listens, such as https://relay.example.com.",
        ),
    ],
)
def test_a_fault_is_told_with_its_place(text: str, fault: str) -> None:
    assert f"publisher.yaml:{fault}" in faults_of(text)


def test_a_url_that_is_none_is_told_with_its_place() -> None:
    assert faults_of("receiver: {url: relay}") == [
        "publisher.yaml:1:17: url is 'relay'; give a whole URL, such as https://relay.example.com."
    ]


def test_all_faults_are_told_at_once() -> None:
    assert len(faults_of("max_node: 1\nflows: 2\nreceiver: 3\n")) >= 3


def test_a_pasted_secret_is_refused_without_being_shown() -> None:
    faults = faults_of("receiver: {url: 'https://relay.example.com', secret: hunter2-hunter2}")

    assert "give the NAME of the variable" in faults[0]
    assert "hunter2" not in faults[0]


def test_text_that_is_no_yaml_is_told_with_its_place() -> None:
    assert faults_of("flows: [")[0].startswith("publisher.yaml:")
