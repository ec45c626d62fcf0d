"""The receiver reads of environments.yaml where an organization is, and never a secret."""

from textwrap import dedent

import pytest

from publisher.genesys.hosts import hosts_of_region, hosts_of_url
from receiver.config import Environment, Environments, parse_environments
from receiver.config.environments import CLIENT_ID

ORGANIZATION = "1f0c6f0e-52d4-4b0e-9a53-1d6f2c8b4e90"
FULL = f"""\
environments:
  dev:
    region: eu-central-1
    organization: {ORGANIZATION.upper()}
    client_id: GC_DEV_ID
    client_secret: GC_DEV_SECRET
    protected: true
    on_lock: {{wait: 10m}}
  uat: {{same_org_as: dev, name_prefix: "UAT ", division: UAT}}
  sandbox: {{api_url: "http://127.0.0.1:8090"}}
"""


def read(text: str) -> Environments:
    return parse_environments(dedent(text), file="e.yaml")


def named(name: str, text: str = FULL) -> Environment:
    found = read(text)
    assert found.faults == ()
    return found.by_name[name]


def test_a_region_says_where_and_variables_say_who() -> None:
    environment = named("dev")

    assert environment.hosts == hosts_of_region("eu-central-1")
    assert environment.organization == ORGANIZATION
    assert environment.variables == ("GC_DEV_ID", "GC_DEV_SECRET")


def test_an_environment_shares_the_organization_and_the_client_of_another() -> None:
    environment = named("uat")

    assert environment.hosts == hosts_of_region("eu-central-1")
    assert environment.organization == ORGANIZATION
    assert environment.client_secret == ("GC_DEV_SECRET",)


def test_without_names_of_variables_the_usual_ones_are_looked_at() -> None:
    environment = named("sandbox")

    assert environment.hosts == hosts_of_url("http://127.0.0.1:8090")
    assert environment.client_id == CLIENT_ID


@pytest.mark.parametrize(
    ("environment", "flow", "division", "holds"),
    [
        ("dev", "Main", None, True),
        ("dev", "UAT Main", None, False),
        ("uat", "UAT Main", "UAT", True),
        ("uat", "UAT Main", "Home", False),
        ("uat", "Main", "UAT", False),
        ("sandbox", "UAT Main", None, True),
    ],
)
def test_flows_belong_to_one_environment(environment: str, flow: str, division: str | None, holds: bool) -> None:
    assert named(environment).holds(flow, division=division) is holds


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("environments: {a: {region: mars}}", "e.yaml:1:28: 'mars' is no Genesys Cloud region."),
        ("environments: {a: {}}", "e.yaml:1:16: give either `region`"),
        ("environments: {a: {region: eu-west-1, api_url: 'http://x'}}", "e.yaml:1:16: give either `region`"),
        ("environments: {a: {api_url: x}}", "e.yaml:1:29: api_url is no such thing; give a URL, such as"),
        ("environments: {a: {region: eu-west-1, organization: 5}}", "e.yaml:1:53: organization is no such thing"),
        ("environments: {a: {same_org_as: b}}", "e.yaml:1:33: there is no other environment 'b' with a place."),
        ("environments: {a: {same_org_as: a}}", "e.yaml:1:33: there is no other environment 'a' with a place."),
        ("environments: {a: 5}", "e.yaml:1:19: a is no mapping"),
        ("environments: [a]", "e.yaml:1:15: environments is no mapping"),
        ("environments: {", "e.yaml:1:16: "),
    ],
    ids=["region", "no-place", "two-places", "url", "organization", "host", "itself", "entry", "list", "no-document"],
)
def test_a_fault_is_told_with_its_place(text: str, fault: str) -> None:
    assert read(text).faults[0].startswith(fault)
    assert len(read(text).faults) == 1


def test_a_pasted_secret_is_refused_and_not_quoted() -> None:
    faults = read("environments: {a: {region: eu-west-1, client_secret: hunter2-hunter2}}").faults

    assert faults == ("e.yaml:1:54: give the NAME of the variable that holds the client secret.",)


@pytest.mark.parametrize("text", ["", "environments: {}", "environments:"])
def test_a_file_may_name_none(text: str) -> None:
    assert read(text) == Environments(file="e.yaml")
