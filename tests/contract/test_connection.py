"""The contract that the project grew from, row by row: how an organization is reached and who asks."""

import asyncio
from pathlib import Path

import httpx
import pytest

from publisher.cli.connection import hosts_of
from publisher.errors import ExitCode
from publisher.genesys.auth import Token, TokenCache, token_request
from publisher.genesys.client import GenesysClient
from publisher.genesys.hosts import hosts_of_region, hosts_of_url
from publisher.genesys.wire import Timeouts
from publisher.sandbox import FLOW_ID
from publisher.settings import Settings, read_settings
from tests.contract.making import CLIENT, a_wire
from tests.publisher.organization import API_URL, BOTH, CREDENTIALS, Organization, a_flow_file


def test_contract_row_1_a_token_is_asked_for_with_id_and_secret_in_the_form() -> None:
    """Contract row 1: with an API URL as there; a region uses the real login host and HTTP Basic."""
    there = token_request(hosts_of_url(API_URL), CLIENT)
    region = token_request(hosts_of_region("eu-central-1"), CLIENT)

    assert there.url == f"{API_URL}/api/v2/oauth/token"
    assert there.form["client_id"] == "client-1"
    assert region.url == "https://login.mypurecloud.de/oauth/token"
    assert region.headers["Authorization"].startswith("Basic ")


def test_contract_row_2_the_default_base_url() -> None:
    """Contract row 2: `https://api.mypurecloud.com` when nothing is set."""
    assert hosts_of(Settings()).api_url == "https://api.mypurecloud.com"


@pytest.mark.anyio
@pytest.mark.parametrize(("life_s", "good_for_s"), [(3600, 3540), (100, 90)], ids=["an hour", "short-lived"])
async def test_contract_row_3_a_token_is_kept_until_shortly_before_its_end(life_s: float, good_for_s: float) -> None:
    """Contract row 3: 60 s before its end, or a tenth of its life; one refresh at a time."""
    now, fetched = [0.0], []

    async def fetch() -> Token:
        fetched.append(now[0])
        await asyncio.sleep(0)
        return Token(value=f"token-{len(fetched)}", life_s=life_s)

    cache = TokenCache(fetch, monotonic=lambda: now[0])
    at_once = await asyncio.gather(*(cache.token() for _ in range(10)))
    now[0] = good_for_s - 1
    kept = await cache.token()
    now[0] = good_for_s + 1
    renewed = await cache.token()

    assert ({*at_once}, kept, renewed, len(fetched)) == ({"token-1"}, "token-1", "token-2", 2)


@pytest.mark.anyio
async def test_contract_row_4_10_seconds_for_the_token_and_30_for_a_call() -> None:
    """Contract row 4: per request."""
    limits: dict[str, float] = {}

    def answer(request: httpx.Request) -> httpx.Response:
        limits[request.url.path] = request.extensions["timeout"]["read"]
        return httpx.Response(200, json={"access_token": "t", "expires_in": 60, "id": "f"})

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        await GenesysClient(a_wire(http)).flow("f")

    assert limits == {"/api/v2/oauth/token": 10.0, "/api/v2/flows/f": 30.0}
    assert Timeouts() == Timeouts(token_s=10.0, call_s=30.0)


@pytest.mark.parametrize(
    ("scope", "needed"),
    [
        ("flow:write", "architect:flow:edit"),
        ("flow:view", "architect:flow:view"),
        ("webhook:write", "webhook:write"),
    ],
)
def test_contract_row_5_a_refusal_by_scope_names_scope_and_permission(
    scope: str, needed: str, organization: Organization
) -> None:
    """Contract row 5: named in the 403 message beside the real permissions; the sandbox can refuse by scope."""
    organization.forbid(scope)

    ended = organization.run("publish", "main.json", "--require-webhook", environ=BOTH)

    assert ended.code in {ExitCode.NOT_ALLOWED, ExitCode.FAILED}
    assert f"the scope {scope}" in ended.err
    assert needed in ended.err


@pytest.mark.parametrize("absent", ["ID", "SECRET"])
def test_contract_row_7_missing_credentials_stop_it_with_a_message(absent: str, organization: Organization) -> None:
    """Contract row 7: both accepted variables and `_FILE` are named; exit 2."""
    environ = {name: value for name, value in CREDENTIALS.items() if name != f"GENESYS_CLIENT_{absent}"}

    ended = organization.run("publish", "main.json", environ=environ)

    assert ended.code == ExitCode.USAGE
    assert f"GENESYS_CLIENT_{absent} is not set" in ended.err
    assert f"GENESYS_CLIENT_{absent}_FILE" in ended.err
    assert f"GENESYSCLOUD_OAUTHCLIENT_{absent} works too" in ended.err


def test_contract_row_8_the_credentials_variables() -> None:
    """Contract row 8: `GENESYS_CLIENT_ID`, `GENESYS_CLIENT_SECRET`."""
    settings = read_settings({"GENESYS_CLIENT_ID": "id", "GENESYS_CLIENT_SECRET": "secret"})

    assert settings.credentials() == ("id", "secret")


def test_contract_row_9_the_flow_is_given_by_variable_option_config_or_name(organization: Organization) -> None:
    """Contract row 9: `GENESYS_FLOW_ID` for one graph file; `--flow-id`; the config; else by name."""
    a_flow_file(Path(), name="Called otherwise")
    Path("flows.yaml").write_text(f"flows:\n  - {{file: main.json, id: {FLOW_ID}}}\n")
    by_name = a_flow_file(Path(), file="named.json")

    ended = [
        organization.run("publish", "main.json", environ={**CREDENTIALS, "GENESYS_FLOW_ID": FLOW_ID}),
        organization.run("publish", "main.json", "--flow-id", FLOW_ID),
        organization.run("publish", "main.json", "--config", "flows.yaml"),
        organization.run("publish", by_name),
    ]

    assert [each.results()[0]["flow_id"] for each in ended] == [FLOW_ID] * 4
