"""A ledger in a file: read whole, written whole, and by one process at a time."""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from publisher.errors import ExitCode, PublisherError
from publisher.ledger.model import Block, FlowLedger, LedgerEntry
from publisher.ledger.state_text import StateFileError, parse_state, render_state
from publisher.text_file import text_of
from publisher.whole_file import led_to, write_whole

MOST_MIB = 64
"""What a state file may become: it grows with each publication."""


class StateLockedError(PublisherError):
    """Another process works with the state file."""

    exit_code = ExitCode.CONFLICT
    default_code = "state.locked"


class StateFile:
    """The ledger that `--state` names."""

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self._path = path
        self._flows = read_state(path)

    async def of_flow(self, flow_id: str) -> FlowLedger:
        """What it says of a flow."""
        return self._flows.get(flow_id, FlowLedger(flow_id=flow_id))

    async def flows(self, *, environment: str | None) -> Sequence[FlowLedger]:
        """What it says of every flow of an environment; of every one at all, with None."""
        return [
            flow
            for flow in self._flows.values()
            if environment is None or (flow.last is not None and flow.last.environment == environment)
        ]

    async def went_live(self, entry: LedgerEntry) -> None:
        """Keep that a version of ours is live."""
        flow = await self.of_flow(entry.flow_id)
        self._keep(replace(flow, entries=(entry, *flow.entries)))

    async def adopt(self, entry: LedgerEntry) -> None:
        """Keep that a version of somebody else's is taken over."""
        await self.went_live(entry)

    async def block(self, block: Block) -> None:
        """Keep content from going live."""
        flow = await self.of_flow(block.flow_id)
        self._keep(replace(flow, blocks=(block, *_without(flow, block))))

    async def unblock(self, block: Block, *, actor: str | None) -> None:  # noqa: ARG002 - a receiver's history keeps it
        """Let content go live again."""
        flow = await self.of_flow(block.flow_id)
        self._keep(replace(flow, blocks=_without(flow, block)))

    def _keep(self, flow: FlowLedger) -> None:
        self._flows[flow.flow_id] = flow
        try:
            write_whole(self._path, render_state(self._flows))
        except OSError as exc:
            raise PublisherError(
                f"{self._path} cannot be written, so it does not know of this: {exc.strerror}.", code="state"
            ) from exc


@contextmanager
def open_state(path: Path, *, writes: bool) -> Iterator[StateFile]:
    """The ledger in a file, empty where there is none. Whoever writes has it alone for as long as the block runs."""
    if not writes:
        yield StateFile(path)
        return
    real = led_to(path)
    with locked(real.with_name(f".{real.name}.lock")):
        yield StateFile(path)


def read_state(path: Path) -> dict[str, FlowLedger]:
    """The flows that a state file knows."""
    try:
        text = text_of(path, most_mib=MOST_MIB)
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else "it is not UTF-8 text"
        raise StateFileError(f"{path}: cannot be read: {reason}.") from exc
    return parse_state(text, file=str(path))


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Let no other process hold this lock until the block ends."""
    descriptor = _take(path)
    try:
        yield
    finally:
        with suppress(OSError):
            path.unlink()  # while it is still held: who has opened it meanwhile looks again for the file
        os.close(descriptor)


def _take(path: Path) -> int:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        while True:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if _is_still(path, descriptor):
                    return descriptor
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)  # the file was taken away between the opening and the locking
    except BlockingIOError as exc:
        raise StateLockedError(
            f"Another publisher is working with the state file ({path} is locked). Nothing was sent. Try again when it"
            " has ended."
        ) from exc
    except OSError as exc:
        raise StateFileError(f"{path} cannot be locked: {exc.strerror}.") from exc


def _is_still(path: Path, descriptor: int) -> bool:
    """Whether the file that was locked is the one that others would find."""
    with suppress(FileNotFoundError):
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    return False


def _without(flow: FlowLedger, block: Block) -> tuple[Block, ...]:
    return tuple(each for each in flow.blocks if each.content_hash != block.content_hash)
