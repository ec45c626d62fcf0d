"""The API of secrets and refusals: what stands at the door, for the people inside."""

from pathlib import Path
from typing import NoReturn

import pytest

from receiver.errors import ConfigError
from tests.receiver.polling import a_config
from tests.receiver.relays import SECRET, SECRET_HEADER
from tests.receiver.web.house import a_house, signed_in

pytestmark = pytest.mark.anyio


async def test_secrets_are_listed_without_their_values(tmp_path: Path) -> None:
    async with a_house(tmp_path) as house:
        await house.world.send()

        answer = await house.inside.get("/api/v1/secrets")

    present, previous = answer.json()["items"]
    assert (present["name"], present["status"], present["sources"]) == ("CI_WEBHOOK_SECRET", "active", ["genesys"])
    assert present["last_used_at"] is not None
    assert previous == {
        "name": "CI_WEBHOOK_SECRET_PREVIOUS",
        "status": "unset",
        "fingerprint": None,
        "sources": ["genesys"],
        "last_used_at": None,
        "revoked_at": None,
    }
    assert SECRET not in answer.text


async def test_a_secret_is_revoked_and_restored(tmp_path: Path) -> None:
    async with a_house(tmp_path) as house:
        revoked = await house.inside.post("/api/v1/secrets/CI_WEBHOOK_SECRET/revoke")
        refused = await house.world.send()
        restored = await house.inside.post("/api/v1/secrets/CI_WEBHOOK_SECRET/restore")
        taken_in = await house.world.send()

    assert (revoked.json()["status"], refused.status_code) == ("revoked", 401)
    assert revoked.json()["revoked_at"] is not None
    assert (restored.json()["status"], taken_in.status_code) == ("active", 202)


async def test_what_is_no_secret_is_not_found(tmp_path: Path) -> None:
    async with a_house(tmp_path) as house:
        answer = await house.inside.post("/api/v1/secrets/CI_TOKEN/revoke")

    assert answer.status_code == 404
    assert "there are CI_WEBHOOK_SECRET, CI_WEBHOOK_SECRET_PREVIOUS" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/secrets"),
        ("GET", "/api/v1/refusals"),
        ("POST", "/api/v1/secrets/CI_WEBHOOK_SECRET/revoke"),
        ("POST", "/api/v1/secrets/CI_WEBHOOK_SECRET/restore"),
    ],
)
async def test_nobody_outside_is_told_or_revokes_anything(tmp_path: Path, method: str, path: str) -> None:
    async with a_house(tmp_path) as house:
        answer = await house.inside.request(method, path, headers={"Authorization": "Bearer wrong"})

        assert answer.status_code == 401
        assert (await house.world.send()).status_code == 202


async def test_a_refusal_is_told_with_the_source_that_was_meant(tmp_path: Path) -> None:
    async with a_house(tmp_path) as house:
        await house.world.send(source="genesis")
        await house.world.send(headers={SECRET_HEADER: "canary"})

        answer = await house.inside.get("/api/v1/refusals")

    wrong, unknown = answer.json()["items"]
    assert (unknown["source"], unknown["nearest_source"], unknown["reason"]) == ("genesis", "genesys", "no such source")
    assert (wrong["source"], wrong["nearest_source"], wrong["reason"]) == ("genesys", None, "the secret is wrong")
    assert (wrong["status"], wrong["address"]) == (401, "127.0.0.1")
    assert "canary" not in answer.text


async def test_refusals_are_given_in_parts_newest_first(tmp_path: Path) -> None:
    async with a_house(tmp_path) as house:
        for source in ("one", "two", "three"):
            await house.world.send(source=source)
        first = (await house.inside.get("/api/v1/refusals?limit=2")).json()
        await house.world.send(source="four")
        rest = (await house.inside.get(f"/api/v1/refusals?limit=2&cursor={first['next_cursor']}")).json()

    assert [item["source"] for item in first["items"]] == ["three", "two"]
    assert [item["source"] for item in rest["items"]] == ["one"]
    assert rest["next_cursor"] is None


async def test_those_of_one_source_can_be_asked_for(tmp_path: Path) -> None:
    async with a_house(tmp_path) as house:
        for source in ("one", "two"):
            await house.world.send(source=source)

        answer = await house.inside.get("/api/v1/refusals?source=one")

    assert [item["source"] for item in answer.json()["items"]] == ["one"]


@pytest.mark.parametrize("query", ["cursor=x", "cursor=%C2%B2", "sort=at", "limit=0"])
async def test_what_cannot_be_asked_is_told(tmp_path: Path, query: str) -> None:
    async with a_house(tmp_path) as house:
        answer = await house.inside.get(f"/api/v1/refusals?{query}")

    assert answer.status_code == 400
    assert answer.json()["type"] == "urn:flow-relay:problem:bad-query"


async def test_the_config_in_force_is_told_with_how_it_was_read_last(tmp_path: Path) -> None:
    def faulty() -> NoReturn:
        raise ConfigError(["r.yaml:1:1: a fault."])

    async with a_house(tmp_path) as house:
        before = (await house.inside.get("/api/v1/config")).json()
        await house.world.relay.reload(faulty)
        after = (await house.inside.get("/api/v1/config")).json()

    assert (before["sources"], before["reloads"], before["last_reload"]) == (["genesys"], 0, None)
    assert (after["reloads"], after["failed_reloads"]) == (1, 1)
    assert after["last_reload"]["faults"] == ["r.yaml:1:1: a fault."]


async def test_polls_are_sources_of_the_config_and_told_without_their_credentials(tmp_path: Path) -> None:
    async with a_house(tmp_path, config=a_config(poll="every: 5m", environment="client_secret: PROD_SECRET")) as house:
        answer = await house.inside.get("/api/v1/config")

    assert answer.json()["sources"] == ["genesys", "prod-poll"]
    assert answer.json()["polls"] == [{"name": "prod-poll", "environment": "prod", "every_s": 300.0}]
    assert "PROD_SECRET" not in answer.text


async def test_people_see_secrets_refusals_and_the_config_on_one_page(tmp_path: Path) -> None:
    def faulty() -> NoReturn:
        raise ConfigError(["r.yaml:1:1: a <b>fault</b>."])

    async with a_house(tmp_path) as house:
        await house.world.send()
        await house.world.send(source="genesis")
        await house.world.send(source="<script>")
        await house.world.relay.keyring.revoke("CI_WEBHOOK_SECRET")
        await house.world.relay.reload(faulty)

        text = (await signed_in(house)).text

    told = (
        *("CI_WEBHOOK_SECRET", "revoked", "not set", "takes nothing in", "no such source", "Did you mean genesys?"),
        *("&lt;script&gt;", "127.0.0.1", "faulty, so the one before it holds", "a &lt;b&gt;fault&lt;/b&gt;."),
    )
    assert [words for words in told if words not in text] == []
    assert SECRET not in text


async def test_where_nothing_was_refused_the_page_says_so(tmp_path: Path) -> None:
    async with a_house(tmp_path) as house:
        assert "Nothing was refused" in (await signed_in(house)).text


async def test_the_page_is_for_those_who_are_signed_in(tmp_path: Path) -> None:
    async with a_house(tmp_path) as house:
        answer = await house.inside.get("/door")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?next=/door")
