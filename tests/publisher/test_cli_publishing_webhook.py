"""How `publisher publish` sees to it that the receiver hears of it."""

from pathlib import Path

import httpx
import pytest

from publisher.errors import ExitCode
from publisher.sandbox import FLOW_ID, SandboxSettings, WebhookApi
from tests.publisher.organization import (
    BOTH,
    CREDENTIALS,
    PUBLISH,
    WEBHOOK,
    Organization,
    a_flow_file,
)

pytestmark = pytest.mark.usefixtures("project")


def without_webhooks() -> Organization:
    return Organization(settings=SandboxSettings(webhook_api=WebhookApi.NONE))


def test_the_registration_is_ensured_before_the_publish_action(organization: Organization, file: Path) -> None:
    ended = organization.run("publish", file, environ=BOTH)

    calls = organization.calls()
    assert calls.index("POST /api/v2/platform/webhooks 201") < calls.index(f"{PUBLISH} 200")
    assert "The webhook 'CI/CD Flow Deployment Sync' is synchronized: registered." in ended.err
    assert [told["event"] for told in organization.told] == ["flow.version.published"]


def test_the_registration_is_looked_at_once_for_all_files(
    organization: Organization, file: Path, project: Path
) -> None:
    a_flow_file(project, file="hours.json", name="Opening Hours")

    ended = organization.run("publish", file, "hours.json", environ=BOTH)

    assert [action for action, _, _ in ended.statuses()].count("register_webhook") == 1


def test_a_registration_that_fails_is_a_warning(organization: Organization, file: Path) -> None:
    organization.forbid("webhook:write")

    ended = organization.run("publish", file, environ=BOTH)

    assert ended.code == ExitCode.OK
    assert "warning: webhook registration failed: " in ended.err
    assert ("register_webhook", "failed", "http.403") in ended.statuses()
    assert ended.results()[0]["result"] == "published"


def test_with_require_webhook_a_registration_that_fails_stops_it(organization: Organization, file: Path) -> None:
    organization.forbid("webhook:write")

    ended = organization.run("publish", file, "--require-webhook", environ=BOTH)

    assert ended.code == ExitCode.FAILED
    assert "error: webhook registration failed: " in ended.err
    assert "was created and passed validation; it is not live." in ended.err
    assert f"{PUBLISH} 200" not in organization.calls()


def test_with_require_webhook_a_host_without_webhooks_stops_it(file: Path) -> None:
    ended = without_webhooks().run("publish", file, "--require-webhook", environ=BOTH)

    assert ended.code == ExitCode.FAILED


@pytest.mark.parametrize("name", ["CI_WEBHOOK_URL", "CI_WEBHOOK_SECRET"])
def test_half_a_webhook_is_a_warning(name: str, organization: Organization, file: Path) -> None:
    ended = organization.run("publish", file, environ={**CREDENTIALS, name: WEBHOOK[name]})

    assert ended.code == ExitCode.OK
    assert "nothing will be registered" in ended.err
    assert not any("/platform/webhooks" in call for call in organization.calls())


def test_the_receiver_can_stand_in_the_config(organization: Organization, file: Path) -> None:
    Path("relay.yaml").write_text("receiver: {url: 'http://relay.test', source: prod, secret: RELAY_SECRET}\n")

    organization.run("publish", file, "--config", "relay.yaml", environ={**CREDENTIALS, "RELAY_SECRET": "other"})

    [registration] = organization.sandbox.org.registrations()
    assert registration.endpoint_url == "http://relay.test/webhooks/prod"
    assert [told["secret"] for told in organization.told] == ["other"]


def test_where_the_api_knows_no_webhooks_the_receiver_is_told_by_us(file: Path) -> None:
    organization = without_webhooks()

    ended = organization.run("publish", file, environ=BOTH)

    assert ended.code == ExitCode.OK
    assert [told["event"] for told in organization.told] == ["flow.version.publishing", "flow.version.published"]
    assert ended.results()[0]["announced"] is True
    assert ("register_webhook", "skipped", None) in ended.statuses()


def test_an_announcement_tells_where_the_change_came_from(organization: Organization, file: Path) -> None:
    github = {"GITHUB_ACTIONS": "true", "GITHUB_SHA": "c0ffee", "GITHUB_ACTOR": "kim"}

    organization.run("publish", file, "--announce", "--governance-id", "CHG-7", environ={**BOTH, **github})

    provenance = next(told["provenance"] for told in organization.told if "provenance" in told)
    assert provenance.pop("content_hash").startswith("sha256:")
    assert provenance == {"commit": "c0ffee", "actor": "kim", "file": "main.json", "governance_id": "CHG-7"}


def test_announcements_can_be_left_out(file: Path) -> None:
    organization = without_webhooks()

    ended = organization.run("publish", file, "--no-announce", environ=BOTH)

    assert ended.code == ExitCode.OK
    assert organization.told == []


def test_a_receiver_that_is_away_does_not_stop_a_publication_but_is_told_of(file: Path) -> None:
    organization = without_webhooks()
    organization.receiver = lambda _: httpx.Response(401)

    ended = organization.run("publish", file, environ=BOTH)

    assert ended.code == ExitCode.LIVE_BUT
    assert organization.sandbox.org.flow(FLOW_ID).published_id == "2.0"
    assert ended.results()[0]["announced"] is False
    assert "warning: flow.version.published was not announced: The receiver answered 401." in ended.err


def test_a_dry_run_says_when_the_registration_cannot_be_looked_at(organization: Organization, file: Path) -> None:
    organization.forbid("webhook:write")

    ended = organization.run("publish", "--dry-run", file, environ=BOTH)

    assert ended.code == ExitCode.OK
    assert "would try to register the webhook, though it cannot be asked for: " in ended.err
