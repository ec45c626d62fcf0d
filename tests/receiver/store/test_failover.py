"""A primary that is lost, and its standby, which takes over."""

import asyncio
import time
from collections.abc import Iterator

import pytest

from receiver.errors import StoreBusyError, StoreError
from receiver.store import open_database
from tests.receiver.postgres import Server, a_server
from tests.receiver.store.sessions import add_one, event_ids

pytestmark = pytest.mark.anyio

TAKE_OVER_S = 5.0


@pytest.fixture
def primary() -> Iterator[Server]:
    with a_server() as started:
        started.make_template()
        yield started


@pytest.fixture
def standby(primary: Server) -> Iterator[Server]:
    """A standby that has everything that the primary has confirmed."""
    with a_server(like=primary) as following:
        primary.run("ALTER SYSTEM SET synchronous_standby_names = '*'")
        primary.run("ALTER SYSTEM SET synchronous_commit = remote_apply")
        primary.control("reload")
        yield following


async def test_a_standby_that_takes_over_is_found_and_has_what_was_acknowledged(
    primary: Server, standby: Server
) -> None:
    with primary.database() as url:
        either = f"{url},{standby.folder}&target_session_attrs=read-write"
        async with open_database(either) as database:
            told = {await database.write(add_one) for _ in range(20)}
            with pytest.raises(StoreError, match="takes no writes here: it is a standby"):
                async with open_database(url.replace(str(primary.folder), str(standby.folder))):
                    pass
            primary.control("stop", "-m", "immediate")
            with pytest.raises(StoreBusyError):
                await database.write(add_one)

            await asyncio.to_thread(standby.control, "promote")
            began = time.monotonic()
            while not await database.is_writable():
                continue
            took = time.monotonic() - began
            told.add(await database.write(add_one))

            assert took < TAKE_OVER_S
            assert await event_ids(database) == told
        primary.start_again()
        primary.run("ALTER SYSTEM RESET synchronous_standby_names")
        primary.control("reload")
