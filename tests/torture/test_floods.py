"""The receiver is killed in the middle of a flood, while it keeps deliveries first and records them behind that."""

import asyncio
from pathlib import Path
from random import Random

import pytest

from receiver.failpoints import Failpoint
from tests.torture.rounds import FLOODING, a_torture

KILLS = 3
KILLED = -9


def test_kills_in_a_flood_lose_nothing(tmp_path: Path) -> None:
    with a_torture(tmp_path, flows=FLOODING) as torture:
        asyncio.run(torture.kills(KILLS, rng=Random(1), longest_s=0.1))  # noqa: S311 - moments, not secrets
        left = asyncio.run(torture.finish())

    assert left == []
    assert torture.sender.acked


@pytest.mark.parametrize("turn", [4, 6, 8])
@pytest.mark.parametrize("point", [Failpoint.BEFORE_COMMIT, Failpoint.AFTER_COMMIT])
def test_a_kill_at_a_commit_in_a_flood_loses_nothing(tmp_path: Path, point: Failpoint, turn: int) -> None:
    with a_torture(tmp_path, flows=FLOODING) as torture:
        code = asyncio.run(torture.killed_at(f"{point}:{turn}"))
        left = asyncio.run(torture.finish())

    assert code == KILLED
    assert left == []
