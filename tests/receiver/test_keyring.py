"""The secrets of sources: who still uses which, and that a revoked one opens nothing any more."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from receiver.config import DEFAULT_CONFIG, Source
from receiver.errors import NotFoundError, StoreError, VerificationError
from receiver.keyring import Keyring, Standing
from receiver.present import Present
from receiver.relay import open_relay
from receiver.store import Database, open_database
from receiver.verify import fingerprint
from tests.receiver.relays import SECRET, SECRET_HEADER, a_world, provisions
from tests.receiver.web.face import TurnedClock
from tests.receiver.web.makers import NOON

pytestmark = pytest.mark.anyio

NAME, PREVIOUS = "CI_WEBHOOK_SECRET", "CI_WEBHOOK_SECRET_PREVIOUS"
BOTH = {NAME: SECRET, PREVIOUS: "the previous secret"}
OLD = {SECRET_HEADER: "the previous secret"}


def a_keyring(database: Database, *, clock: TurnedClock | None = None, changes: list[str] | None = None) -> Keyring:
    told = [] if changes is None else changes
    present = Present(DEFAULT_CONFIG, BOTH)
    return Keyring(
        database,
        present,
        clock=clock or TurnedClock(),
        on_change=lambda: told.append("changed"),
        is_shared=True,
    )


async def test_every_secret_is_told_by_name_fingerprint_and_standing(tmp_path: Path) -> None:
    other = Source(name="other", secrets=(NAME, "OTHER"))
    config = replace(DEFAULT_CONFIG, sources=(*DEFAULT_CONFIG.sources, other))
    async with a_world(tmp_path, config=config, secrets=BOTH) as world:
        await world.send(headers=OLD)
        await world.relay.keyring.revoke(PREVIOUS)

        known = await world.relay.keyring.listed()

        assert [(each.name, each.standing, list(each.sources)) for each in known] == [
            (NAME, Standing.ACTIVE, ["genesys", "other"]),
            (PREVIOUS, Standing.REVOKED, ["genesys"]),
            ("OTHER", Standing.UNSET, ["other"]),
        ]
        assert [each.fingerprint for each in known] == [fingerprint(SECRET), fingerprint(BOTH[PREVIOUS]), None]
        assert [each.last_used_at is None for each in known] == [True, False, True]


async def test_a_revoked_secret_lets_nobody_in_from_that_moment(tmp_path: Path) -> None:
    async with a_world(tmp_path, secrets=BOTH) as world:
        before = await world.send(headers=OLD)
        await world.relay.keyring.revoke(PREVIOUS)

        after, other = await world.send(headers=OLD), await world.send()

        assert [answer.status_code for answer in (before, after, other)] == [202, 401, 202]


async def test_nor_after_a_restart_nor_under_another_name(tmp_path: Path) -> None:
    async with a_world(tmp_path, secrets=BOTH) as world:
        await world.relay.keyring.revoke(PREVIOUS)

    async with a_world(tmp_path, secrets={NAME: BOTH[PREVIOUS]}) as world:
        assert (await world.send(headers=OLD)).status_code == 401
        assert list(world.relay.keyring.warnings()) == [
            "source 'genesys' takes nothing in: every secret of it that is set is revoked"
        ]


async def test_a_new_value_is_not_the_one_that_was_revoked(tmp_path: Path) -> None:
    async with a_world(tmp_path, secrets={NAME: "leaked"}) as world:
        await world.relay.keyring.revoke(NAME)
        await world.relay.reload(lambda: (DEFAULT_CONFIG, {NAME: SECRET}))

        assert (await world.send()).status_code == 202
        assert list(world.relay.keyring.warnings()) == []


async def test_a_reload_says_which_source_takes_nothing_in(tmp_path: Path) -> None:
    async with a_world(tmp_path, secrets=BOTH) as world:
        await world.relay.keyring.revoke(NAME)
        with capture_logs() as lines:
            await world.relay.reload(lambda: (DEFAULT_CONFIG, {NAME: SECRET}))

        assert "source 'genesys' takes nothing in" in lines[0]["event"]


async def test_what_is_restored_lets_in_again(tmp_path: Path) -> None:
    async with a_world(tmp_path, secrets=BOTH) as world:
        await world.relay.keyring.revoke(NAME)
        known = await world.relay.keyring.restore(NAME)

        assert known.standing is Standing.ACTIVE
        assert (await world.send()).status_code == 202


@pytest.mark.parametrize(
    ("name", "said"),
    [("CI_WEBHOK_SECRET", f"there are {NAME}, {PREVIOUS}"), (PREVIOUS, "is not set, so it lets nobody in")],
)
async def test_what_is_no_secret_cannot_be_revoked(tmp_path: Path, name: str, said: str) -> None:
    async with a_world(tmp_path) as world:
        with pytest.raises(NotFoundError, match=said):
            await world.relay.keyring.revoke(name)


async def test_another_process_hears_of_it_at_its_next_look(tmp_path: Path) -> None:
    async with open_database(f"sqlite:///{tmp_path / 'receiver.db'}") as database:
        changes: list[str] = []
        here, there = a_keyring(database), a_keyring(database, changes=changes)

        await here.revoke(NAME)
        await there.do()
        await there.do()

        assert there.revoked == {fingerprint(SECRET)}
        assert changes == ["changed"]


async def test_a_look_that_began_before_does_not_bring_a_revoked_secret_back(tmp_path: Path) -> None:
    async with open_database(f"sqlite:///{tmp_path / 'receiver.db'}") as database:
        keyring = a_keyring(database)

        await asyncio.gather(*(keyring.refresh() for _ in range(20)), keyring.revoke(NAME), keyring.refresh())

        assert keyring.revoked == {fingerprint(SECRET)}


@pytest.mark.usefixtures("server")
async def test_a_server_that_shares_its_database_closes_its_doors_too(url: str) -> None:
    knock = [(b"x-genesys-webhook-secret", BOTH[PREVIOUS].encode())]
    async with (
        open_relay(url, DEFAULT_CONFIG, provisions(BOTH), has_worker=False) as here,
        open_relay(url, DEFAULT_CONFIG, provisions(BOTH), has_worker=False) as there,
    ):
        await here.keyring.revoke(PREVIOUS)
        await there.keyring.do()

        with pytest.raises(VerificationError, match="the secret is wrong"):
            there.gates.of("genesys").verify(knock, address="", now=NOON)


async def test_uses_are_written_once_in_a_while_and_known_at_once(tmp_path: Path) -> None:
    async with open_database(f"sqlite:///{tmp_path / 'receiver.db'}") as database:
        clock = TurnedClock()
        here, there = a_keyring(database, clock=clock), a_keyring(database)
        await here.do()
        here.used(NAME, NOON + timedelta(seconds=1))
        clock.turn(seconds=29)
        await here.do()
        early = await there.listed()
        clock.turn(seconds=1)
        await here.do()

        assert (await here.listed())[0].last_used_at == NOON + timedelta(seconds=1)
        assert early[0].last_used_at is None
        assert (await there.listed())[0].last_used_at == NOON + timedelta(seconds=1)


async def test_uses_that_could_not_be_written_are_written_later(tmp_path: Path) -> None:
    async with open_database(f"sqlite:///{tmp_path / 'receiver.db'}") as database:
        keyring = a_keyring(database)
        keyring.used(NAME, NOON)
        writer, database._writer = database._writer, None
        with pytest.raises(StoreError):
            await keyring.write_uses()
        database._writer = writer
        await keyring.write_uses()

        assert (await a_keyring(database).listed())[0].last_used_at == NOON
