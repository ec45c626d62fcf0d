"""The two token endpoints."""

import httpx
import pytest

from publisher.sandbox import SandboxSettings
from tests.publisher.sandbox.orgs import Running, a_sandbox

pytestmark = pytest.mark.anyio

GRANT = {"grant_type": "client_credentials"}
FORM = GRANT | {"client_id": "ci", "client_secret": "pa55word"}
ONE_CLIENT = SandboxSettings(client_id="ci", client_secret="pa55word")


async def reads_flows(running: Running, token: str) -> httpx.Response:
    return await running.http.get("/api/v2/flows", headers={"Authorization": f"Bearer {token}"})


async def test_the_form_gets_a_token_that_works() -> None:
    async with a_sandbox() as running:
        answer = await running.http.post("/api/v2/oauth/token", data=FORM)

        used = await reads_flows(running, answer.json()["access_token"])

    assert (answer.status_code, answer.json()["token_type"], answer.json()["expires_in"]) == (200, "bearer", 3600)
    assert used.status_code == 200


async def test_http_basic_gets_a_token_that_works() -> None:
    async with a_sandbox() as running:
        answer = await running.http.post("/oauth/token", data=GRANT, auth=("ci", "pa55word"))

        used = await reads_flows(running, answer.json()["access_token"])

    assert used.status_code == 200


@pytest.mark.parametrize(
    ("form", "status", "description"),
    [
        (FORM | {"client_id": "other"}, 400, "client not found"),
        (FORM | {"client_secret": "wrong"}, 401, "authentication failed"),
        (FORM | {"client_secret": "wröng"}, 401, "authentication failed"),
        (GRANT, 400, "client not found"),
        (FORM | {"grant_type": "password"}, 400, "the grant type must be client_credentials"),
    ],
    ids=["unknown client", "wrong secret", "not ascii", "no client", "other grant"],
)
async def test_a_refusal_has_the_form_of_oauth(form: dict[str, str], status: int, description: str) -> None:
    async with a_sandbox(ONE_CLIENT) as running:
        answer = await running.http.post("/api/v2/oauth/token", data=form)

    assert (answer.status_code, answer.json()["description"]) == (status, description)
    assert set(answer.json()) == {"error", "description", "error_description"}
    assert answer.headers["inin-correlation-id"]


@pytest.mark.parametrize(
    ("authorization", "status"),
    [(None, 401), ("Bearer x", 401), ("Basic §§§", 400), ("Basic /w==", 400), ("Basic Og==", 400)],
    ids=["none", "bearer", "not base64", "not utf-8", "empty"],
)
async def test_the_platforms_endpoint_wants_http_basic(authorization: str | None, status: int) -> None:
    headers = httpx.Headers({"Authorization": authorization} if authorization else {}, encoding="utf-8")
    async with a_sandbox() as running:
        del running.http.headers["Authorization"]

        answer = await running.http.post("/oauth/token", data=FORM, headers=headers)

    assert (answer.status_code, answer.json()["error"]) == (status, "invalid_client")


async def test_a_form_that_is_no_text_is_refused() -> None:
    async with a_sandbox() as running:
        answer = await running.http.post("/api/v2/oauth/token", content=b"client_id=\xff")

    assert answer.status_code == 400


async def test_empty_credentials_are_refused_though_any_others_do() -> None:
    async with a_sandbox() as running:
        answer = await running.http.post("/api/v2/oauth/token", data=FORM | {"client_secret": ""})

    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        (None, "authentication.required"),
        ("Basic eDp5", "authentication.required"),
        ("Bearer", "authentication.required"),
        ("Bearer nonsense", "bad.credentials"),
    ],
    ids=["none", "basic", "bare", "unknown"],
)
async def test_every_call_wants_a_known_token(authorization: str | None, code: str) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    async with a_sandbox() as running:
        del running.http.headers["Authorization"]

        answer = await running.http.get("/api/v2/flows", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert answer.json()["contextId"] == answer.headers["inin-correlation-id"]


async def test_a_token_ends_with_its_life() -> None:
    async with a_sandbox(SandboxSettings(token_life_s=60)) as running:
        await running.clock.sleep(60)

        answer = await running.http.get("/api/v2/flows")

    assert (answer.status_code, answer.json()["code"]) == (401, "credentials.expired")


async def test_tokens_that_ended_long_ago_are_forgotten() -> None:
    async with a_sandbox(SandboxSettings(token_life_s=60)) as running:
        await running.clock.sleep(4000)
        await running.http.post("/api/v2/oauth/token", data=FORM)

        answer = await running.http.get("/api/v2/flows")

    assert answer.json()["code"] == "bad.credentials"
