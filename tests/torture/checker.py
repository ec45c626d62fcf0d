"""The checker: what must hold after every fault, whatever was killed, full, slow or hostile.

I1  What was answered 202 is stored, under the id that the answer gave.
I2  Every stored publication has its run, and no step is left halfway.
I3  The target was asked for every step, unless the step has failed for good.
I4  The target was asked twice only where an attempt says that its answer was lost or bad.
I5  The file is whole, and so are the links in it.
I6  No secret stands in the database or in a log.
I7  Memory and open files come back to where they were (see `Usage`).
I8  A flow's publications were followed in the order in which they were acknowledged.
"""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.torture.target import Asked

UNDONE = "SELECT id, status FROM steps WHERE status NOT IN ('succeeded', 'failed', 'timed_out', 'skipped', 'cancelled')"
WITHOUT_RUN = "SELECT id FROM events WHERE id NOT IN (SELECT event_id FROM runs)"
STEPS = "SELECT id, status FROM steps"
ATTEMPTS = "SELECT step_id, result FROM attempts ORDER BY step_id, number"
LOST = frozenset({"unknown", "retry", "in_flight"})
"""Results of an attempt after which the target may be asked again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Usage:
    """What a process holds."""

    memory_kib: int
    files: int

    @classmethod
    def of(cls, process_id: int) -> "Usage":
        status = Path(f"/proc/{process_id}/status").read_text()
        memory = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
        return cls(memory_kib=int(memory), files=len(list(Path(f"/proc/{process_id}/fd").iterdir())))

    def faults_since(self, before: "Usage", *, more_kib: int = 20_480, more_files: int = 8) -> Iterator[str]:
        """I7, with room for what a busy process keeps: caches, and connections that are kept alive."""
        if self.memory_kib > before.memory_kib + more_kib:
            yield f"I7 memory grew from {before.memory_kib} to {self.memory_kib} KiB"
        if self.files > before.files + more_files:
            yield f"I7 open files grew from {before.files} to {self.files}"


def faults(
    database: Path,
    *,
    acked: Mapping[str, str],
    asked: Sequence[Asked],
    secrets: Collection[str] = (),
    logs: Iterable[Path] = (),
) -> list[str]:
    """Everything that does not hold, each as a sentence; nothing where all is well."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as conn:
        found = [*_stored(conn, acked), *_undone(conn), *_asked(conn, asked), *_whole(conn), *_in_order(asked)]
    return [*found, *_secrets([database, *_beside(database), *logs], secrets)]


def _stored(conn: sqlite3.Connection, acked: Mapping[str, str]) -> Iterator[str]:
    stored = dict(conn.execute("SELECT dedupe_key, id FROM events"))
    for name, identifier in acked.items():
        if stored.get(name) != identifier:
            yield f"I1 {name} was acknowledged as {identifier}, and {stored.get(name, 'nothing')} is stored"


def _undone(conn: sqlite3.Connection) -> Iterator[str]:
    yield from (f"I2 event {row[0]} has no run" for row in conn.execute(WITHOUT_RUN))
    yield from (f"I2 step {row[0]} is left {row[1]}" for row in conn.execute(UNDONE))


def _asked(conn: sqlite3.Connection, asked: Sequence[Asked]) -> Iterator[str]:
    times = Counter(one.key for one in asked)
    results = defaultdict(list)
    for step, result in conn.execute(ATTEMPTS):
        results[step].append(result)
    for step, status in conn.execute(STEPS):
        if status == "succeeded" and not times[step]:
            yield f"I3 step {step} succeeded, and the target was never asked"
        excused = sum(result in LOST for result in results[step])
        if times[step] > 1 + excused:
            yield f"I4 the target was asked {times[step]} times for step {step}; its attempts: {results[step]}"
    known = {step for step, _ in conn.execute(STEPS)}
    yield from (f"I4 the target was asked for {key}, which is no step" for key in times if key not in known)


def _whole(conn: sqlite3.Connection) -> Iterator[str]:
    yield from (f"I5 {row[0]}" for row in conn.execute("PRAGMA integrity_check") if row[0] != "ok")
    yield from (f"I5 a broken link: {row}" for row in conn.execute("PRAGMA foreign_key_check"))


def _in_order(asked: Sequence[Asked]) -> Iterator[str]:
    last: dict[str, float] = {}
    seen: set[str] = set()
    for one in asked:
        if one.key in seen or one.step != "smoke":
            continue
        seen.add(one.key)
        if float(one.version) < last.get(one.flow, 0):
            yield f"I8 {one.flow} was followed at version {one.version} after version {last[one.flow]}"
        last[one.flow] = float(one.version)


def _secrets(files: Iterable[Path], secrets: Collection[str]) -> Iterator[str]:
    for file in files:
        content = file.read_bytes() if file.exists() else b""
        yield from (f"I6 {file.name} holds a secret" for secret in secrets if secret.encode() in content)


def _beside(database: Path) -> list[Path]:
    return [database.with_name(database.name + end) for end in ("-wal", "-shm")]
