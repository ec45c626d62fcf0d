"""The files that a project begins with."""

from typing import Any

import pytest
import yaml

from publisher.config import FlowEntry, Receiver, parse_config
from publisher.environments import Environment, parse_environments
from publisher.genesys.model import Flow
from publisher.starting import MOST_FLOWS, Beginning, Ci, new_files
from receiver.config import parse_config as parse_receiver_config

ORGANIZATION = "1f0c6f0e-52d4-4b0e-9a53-1d6f2c8b4e90"


def a_beginning(**more: Any) -> Beginning:  # noqa: ANN401 - passed on
    return Beginning(
        **{
            "environment": "dev",
            "place": {"region": "eu-central-1"},
            "organization": ORGANIZATION,
            "organization_name": "Acme",
            "client_id": "GENESYS_CLIENT_ID",
            "client_secret": "GENESYS_CLIENT_SECRET",
            "flows": (Flow(id="flow-1", name="Main"),),
            "receiver_url": None,
            "ci": Ci.GITHUB,
            "version": "1.2.0",
            **more,
        }
    )


def texts(**more: Any) -> dict[str, str]:  # noqa: ANN401 - passed on
    return {file.path: file.text for file in new_files(a_beginning(**more))}


def test_there_is_one_file_of_each_kind() -> None:
    assert list(texts()) == [
        "config/environments.yaml",
        "config/publisher.yaml",
        "config/receiver.yaml",
        "example.env",
        ".github/workflows/flows.yml",
    ]


def test_the_environments_file_can_be_read() -> None:
    read = parse_environments(texts()["config/environments.yaml"], file="environments.yaml")

    assert read == {
        "dev": Environment(
            name="dev",
            region="eu-central-1",
            organization=ORGANIZATION,
            client_id="GENESYS_CLIENT_ID",
            client_secret="GENESYS_CLIENT_SECRET",
        )
    }


def test_an_organization_may_be_somewhere_else_than_in_a_region() -> None:
    place = {"api_url": "http://127.0.0.1:8090", "token_url": "http://127.0.0.1:8090/oauth/token"}

    read = parse_environments(texts(place=place)["config/environments.yaml"], file="environments.yaml")

    assert (read["dev"].api_url, read["dev"].token_url) == (place["api_url"], place["token_url"])


@pytest.mark.parametrize("name", ["no\nprotected: true", None], ids=["two lines", "none"])
def test_the_name_of_the_organization_stays_a_comment(name: str | None) -> None:
    text = texts(organization_name=name)["config/environments.yaml"]

    assert not parse_environments(text, file="environments.yaml")["dev"].protected


def test_an_organization_that_is_not_known_is_left_out() -> None:
    text = texts(organization=None)["config/environments.yaml"]

    assert parse_environments(text, file="environments.yaml")["dev"].organization is None


@pytest.mark.parametrize(
    ("place", "files"),
    [({"region": "eu-central-1"}, "flows/**/*.yaml"), ({"api_url": "http://127.0.0.1:1"}, "flows/**")],
    ids=["region", "URL"],
)
def test_the_publishers_config_lists_the_files_that_the_organization_takes(place: dict[str, str], files: str) -> None:
    config = parse_config(texts(place=place)["config/publisher.yaml"], file="publisher.yaml", environments=["dev"])

    assert config.flows == (FlowEntry(files=files),)
    assert config.receiver is None


def test_a_known_receiver_is_in_the_publishers_config() -> None:
    text = texts(receiver_url="https://relay.example.com")["config/publisher.yaml"]

    assert parse_config(text, file="publisher.yaml").receiver == Receiver(
        url="https://relay.example.com", token="RELAY_TOKEN"
    )


def test_the_flows_of_the_organization_are_offered_as_entries() -> None:
    text = texts()["config/publisher.yaml"]
    entry = next(line for line in text.splitlines() if "flow-1" in line)

    config = parse_config(f"flows:\n{entry.removeprefix('# ')}", file="publisher.yaml", environments=["dev"])

    assert config.flows[0].flow_ids == {"dev": "flow-1"}


def test_of_many_flows_only_some_are_offered() -> None:
    flows = [Flow(id=f"flow-{at}", name=f"Flow {at}") for at in range(MOST_FLOWS + 3)]

    lines = texts(flows=flows)["config/publisher.yaml"].splitlines()

    assert sum("- {file:" in line for line in lines) == MOST_FLOWS
    assert "#   and 3 more" in lines


def test_the_receivers_config_can_be_read() -> None:
    config = parse_receiver_config(texts()["config/receiver.yaml"], file="receiver.yaml")

    assert [(source.name, source.environment) for source in config.sources] == [("genesys", "dev")]


def test_the_pipeline_in_the_receivers_config_is_good_without_its_signs() -> None:
    head, _, tail = texts()["config/receiver.yaml"].partition("# secrets:")
    uncommented = "\n".join(line.removeprefix("# ") for line in f"# secrets:{tail}".splitlines())

    config = parse_receiver_config(f"{head}{uncommented}\n", file="receiver.yaml")

    assert [pipeline.name for pipeline in config.pipelines] == ["deploy"]


def test_the_example_of_variables_names_them_without_values() -> None:
    lines = texts(client_id="GENESYSCLOUD_OAUTHCLIENT_ID")["example.env"].splitlines()

    assert [line for line in lines if line and not line.startswith("#")] == [
        "GENESYSCLOUD_OAUTHCLIENT_ID=",
        "GENESYS_CLIENT_SECRET=",
        "CI_WEBHOOK_URL=",
        "CI_WEBHOOK_SECRET=",
        "RECEIVER_ADMIN_TOKEN=",
        "RELAY_TOKEN=",
    ]


def test_the_workflow_for_github_checks_and_publishes() -> None:
    workflow = yaml.safe_load(texts()[".github/workflows/flows.yml"])

    jobs = workflow["jobs"]
    assert [step["run"] for step in jobs["validate"]["steps"] if "run" in step] == [
        "pip install --quiet flow-relay==1.2.0",
        "publisher config check",
        "publisher validate --format github",
    ]
    assert jobs["publish"]["steps"][-1]["run"] == "publisher publish --env dev"
    assert jobs["plan"]["steps"][3]["run"] == "publisher plan --env dev --report markdown=plan.md"
    assert jobs["plan"]["env"] == jobs["publish"]["env"]
    assert jobs["publish"]["env"] == {
        name: f"${{{{ secrets.{name} }}}}"
        for name in (
            "GENESYS_CLIENT_ID",
            "GENESYS_CLIENT_SECRET",
            "CI_WEBHOOK_URL",
            "CI_WEBHOOK_SECRET",
            "RELAY_TOKEN",
        )
    }
    assert workflow["permissions"] == {"contents": "read"}


def test_the_pipeline_for_gitlab_checks_and_publishes() -> None:
    pipeline = yaml.safe_load(texts(ci=Ci.GITLAB)[".gitlab-ci.yml"])

    assert pipeline["validate-flows"]["script"][0] == "publisher config check"
    assert pipeline["plan-flows"]["script"] == ["publisher plan --env dev --report markdown=plan.md"]
    assert pipeline["publish-flows"]["script"] == ["publisher publish --env dev"]
    assert pipeline["publish-flows"]["environment"] == "dev"
