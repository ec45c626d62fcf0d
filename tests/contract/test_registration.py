"""The contract that the project grew from, row by row: the webhook, its registration, and the event that it brings."""

from collections.abc import Callable

import httpx
import pytest

from publisher import registration
from publisher.errors import ExitCode
from publisher.genesys import calls
from publisher.genesys.client import GenesysClient
from receiver.config import DEFAULT_CONFIG
from receiver.errors import VerificationError
from tests.contract.making import a_wire
from tests.publisher.organization import BOTH, PUBLISH, WEBHOOK_SECRET, WEBHOOK_URL, Organization
from tests.receiver.verify import HEADER, gates_of, knock


def a_client(answers: Callable[[httpx.Request], httpx.Response]) -> GenesysClient:
    """A client that gets a token first, and these answers then."""

    def answer(request: httpx.Request) -> httpx.Response:
        is_token = request.url.path.endswith("/oauth/token")
        return httpx.Response(200, json={"access_token": "t", "expires_in": 3600}) if is_token else answers(request)

    return GenesysClient(a_wire(httpx.AsyncClient(transport=httpx.MockTransport(answer))))


def test_contract_row_10_url_and_secret_set_registers_within_the_run(organization: Organization) -> None:
    """Contract row 10: ensured before the publish action."""
    organization.run("publish", "main.json", environ=BOTH)

    calls_made = organization.calls()
    assert calls_made.index("POST /api/v2/platform/webhooks 201") < calls_made.index(f"{PUBLISH} 200")


@pytest.mark.parametrize(
    ("options", "code"), [([], ExitCode.OK), (["--require-webhook"], ExitCode.FAILED)], ids=["usual", "required"]
)
def test_contract_row_11_a_failed_registration_is_a_warning(
    options: list[str], code: ExitCode, organization: Organization
) -> None:
    """Contract row 11: exit 0; `--require-webhook` makes it 1."""
    organization.forbid("webhook:write")

    ended = organization.run("publish", "main.json", *options, environ=BOTH)

    assert ended.code == code
    assert "webhook registration failed: " in ended.err


def test_contract_row_12_the_body_of_a_registration() -> None:
    """Contract row 12: name, description, type, endpointUrl, events, secret; found again by name."""
    draft = registration.wanted(url=WEBHOOK_URL, secret=WEBHOOK_SECRET)

    assert calls.create_registration(draft).json == {
        "name": "CI/CD Flow Deployment Sync",
        "description": "Triggers pipeline on flow version publish",
        "type": "web",
        "endpointUrl": WEBHOOK_URL,
        "events": ["flow.version.published"],
        "secret": WEBHOOK_SECRET,
    }


@pytest.mark.anyio
@pytest.mark.parametrize("status", [200, 201])
async def test_contract_row_13_200_and_201_are_both_taken(status: int) -> None:
    """Contract row 13: 200 or 201 accepted."""
    client = a_client(lambda _: httpx.Response(status, json={"id": "r1"}))

    created = await client.create_registration(registration.wanted(url=WEBHOOK_URL, secret=WEBHOOK_SECRET))

    assert created.id == "r1"


def test_contract_row_14_it_says_that_the_webhook_is_synchronized(organization: Organization) -> None:
    """Contract row 14: one line on stderr."""
    ended = organization.run("publish", "main.json", environ=BOTH)

    assert len([line for line in ended.err.splitlines() if "is synchronized" in line]) == 1


def test_contract_row_40_the_event_comes_with_the_secret_header_which_the_receiver_verifies(
    organization: Organization,
) -> None:
    """Contract row 40: event flow.version.published; the endpoint verifies X-Genesys-Webhook-Secret."""
    organization.run("publish", "main.json", environ=BOTH)
    secrets = {"CI_WEBHOOK_SECRET": WEBHOOK_SECRET}
    gates = gates_of(*DEFAULT_CONFIG.sources, secrets=secrets)

    [told] = organization.told
    assert told["event"] == "flow.version.published"
    assert knock([(HEADER, told["secret"].encode())], gates=gates).secret == "CI_WEBHOOK_SECRET"
    with pytest.raises(VerificationError):
        knock([(HEADER, b"guessed")], gates=gates)
