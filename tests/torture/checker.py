"""The checker: what must hold after every fault, whatever was killed, full, slow or hostile.

I1  What was answered 202 is stored, under the id that the answer gave.
I2  Every event has left the inbox, every stored publication has its run, and no step is left halfway.
I3  The target was asked for every step, unless the step has failed for good.
I4  The target was asked twice only where an attempt says that its answer was lost or bad.
I5  The database is whole, and so are the links in it.
I6  No secret stands in the database or in a log.
I7  Memory and open files come back to where they were (see `Usage`).
I8  A flow's publications were followed in the order in which they were acknowledged.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from receiver.store.soundness import INVARIANTS
from tests.torture.kept import Kept
from tests.torture.target import Asked

STORED: Final = "SELECT dedupe_key, id FROM events"
UNDONE: Final = (
    "SELECT id, status FROM steps WHERE status NOT IN ('succeeded', 'failed', 'timed_out', 'skipped', 'cancelled')"
)
WITHOUT_RUN: Final = "SELECT id FROM events WHERE id NOT IN (SELECT event_id FROM runs)"
UNRECORDED: Final = "SELECT id FROM inbox"
STEPS: Final = "SELECT id, status FROM steps"
ATTEMPTS: Final = "SELECT step_id, result FROM attempts ORDER BY step_id, number"
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
    kept: Kept,
    *,
    acked: Mapping[str, str],
    asked: Sequence[Asked],
    secrets: Collection[str] = (),
    logs: Iterable[Path] = (),
) -> list[str]:
    """Everything that does not hold, each as a sentence; nothing where all is well."""
    found = [*_stored(kept, acked), *_undone(kept), *_asked(kept, asked), *_whole(kept), *_in_order(asked)]
    return [*found, *_secrets(kept, logs, secrets)]


def _stored(kept: Kept, acked: Mapping[str, str]) -> Iterator[str]:
    stored = dict(kept.rows(STORED))
    for name, identifier in acked.items():
        if stored.get(name) != identifier:
            yield f"I1 {name} was acknowledged as {identifier}, and {stored.get(name, 'nothing')} is stored"


def _undone(kept: Kept) -> Iterator[str]:
    yield from (f"I2 event {row[0]} is still in the inbox" for row in kept.rows(UNRECORDED))
    yield from (f"I2 event {row[0]} has no run" for row in kept.rows(WITHOUT_RUN))
    yield from (f"I2 step {row[0]} is left {row[1]}" for row in kept.rows(UNDONE))


def _asked(kept: Kept, asked: Sequence[Asked]) -> Iterator[str]:
    times = Counter(one.key for one in asked)
    results = defaultdict(list)
    for step, result in kept.rows(ATTEMPTS):
        results[step].append(result)
    known = dict(kept.rows(STEPS))
    for step, status in known.items():
        if status == "succeeded" and not times[step]:
            yield f"I3 step {step} succeeded, and the target was never asked"
        excused = sum(result in LOST for result in results[step])
        if times[step] > 1 + excused:
            yield f"I4 the target was asked {times[step]} times for step {step}; its attempts: {results[step]}"
    yield from (f"I4 the target was asked for {key}, which is no step" for key in times if key not in known)


def _whole(kept: Kept) -> Iterator[str]:
    yield from (f"I5 {fault}" for fault in kept.damage())
    for words, question in INVARIANTS.items():
        yield from (f"I5 {words}: {row[0]}" for row in kept.rows(question))


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


def _secrets(kept: Kept, logs: Iterable[Path], secrets: Collection[str]) -> Iterator[str]:
    places = {"the database": kept.content()} | {log.name: log.read_bytes() for log in logs if log.exists()}
    for place, content in places.items():
        yield from (f"I6 {place} holds a secret" for secret in secrets if secret.encode() in content)
