"""`publisher eventbridge`."""

from pathlib import Path

import pytest

from publisher.errors import ExitCode
from publisher.eventbridge import Bridge, cloudformation, terraform
from tests.publisher.organization import BOTH, WEBHOOK_SECRET, Ended, Organization

URL = "https://relay.example.com/webhooks/genesys"
EVENT_SOURCE = "aws.partner/genesys.com/cloud/23faea37-1117-4c0a-88a2-572c46780b03/ci"

pytestmark = pytest.mark.usefixtures("project")


def run(*arguments: str, environ: dict[str, str] | None = None) -> Ended:
    return Organization().run("eventbridge", *arguments, environ=environ or {})


def test_terraform_is_printed_and_the_next_step_beside_it() -> None:
    ended = run("terraform", "--url", URL, "--event-source", EVENT_SOURCE)

    assert ended.code == ExitCode.OK
    assert ended.out == terraform(Bridge(url=URL, event_source=EVENT_SOURCE))
    assert "terraform apply" in ended.err


def test_cloudformation_is_printed_and_the_next_step_beside_it() -> None:
    ended = run("cloudformation", "--url", URL)

    assert ended.code == ExitCode.OK
    assert ended.out == cloudformation(Bridge(url=URL))
    assert "aws cloudformation deploy" in ended.err


def test_the_receiver_is_found_where_the_other_commands_find_it() -> None:
    Path("config").mkdir()
    Path("config/publisher.yaml").write_text("receiver: {url: https://configured.example.com, source: prod}")

    assert "https://configured.example.com/webhooks/prod" in run("terraform").out
    assert URL in run("terraform", environ={"CI_WEBHOOK_URL": URL}).out


def test_without_a_receiver_its_url_is_asked_for_later() -> None:
    assert run("terraform").out == terraform(Bridge())


@pytest.mark.parametrize("command", ["terraform", "cloudformation"])
def test_the_secret_is_never_printed(command: str) -> None:
    ended = run(command, environ={**BOTH, "CI_WEBHOOK_URL": URL})

    assert WEBHOOK_SECRET not in ended.out + ended.err


def test_a_receiver_without_tls_is_refused() -> None:
    ended = run("terraform", environ={"CI_WEBHOOK_URL": "http://relay.test/webhooks/genesys"})

    assert ended.code == ExitCode.USAGE
    assert ended.err.startswith(
        "error: the receiver's URL is 'http://relay.test/webhooks/genesys'; EventBridge calls https"
    )
