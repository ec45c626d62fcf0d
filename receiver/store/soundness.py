"""Whether a database is sound: its pages, its references, and what must hold between its rows."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, text

from receiver.errors import StoreBusyError, StoreError
from receiver.store import engines, faults, place, schema

MOST_TOLD: Final = 20
"""How many faults of the pages are told."""

_FINAL: Final = "('succeeded', 'failed', 'cancelled', 'superseded')"
_STEP_FINAL: Final = "('succeeded', 'failed', 'timed_out', 'skipped', 'cancelled')"

INVARIANTS: Final[Mapping[str, str]] = {
    "runs have ended although steps of them have not": (
        f"SELECT id FROM runs WHERE status IN {_FINAL} AND EXISTS "  # noqa: S608 - our own words, here and below
        f"(SELECT 1 FROM steps WHERE run_id = runs.id AND status NOT IN {_STEP_FINAL})"
    ),
    "runs go on although all their steps have ended": (
        "SELECT id FROM runs WHERE status = 'running' AND NOT EXISTS "  # noqa: S608
        f"(SELECT 1 FROM steps WHERE run_id = runs.id AND status NOT IN {_STEP_FINAL})"
    ),
    "steps are due at no time": "SELECT id FROM steps WHERE status IN ('due', 'in_flight') AND due_at IS NULL",
    "steps were sent without an attempt": (
        "SELECT id FROM steps WHERE status IN ('in_flight', 'unknown') AND NOT EXISTS "
        "(SELECT 1 FROM attempts WHERE step_id = steps.id)"
    ),
    "events tell of a publication that is not there": (
        "SELECT id FROM events WHERE publication_id IS NOT NULL AND NOT EXISTS "
        "(SELECT 1 FROM publications WHERE id = events.publication_id)"
    ),
    "flows lack a publication": (
        "SELECT flow_id FROM publications GROUP BY flow_id HAVING count(*) <> max(number) OR min(number) <> 1"
    ),
    "flows have nothing that tells of what is live": (
        "SELECT flow_id FROM publications AS live "
        "WHERE number = (SELECT max(number) FROM publications WHERE flow_id = live.flow_id) "
        "AND NOT EXISTS (SELECT 1 FROM events WHERE id = live.first_event_id)"
    ),
}
"""What must never be found: in words, and as a question whose every answer is the id of something that is wrong."""


def check_sound(path: Path) -> None:
    """Refuse a database that nobody else is writing to, unless it is sound."""
    for fault in look_over(path, is_alone=True):
        raise StoreError(f"{path} is not sound: {fault}.")


def look_over(path: Path, *, is_alone: bool = False) -> Iterator[str]:
    """Everything that is wrong with a database, in words; nothing is changed."""
    try:
        place.check_file(path)
        place.check_idle_log(path)
        yield from _inside(path, is_alone=is_alone)
    except StoreBusyError:
        raise
    except StoreError as exc:
        if isinstance(exc.__cause__, OSError):  # that says nothing of what is in it
            raise
        yield str(exc).rstrip(".")


def _inside(path: Path, *, is_alone: bool) -> Iterator[str]:
    engine = engines.looking_engine(path, is_alone=is_alone)
    try:
        with engine.connect() as conn:
            conn.exec_driver_sql("BEGIN")  # one state of things, whatever is written meanwhile
            yield from _pages(conn)
            yield from _references(conn)
            if schema.revision_of(conn, str(path)) == schema.REVISIONS[-1]:
                yield from _invariants(conn)
    except faults.DATABASE_FAULTS as exc:
        raise faults.told(exc) from exc
    finally:
        engine.dispose()


def _pages(conn: Connection) -> Iterator[str]:
    for [found] in conn.exec_driver_sql(f"PRAGMA integrity_check({MOST_TOLD})"):
        if found != "ok":
            yield str(found).replace("\n", " ").strip()


def _references(conn: Connection) -> Iterator[str]:
    broken: dict[tuple[str, str], int] = {}
    for child, _, parent, _ in conn.exec_driver_sql("PRAGMA foreign_key_check"):
        broken[child, parent] = broken.get((child, parent), 0) + 1
    for (child, parent), number in broken.items():
        yield f"{number} of {child} refer to {parent} that are not there"


def _invariants(conn: Connection) -> Iterator[str]:
    for words, question in INVARIANTS.items():
        found = conn.execute(text(question)).scalars().all()
        if found:
            yield f"{words}: {len(found)}, such as {found[0]!r}"
