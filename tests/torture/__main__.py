"""`make torture`: more than a thousand kills, on both engines, in floods too, every failpoint, failing system calls."""

import argparse
import asyncio
import itertools
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from receiver.failpoints import Failpoint
from tests.receiver.postgres import Server, a_server
from tests.torture.rounds import FLOODING, TRACER, Torture, a_torture
from tests.torture.shared import Shared, a_shared_torture

ERR = Console(stderr=True, soft_wrap=True)
KILLED = -9
BLOWS_A_CHECK = 10
TURNS_OF_A_FLOOD = 40
COMMITS = (Failpoint.BEFORE_COMMIT, Failpoint.AFTER_COMMIT)
SQLITE, POSTGRESQL = "sqlite", "postgresql"
CALLS = ("fdatasync:error=EIO", "pwrite64:error=EIO", "pwrite64:error=ENOSPC")


@dataclass(kw_only=True)
class Tally:
    """What came of all rounds of one kind."""

    ends: int = 0
    sent: int = 0
    acked: int = 0
    lost: int = 0
    twice: int = 0
    """Steps that the target took twice; each has an attempt that says why."""

    def add(self, torture: Torture, faults: list[str]) -> None:
        """Count a round."""
        self.sent += len(torture.sender.sent)
        self.acked += len(torture.sender.acked)
        self.lost += len(faults)
        taken = Counter(one.key for one in torture.target.asked if one.answered == 200)
        self.twice += sum(times > 1 for times in taken.values())
        for fault in faults:
            ERR.print(fault)


def main() -> int:
    """Torture it, and print what came of that; 1 where anything that was promised is missing."""
    given = _options().parse_args()
    rng = Random(given.seed)  # noqa: S311 - moments, not secrets
    tallies: dict[str, Tally] = {}
    if given.engine != POSTGRESQL:
        tallies |= on_sqlite(given, rng)
    if given.engine != SQLITE:
        tallies |= on_postgresql(given, rng)
    Console(soft_wrap=True).print(a_table(tallies))
    return int(any(tally.lost for tally in tallies.values()))


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--kills", type=int, default=1000, help="kills at a random moment (1000)")
    parser.add_argument(
        "--flood-kills", type=int, default=200, help="kills at a random moment in the middle of a flood (200)"
    )
    parser.add_argument("--calls", type=int, default=60, help="how many calls of each kind fail, one a round (60)")
    parser.add_argument("--shared-kills", type=int, default=100, help="kills of one of two on PostgreSQL (100)")
    parser.add_argument("--freezes", type=int, default=5, help="times that one of two stands still for a minute (5)")
    parser.add_argument("--crashes", type=int, default=30, help="crashes of PostgreSQL under two receivers (30)")
    parser.add_argument("--cuts", type=int, default=30, help="times that all sessions of the two end (30)")
    parser.add_argument("--engine", choices=(SQLITE, POSTGRESQL), help="only on this engine")
    parser.add_argument("--seed", type=int, default=1, help="of the random moments (1)")
    return parser


def on_sqlite(given: argparse.Namespace, rng: Random) -> dict[str, Tally]:
    """End the one receiver of a file, and let its disk fail."""
    return {
        "SQLite: any moment": killed(given.kills, rng=rng),
        # Each flood leaves much to be done.
        "SQLite: any moment, flooded": killed(given.flood_kills, rng=rng, flows=FLOODING, a_check=5, longest_s=0.2),
        "SQLite: failpoints": killed_at_failpoints(partial(a_round, flows=3)),
        "SQLite: failpoints, flooded": killed_at_failpoints(
            partial(a_round, flows=FLOODING), points=COMMITS, most=TURNS_OF_A_FLOOD
        ),
        "SQLite: system calls": calls_failed(given.calls),
    }


