"""`config/environments.yaml`."""

from pathlib import Path

import pytest

from publisher.environments import (
    AS_SET,
    FILE,
    Environment,
    OnDrift,
    choose_environment,
    parse_environments,
    settings_in,
)
from publisher.errors import ExitCode, UsageError

SHIPPED = Path(__file__).parents[2] / FILE
ORGANIZATION = "1f0c6f0e-52d4-4b0e-9a53-1d6f2c8b4e90"
OTHER = "3f0c6f0e-52d4-4b0e-9a53-1d6f2c8b4e90"

WHOLE = f"""\
environments:
  dev: {{region: eu-central-1, organization: {ORGANIZATION}, client_id: GC_DEV_ID, client_secret: GC_DEV_SECRET}}
  prod:
    region: mypurecloud.de
    organization: {OTHER.upper()}
    protected: true
    on_drift: warn
    on_lock: {{wait: 10m}}
  uat: {{same_org_as: dev, name_prefix: "UAT ", division: UAT}}
  sandbox: {{api_url: "http://127.0.0.1:8090"}}
"""


def faults_of(text: str) -> list[str]:
    with pytest.raises(UsageError) as refusal:
        parse_environments(text, file="environments.yaml")
    return str(refusal.value).splitlines()


def dev(keys: str) -> str:
    return f"environments:\n  dev: {{{keys}}}\n"


@pytest.mark.parametrize("text", ["", "# none yet\n", "{}", "environments:", "environments: {}"])
def test_there_may_be_none(text: str) -> None:
    assert parse_environments(text, file="environments.yaml") == {}


def test_the_file_that_comes_with_the_project_names_none_yet() -> None:
    assert parse_environments(SHIPPED.read_text(), file=FILE) == {}


def test_the_example_in_the_file_that_comes_with_the_project_is_good() -> None:
    lines = [line.removeprefix("# ") for line in SHIPPED.read_text().splitlines() if line.startswith("#   ")]

    read = parse_environments("\n".join(["environments:", *lines]), file=FILE)

    assert list(read) == ["dev", "prod", "uat", "sandbox"]


def test_everything_is_read() -> None:
    read = parse_environments(WHOLE, file="environments.yaml")

    assert list(read) == ["dev", "prod", "uat", "sandbox"]
    assert read["dev"] == Environment(
        name="dev",
        region="eu-central-1",
        organization=ORGANIZATION,
        client_id="GC_DEV_ID",
        client_secret="GC_DEV_SECRET",
    )
    assert read["prod"] == Environment(
        name="prod",
        region="mypurecloud.de",
        organization=OTHER,
        protected=True,
        on_drift=OnDrift.WARN,
        lock_wait_s=600,
    )


def test_one_in_the_same_organization_shares_all_that_belongs_to_it() -> None:
    read = parse_environments(WHOLE, file="environments.yaml")

    assert read["uat"] == Environment(
        name="uat",
        region="eu-central-1",
        organization=ORGANIZATION,
        client_id="GC_DEV_ID",
        client_secret="GC_DEV_SECRET",
        name_prefix="UAT ",
        division="UAT",
    )


def test_one_in_the_same_organization_may_have_its_own_client_and_is_protected_by_itself() -> None:
    text = """\
environments:
  b: {same_org_as: a, client_id: B_ID, client_secret: B_SECRET}
  c: {same_org_as: b}
  a: {region: us-east-1, client_id: A_ID, client_secret: A_SECRET, protected: true}
"""

    read = parse_environments(text, file="environments.yaml")

    assert (read["b"].client_id, read["b"].region, read["b"].protected) == ("B_ID", "us-east-1", False)
    assert (read["c"].client_id, read["c"].region) == ("B_ID", "us-east-1")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("environment: {}", "1:1: there is no key 'environment' here. Did you mean 'environments'?"),
        ("environments: [dev]", "1:15: environments is a list; give keys with values."),
        ("environments: {Dev: {region: us-east-1}}", "1:16: 'Dev' is no name; give small letters, digits, - and _."),
        (dev("regoin: us-east-1"), "2:9: there is no key 'regoin' here. Did you mean 'region'?"),
        (dev(""), "2:8: give either `region`, such as eu-central-1, or `api_url` (a sandbox, a proxy)."),
        (
            dev("region: us-east-1, api_url: 'http://127.0.0.1:1'"),
            "2:8: give either `region`, such as eu-central-1, or `api_url` (a sandbox, a proxy).",
        ),
        (dev("region: eu-west-9"), "2:17: 'eu-west-9' is no Genesys Cloud region. Did you mean 'eu-west-2'?"),
        (
            dev("region: us-east-1, token_url: 'https://a.example.com'"),
            "2:28: a token_url goes with an `api_url`; a region has its own.",
        ),
        (
            dev("region: us-east-1, organization: Acme"),
            "2:42: organization is 'Acme'; give its id, a UUID: `publisher doctor` tells it.",
        ),
        (dev("region: us-east-1, protected: yes"), "2:39: protected is 'yes'; give true or false."),
        (
            dev("region: us-east-1, on_drift: ignore"),
            "2:38: on_drift is 'ignore'; give fail or warn or overwrite.",
        ),
        (dev("region: us-east-1, on_lock: wait"), "2:37: give fail, or how long to wait: {wait: 10m}."),
        (
            dev("region: us-east-1, on_lock: {wait: long}"),
            "2:44: wait is 'long'; give a number with s, m, h or d, such as 30s or 10m, of at most 7d.",
        ),
        (dev("region: us-east-1, division: 7"), "2:38: this is 7; give a text."),
        (dev("same_org_as: dev"), "2:22: 'dev' is this environment itself; name another one."),
        (dev("same_org_as: prod"), "2:22: there is no environment 'prod'. It is the only one."),
        (
            "environments:\n  a: {region: us-east-1}\n  b: {same_org_as: a, region: us-east-1}\n",
            "3:23: region is that of the environment in `same_org_as`.",
        ),
        (
            "environments:\n  a: {same_org_as: b}\n  b: {same_org_as: a}\n",
            "2:20: 'a' and 'b' are each in the organization of the other; give one of them a region.",
        ),
    ],
)
def test_a_fault_is_told_with_its_place(text: str, fault: str) -> None:
    assert f"environments.yaml:{fault}" in faults_of(text)


