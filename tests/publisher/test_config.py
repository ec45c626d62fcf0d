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
  - {file: flows/old.json, id: {dev: flow-2, prod: flow-3}, values: [values/all.yaml, "values/{environment}.yaml"]}
max_nodes: 80
known_types: [survey, no]
receiver: {url: "https://relay.example.com/", source: prod, secret: RELAY_SECRET, token: RELAY_TOKEN}
"""


def faults_of(text: str) -> list[str]:
    with pytest.raises(UsageError) as refusal:
        parse_config(text, file="publisher.yaml", environments=["dev", "prod"])
    return str(refusal.value).splitlines()


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "{}", "flows: []"])
def test_everything_can_be_left_out(text: str) -> None:
    assert parse_config(text, file="publisher.yaml") == Config()


def test_the_whole_config_is_read() -> None:
    assert parse_config(WHOLE, file="publisher.yaml") == Config(
        flows=(
            FlowEntry(files="flows/**/*.yaml"),
            FlowEntry(files="flows/main.json", flow_id="flow-1"),
            FlowEntry(
                files="flows/old.json",
                flow_ids={"dev": "flow-2", "prod": "flow-3"},
                values=("values/all.yaml", "values/{environment}.yaml"),
            ),
        ),
        max_nodes=80,
        known_types=frozenset({"survey", "no"}),
        receiver=Receiver(url="https://relay.example.com/", source="prod", secret="RELAY_SECRET", token="RELAY_TOKEN"),
    )


@pytest.mark.parametrize(
    ("entry", "environment", "flow_id"),
    [
        (FlowEntry(files="a", flow_id="one"), "prod", "one"),
        (FlowEntry(files="a", flow_id="one"), None, "one"),
        (FlowEntry(files="a", flow_ids={"prod": "two"}), "prod", "two"),
        (FlowEntry(files="a", flow_ids={"prod": "two"}), "dev", None),
        (FlowEntry(files="a", flow_ids={"prod": "two"}), None, None),
    ],
    ids=["one id", "one id, no environment", "its own", "of another", "no environment"],
)
def test_a_flow_has_one_id_or_one_in_each_environment(
    entry: FlowEntry, environment: str | None, flow_id: str | None
) -> None:
    assert entry.flow_id_in(environment) == flow_id


def test_files_of_values_can_differ_by_environment() -> None:
    entry = FlowEntry(files="flows/*.yaml", values=("values/all.yaml", "values/{environment}.yaml"))

    assert entry.values_in("prod") == ("values/all.yaml", "values/prod.yaml")
    with pytest.raises(UsageError, match="--env NAME"):
        entry.values_in(None)


def test_ids_for_environments_are_not_looked_into_where_these_are_not_known() -> None:
    parse_config("flows: [{file: a, id: {dev: b}}]", file="publisher.yaml")


def test_ids_for_environments_need_environments() -> None:
    with pytest.raises(UsageError, match=r"no environment 'dev' in config/environments.yaml. It names none at all"):
        parse_config("flows: [{file: a, id: {dev: b}}]", file="publisher.yaml", environments=[])


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
        ("zzz: 1", "1:1: there is no key 'zzz' here. Known: flows, max_nodes, concurrency, known_types, receiver."),
        (
            "environments: {}",
            "1:1: 'environments' does not belong here: environments stand in a file of their own,"
            " config/environments.yaml.",
        ),
        ("- a", "1:1: this is a list; give keys with values."),
        ("flows: main.yaml", "1:8: flows is a text; give a list."),
        ("flows:\n  - main.yaml", "2:5: this is a text; give keys with values."),
        ("flows:\n  - {id: a}", "2:5: give either `file` (one path) or `files` (a glob)."),
        ("flows:\n  - {file: a, files: b}", "2:5: give either `file` (one path) or `files` (a glob)."),
        ("flows:\n  - {files: '*.yaml', id: a}", "2:27: an id belongs to one `file`, not to a glob."),
        ("flows:\n  - {file: a, id: {dev: 7}}", "2:25: this is 7; give a text."),
        (
            "flows:\n  - {file: a, id: {dve: b}}",
            "2:20: there is no environment 'dve' in config/environments.yaml. Did you mean 'dev'?",
        ),
        ("flows:\n  - {file: a, values: b}", "2:23: values is a text; give a list."),
        ("flows:\n  - {file: a, values: ['{env}.yaml']}", "2:24: {env} stands for nothing; only {environment} does."),
        (
            "receiver: {url: 'https://relay.example.com', token: a token}",
            "1:53: give the NAME of the variable that holds the token, such as RELAY_TOKEN.",
        ),
        ("flows:\n  - {file: 7}", "2:12: this is 7; give a text."),
        ("max_nodes: many", "1:12: max_nodes is 'many'; give a whole number from 1 to 1000000."),
        ("max_nodes: 0", "1:12: max_nodes is 0; give a whole number from 1 to 1000000."),
        ("max_nodes: true", "1:12: max_nodes is True; give a whole number from 1 to 1000000."),
        ("concurrency: 65", "1:14: concurrency is 65; give a whole number from 1 to 64."),
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


def test_a_fault_of_the_receiver_is_told_once() -> None:
    assert len(faults_of("receiver: {url: 'https://relay.example.com', source: 7}")) == 1


def test_text_that_is_no_yaml_is_told_with_its_place() -> None:
    assert faults_of("flows: [")[0].startswith("publisher.yaml:")