def on_postgresql(given: argparse.Namespace, rng: Random) -> dict[str, Tally]:
    """End a receiver, one of two that share a server, the server, and what connects them."""
    with a_server() as server:
        server.make_template()
        blows = partial(shared, server=server, rng=rng)
        return {
            "PostgreSQL: failpoints": killed_at_failpoints(partial(a_round_on, server, rng=rng)),
            "PostgreSQL: one of two": blows(given.shared_kills, give=Shared.receivers_killed),
            "PostgreSQL: frozen": blows(given.freezes, give=Shared.receivers_frozen),
            "PostgreSQL: crashes": blows(given.crashes, give=Shared.server_crashed),
            "PostgreSQL: sessions": blows(given.cuts, give=Shared.sessions_ended),
        }


def killed(number: int, *, rng: Random, flows: int = 8, a_check: int = 50, longest_s: float = 0.5) -> Tally:
    """Kill so many times, with a check after every few."""
    tally = Tally()
    for done in range(0, number, a_check):
        few = min(a_check, number - done)
        with a_round(flows=flows) as torture:
            asyncio.run(torture.kills(few, rng=rng, longest_s=longest_s))
            tally.ends += few
            tally.add(torture, asyncio.run(torture.finish()))
    return tally


def killed_at_failpoints(
    begin: Callable[[], AbstractContextManager[Torture]],
    *,
    points: Iterable[Failpoint] = tuple(Failpoint),
    most: int | None = None,
) -> Tally:
    """Kill at each failpoint at the first time, the second …, until all the work is done without getting there."""
    tally = Tally()
    for point in points:
        for turn in itertools.islice(itertools.count(1), most):
            with begin() as torture:
                code = asyncio.run(torture.killed_at(f"{point}:{turn}"))
                tally.ends += code == KILLED
                tally.add(torture, asyncio.run(torture.finish()))
            if code != KILLED:
                break
    return tally


def calls_failed(number: int) -> Tally:
    """Let the n-th call fail, for every n up to the number."""
    tally = Tally()
    if TRACER is None:
        ERR.print("strace is not installed: no system call fails")
        return tally
    for call, turn in itertools.product(CALLS, range(1, number + 1)):
        with a_round(flows=2) as torture:
            asyncio.run(torture.with_fault(f"{call}:when={turn}"))
            tally.ends += 1
            tally.add(torture, asyncio.run(torture.finish()))
    return tally


def shared(
    number: int, server: Server, *, rng: Random, give: Callable[[Shared, int], Coroutine[Any, Any, None]]
) -> Tally:
    """Give two receivers on PostgreSQL so many blows, with a check after every ten."""
    tally = Tally()
    for done in range(0, number, BLOWS_A_CHECK):
        few = min(BLOWS_A_CHECK, number - done)
        with a_folder() as folder, a_shared_torture(folder, server, rng=rng) as one:
            asyncio.run(give(one, few))
            tally.ends += few
            tally.add(one.torture, asyncio.run(one.torture.finish()))
    return tally


@contextmanager
def a_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="flow-relay-torture-") as folder:
        yield Path(folder)


@contextmanager
def a_round_on(server: Server, *, rng: Random) -> Iterator[Torture]:
    with a_folder() as folder, a_shared_torture(folder, server, rng=rng, flows=3) as one:
        yield one.torture


@contextmanager
def a_round(*, flows: int = 8) -> Iterator[Torture]:
    with a_folder() as folder, a_torture(folder, flows=flows) as one:
        yield one


def a_table(tallies: dict[str, Tally]) -> Table:
    """One row a kind."""
    table = Table(title="What became of acknowledged events", title_justify="left", box=box.SIMPLE_HEAD)
    columns: list[tuple[str, Callable[[Tally], int]]] = [
        ("times", lambda tally: tally.ends),
        ("sent", lambda tally: tally.sent),
        ("acked", lambda tally: tally.acked),
        ("faults", lambda tally: tally.lost),
        ("twice", lambda tally: tally.twice),
    ]
    table.add_column("what was done", no_wrap=True)
    for heading, _ in columns:
        table.add_column(heading, justify="right")
    for name, tally in tallies.items():
        table.add_row(name, *(f"{figure(tally):,}" for _, figure in columns))
    return table


if __name__ == "__main__":
    sys.exit(main())
