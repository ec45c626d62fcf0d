"""A source is a door, or a poll of an environment."""

import pytest

from receiver.config import Environments, Poll, examine_config, parse_config, parse_environments

PROD = parse_environments("environments: {prod: {region: eu-west-1, client_id: PROD_ID}}", file="e.yaml")


def faults_of(text: str, environments: Environments = PROD) -> list[str]:
    return [fault.line("f") for fault in examine_config(text, file="f", environments=environments).faults]


def test_a_poll_names_an_environment() -> None:
    text = "sources: {prod-poll: {poll: prod, every: 5m, expect_within: 7d}}"

    config = parse_config(text, file="f", environments=PROD)

    prod = PROD.by_name["prod"]
    assert config.polls == (Poll(name="prod-poll", environment=prod, every_s=300, expect_within_s=7 * 86400),)
    assert config.sources == ()


def test_a_poll_is_made_every_minute_unless_said() -> None:
    config = parse_config("sources: {prod-poll: {poll: prod}}", file="f", environments=PROD)

    assert config.polls[0].every_s == 60


def test_the_variables_of_a_poll_are_those_of_its_environment() -> None:
    config = parse_config("sources: {prod-poll: {poll: prod}}", file="f", environments=PROD)

    assert config.variables == ("PROD_ID", "GENESYS_CLIENT_SECRET", "GENESYSCLOUD_OAUTHCLIENT_SECRET")


def test_a_rule_can_name_a_poll() -> None:
    rule = "pipelines: {p: {on: {source: prod-poll}, steps: [{id: go, target: http, url: 'http://ci'}]}}"

    assert faults_of(f"sources: {{prod-poll: {{poll: prod}}}}\n{rule}") == []


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("poll: prd", "f:1:21: there is no environment 'prd' in e.yaml. Did you mean 'prod'?"),
        ("poll: prod, secrets: [A]", "f:1:27: sources.a.secrets is for doors; this source polls."),
        ("poll: prod, environment: x", "f:1:27: sources.a.environment is for doors; this source polls."),
        ("every: 60s, secrets: [A]", "f:1:15: sources.a.every goes with `poll` alone."),
        ("poll: prod, every: 5h", "f:1:34: sources.a.every is '5h'; give from '1s' to '1h'."),
        ("", "f:1:11: sources.a lacks 'secrets'."),
    ],
    ids=["environment", "secrets", "door's-key", "every", "pace", "neither"],
)
def test_what_does_not_fit_is_told_with_its_place(source: str, fault: str) -> None:
    assert faults_of(f"sources: {{a: {{{source}}}}}") == [fault]


def test_faults_of_the_other_file_are_told_where_this_one_leads_to_it() -> None:
    environments = parse_environments("environments: {prod: {region: mars}, dev: {}}", file="e.yaml")

    faults = faults_of("sources: {a: {poll: prod}, b: {poll: dev}}", environments)

    assert [fault.partition(": ")[0] for fault in faults] == ["f:1:21", "f:1:21"]
    assert all("e.yaml:1:" in fault for fault in faults)


def test_faults_of_the_other_file_do_not_matter_where_nothing_leads_to_it() -> None:
    environments = parse_environments("environments: {prod: {region: mars}}", file="e.yaml")

    assert faults_of("sources: {a: {secrets: [A]}}", environments) == []
