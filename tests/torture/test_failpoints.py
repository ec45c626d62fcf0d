"""The receiver is killed at each failpoint, and begins again on what it left behind."""

import asyncio
import shutil
from pathlib import Path

import pytest

from receiver.errors import ConfigError
from receiver.failpoints import Failpoint, arm
from receiver.store import upgrade_database
from tests.torture.rounds import a_torture

KILLED = -9
AT_WORK = [point for point in Failpoint if point is not Failpoint.MIGRATING]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database without events: to make one takes longer than to be killed on it."""
    path = tmp_path_factory.mktemp("made") / "receiver.db"
    upgrade_database(f"sqlite:///{path}")
    return path


@pytest.mark.parametrize("turn", [1, 3])
@pytest.mark.parametrize("point", AT_WORK)
def test_a_kill_at_a_failpoint_loses_nothing(tmp_path: Path, made: Path, point: Failpoint, turn: int) -> None:
    shutil.copy(made, tmp_path / "receiver.db")

    with a_torture(tmp_path, flows=3) as torture:
        code = asyncio.run(torture.killed_at(f"{point}:{turn}"))
        left = asyncio.run(torture.finish())

    assert code == KILLED
    assert left == []


def test_a_kill_while_the_schema_is_made_leaves_no_half_of_it(tmp_path: Path) -> None:
    with a_torture(tmp_path, flows=1) as torture:
        code = asyncio.run(torture.killed_at(Failpoint.MIGRATING))
        left = asyncio.run(torture.finish())

    assert code == KILLED
    assert left == []
    assert torture.sender.acked


@pytest.mark.parametrize("text", ["nowhere", "sent:0", "sent:x", "sent:-1", ":1"])
def test_a_failpoint_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"RECEIVER_FAILPOINT is .*; give one of migrating, before-commit"):
        arm(text)
