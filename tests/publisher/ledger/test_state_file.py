"""A ledger in a file."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from publisher.errors import PublisherError
from publisher.ledger.state_file import StateLockedError, open_state
from publisher.ledger.state_text import StateFileError
from tests.publisher.ledger.entries import OTHER, OURS, a_block, an_entry

HOLD = """
import sys
from pathlib import Path
from publisher.ledger.state_file import open_state
with open_state(Path(sys.argv[1]), writes=True):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the state is kept, in a folder that is not there yet."""
    return tmp_path / "state" / "prod.json"


@pytest.mark.anyio
async def test_a_file_that_is_not_there_knows_nothing(path: Path) -> None:
    with open_state(path, writes=False) as ledger:
        assert await ledger.flows(environment=None) == []
        assert (await ledger.of_flow("f-1")).last is None


@pytest.mark.anyio
async def test_what_went_live_is_known_the_next_time(path: Path) -> None:
    with open_state(path, writes=True) as ledger:
        await ledger.went_live(an_entry("15.0"))
        await ledger.adopt(an_entry("16.0", day=1))

    with open_state(path, writes=False) as ledger:
        known = await ledger.of_flow("f-1")

    assert known.entries == (an_entry("16.0", day=1), an_entry("15.0"))


@pytest.mark.anyio
async def test_flows_are_those_of_an_environment(path: Path) -> None:
    with open_state(path, writes=True) as ledger:
        await ledger.went_live(an_entry(flow_id="f-1", environment="prod"))
        await ledger.went_live(an_entry(flow_id="f-2", environment="dev"))
        await ledger.block(a_block(flow_id="f-3"))

        assert [flow.flow_id for flow in await ledger.flows(environment="prod")] == ["f-1"]
        assert [flow.flow_id for flow in await ledger.flows(environment=None)] == ["f-1", "f-2", "f-3"]


@pytest.mark.anyio
async def test_content_is_blocked_until_it_is_unblocked(path: Path) -> None:
    with open_state(path, writes=True) as ledger:
        await ledger.block(a_block(OURS))
        await ledger.block(a_block(OTHER))
        await ledger.block(a_block(OURS, reason="again"))
        await ledger.unblock(a_block(OTHER), actor="kim")

        assert (await ledger.of_flow("f-1")).blocks == (a_block(OURS, reason="again"),)


def test_a_second_process_cannot_have_it_meanwhile(path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"

        with (
            pytest.raises(StateLockedError, match="Another publisher is working with the state file"),
            open_state(path, writes=True),
        ):
            pass
        other.communicate()

    with open_state(path, writes=True):  # the other one has ended
        pass
    assert list(path.parent.iterdir()) == []


def test_a_lock_that_a_killed_process_left_is_none(path: Path) -> None:
    path.parent.mkdir()
    path.with_name(".prod.json.lock").touch()

    with open_state(path, writes=True):
        pass

    assert list(path.parent.iterdir()) == []


def test_a_torn_file_is_refused_and_left_as_it_is(path: Path) -> None:
    path.parent.mkdir()
    path.write_text('{"format": "flow-relay-st')

    with pytest.raises(StateFileError, match="was left as it is"), open_state(path, writes=True):
        pass

    assert path.read_text() == '{"format": "flow-relay-st'


@pytest.mark.parametrize("content", [b"\xff\xfe", None], ids=["not text", "a folder"])
def test_what_cannot_be_read_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "state.json"
    path.mkdir() if content is None else path.write_bytes(content)

    with pytest.raises(StateFileError, match="cannot be read"), open_state(path, writes=False):
        pass


def test_what_never_ends_is_no_state() -> None:
    with pytest.raises(StateFileError, match="has more than 64 MiB"), open_state(Path("/dev/zero"), writes=False):
        pass


def test_a_place_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StateFileError, match="cannot be locked"), open_state(tmp_path / "file" / "s.json", writes=True):
        pass


@pytest.mark.anyio
async def test_a_file_that_cannot_be_written_says_what_it_does_not_know(path: Path) -> None:
    with open_state(path / "state.json", writes=True) as ledger:
        shutil.rmtree(path)
        shutil.copy(__file__, path)

        with pytest.raises(PublisherError, match="cannot be written, so it does not know of this"):
            await ledger.went_live(an_entry())


def test_a_link_to_a_state_file_is_no_way_around_the_lock(tmp_path: Path) -> None:
    path, link = tmp_path / "state.json", tmp_path / "link.json"
    link.symlink_to(path)

    with open_state(path, writes=True), pytest.raises(StateLockedError), open_state(link, writes=True):
        pass