@pytest.mark.parametrize("key", ["client_id", "client_secret"])
@pytest.mark.parametrize("pasted", ["hunter2-hunter2", "1f0c6f0e-52d4-4b0e-9a53-1d6f2c8b4e90", "${SECRET}"])
def test_a_pasted_secret_is_refused_with_its_place_and_not_shown(key: str, pasted: str) -> None:
    [fault] = faults_of(dev(f"region: us-east-1, {key}: '{pasted}'"))

    assert fault.startswith(f"environments.yaml:2:{30 + len(key)}: give the NAME of the variable that holds the client")
    assert pasted not in fault


def test_all_faults_are_told_at_once() -> None:
    assert len(faults_of(dev("region: nowhere, protected: 1, on_drift: 2, on_lock: 3, organization: 4"))) == 5


def test_without_any_the_variables_alone_say_where() -> None:
    assert choose_environment({}) == AS_SET


def test_the_only_one_need_not_be_named() -> None:
    read = parse_environments(dev("region: us-east-1"), file="environments.yaml")

    assert choose_environment(read).name == "dev"


def test_one_of_several_has_to_be_named() -> None:
    read = parse_environments(WHOLE, file="environments.yaml")

    with pytest.raises(UsageError, match=r"several environments \(dev, prod, uat, sandbox\).*--env NAME") as refusal:
        choose_environment(read)

    assert refusal.value.exit_code == ExitCode.USAGE
    assert choose_environment(read, "prod").name == "prod"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (WHOLE, "--env pord: there is no environment 'pord' in config/environments.yaml. Did you mean 'prod'?"),
        ("", "--env pord: config/environments.yaml names no environments. `publisher init` writes it."),
    ],
    ids=["misspelt", "none"],
)
def test_an_unknown_one_is_refused(text: str, message: str) -> None:
    with pytest.raises(UsageError) as refusal:
        choose_environment(parse_environments(text, file="environments.yaml"), "pord")

    assert str(refusal.value) == message


def test_its_credentials_come_from_the_variables_that_it_names() -> None:
    environment = Environment(name="dev", region="eu-central-1", client_id="GC_DEV_ID", client_secret="GC_DEV_SECRET")

    settings = settings_in(
        environment, {"GC_DEV_ID": "dev-id", "GC_DEV_SECRET": "dev-secret", "GENESYS_CLIENT_ID": "of-another"}
    )

    assert settings.credentials() == ("dev-id", "dev-secret")


def test_credentials_that_are_not_set_are_asked_for_by_the_names_that_it_gives() -> None:
    environment = Environment(name="dev", region="eu-central-1", client_id="GC_DEV_ID", client_secret="GC_DEV_SECRET")

    with pytest.raises(UsageError, match=r"GC_DEV_ID is not set.*\nGC_DEV_SECRET is not set"):
        settings_in(environment, {"GENESYS_CLIENT_ID": "of-another"}).credentials()


def test_one_that_names_no_variables_takes_the_usual_ones() -> None:
    settings = settings_in(
        Environment(name="dev", region="eu-central-1"),
        {"GENESYSCLOUD_OAUTHCLIENT_ID": "id", "GENESYS_CLIENT_SECRET": "secret"},
    )

    assert settings.credentials() == ("id", "secret")


def test_where_it_is_comes_from_the_file_alone() -> None:
    settings = settings_in(
        Environment(name="dev", region="eu-central-1"),
        {"GENESYS_API_URL": "http://127.0.0.1:8090", "GENESYS_REGION": "us-east-1"},
    )

    assert (settings.region, settings.api_url) == ("eu-central-1", None)


def test_without_a_file_the_variables_say_where() -> None:
    assert settings_in(AS_SET, {"GENESYS_REGION": "us-east-1"}).region == "us-east-1"


@pytest.mark.parametrize(("name", "here"), [("Main", "UAT Main"), ("UAT Main", "UAT Main")])
def test_a_prefix_comes_before_a_name_once(name: str, here: str) -> None:
    assert Environment(name="uat", name_prefix="UAT ").flow_name(name) == here
