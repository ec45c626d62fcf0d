"""Two receivers on one PostgreSQL server: one of them, the server, or what connects them ends in the middle of work."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.receiver.postgres import Server
from tests.torture.shared import Shared, a_shared_torture


@pytest.fixture
def shared(tmp_path: Path, server: Server) -> Iterator[Shared]:
    with a_shared_torture(tmp_path, server, rng=Random(1)) as one:  # noqa: S311 - moments, not secrets
        yield one


def test_a_receiver_that_is_killed_loses_nothing_and_the_other_goes_on(shared: Shared) -> None:
    asyncio.run(shared.receivers_killed(1))
    left = asyncio.run(shared.torture.finish())

    assert left == []
    assert shared.torture.sender.acked


def test_a_server_that_crashes_and_sessions_that_end_lose_nothing(shared: Shared) -> None:
    asyncio.run(shared.struck_often(shared.end_sessions, shared.crash_server))
    left = asyncio.run(shared.torture.finish())

    assert left == []
    assert shared.torture.sender.answers.keys() <= {202, 503}
