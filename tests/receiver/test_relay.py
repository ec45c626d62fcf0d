"""What lives as long as the process: opened together, closed in the right order."""

from pathlib import Path

import pytest

from receiver.config import Config
from receiver.errors import OwnedError, StoreError
from receiver.relay import open_relay
from tests.receiver.relays import provisions

pytestmark = pytest.mark.anyio


async def test_a_relay_is_ready_until_it_is_about_to_end(tmp_path: Path) -> None:
    async with open_relay(f"sqlite:///{tmp_path / 'receiver.db'}", Config(), provisions()) as relay:
        before = await relay.is_ready()
        relay.begin_stop()

        assert (before, await relay.is_ready()) == (True, False)


async def test_one_process_owns_the_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'receiver.db'}"
    async with open_relay(url, Config(), provisions()):
        with pytest.raises(OwnedError, match="one owner"):
            async with open_relay(url, Config(), provisions()):
                pass


async def test_a_database_that_cannot_be_used_is_said_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is a directory"):
        async with open_relay(f"sqlite:///{tmp_path}", Config(), provisions()):
            pass


async def test_what_breaks_inside_comes_out_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        async with open_relay(f"sqlite:///{tmp_path / 'receiver.db'}", Config(), provisions()):
            raise ZeroDivisionError
