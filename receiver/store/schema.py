"""Which schema a database has, and bringing it up to ours."""

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from receiver.errors import StoreError
from receiver.failpoints import Failpoint, reach
from receiver.store import engines, faults

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006")
"""Every schema that this release knows, oldest first; the last is ours."""

_VERSION_TABLE = "alembic_version"
_CHECKED_WHOLE_BYTES = 32 * 1024 * 1024  # a check reads every page: a tenth of a second here, minutes on a large file


def schema_of(path: Path, *, is_alone: bool = False) -> str | None:
    """The revision of the file's schema, None for a new file; one that is not ours or damaged is refused, untouched.

    `is_alone` says that nobody else can be writing to it.
    """
    if not path.exists() or path.stat().st_size == 0:
        return None
    engine = engines.looking_engine(path, is_alone=is_alone)
    try:
        with engine.connect() as conn:
            if path.stat().st_size <= _CHECKED_WHOLE_BYTES:
                _check_pages(conn, path)
            return revision_of(conn, str(path))
    except faults.DATABASE_FAULTS as exc:
        told = faults.told(exc)
        raise type(told)(f"{path}: {told} It was left untouched.") from exc
    finally:
        engine.dispose()


def upgrade(engine: Engine, *, revision: str | None) -> bool:
    """Bring a database to our schema, all of it or nothing; False when it has it already."""
    if revision == REVISIONS[-1]:
        return False
    try:
        with engine.begin() as conn:
            migrate(conn)
    except faults.DATABASE_FAULTS as exc:
        raise faults.told(exc) from exc
    return True


def migrate(conn: Connection) -> None:
    """Make all the changes that lead to our schema, in the transaction of the caller."""
    # Here, not above: Alembic takes 0.2 s to import, and hardly any start has something to upgrade.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = conn
    command.upgrade(config, REVISIONS[-1])
    reach(Failpoint.MIGRATING)


def revision_of(conn: Connection, place: str) -> str | None:
    """The revision of a database's schema, None for an empty one; one that is not ours is refused."""
    names = inspect(conn).get_table_names()
    if _VERSION_TABLE not in names:
        if names:
            raise StoreError(
                f"{place} is a database of something else: it holds the table {names[0]!r}. "
                "Name another one in DATABASE_URL."
            )
        return None
    revision = conn.execute(text(f"SELECT version_num FROM {_VERSION_TABLE}")).scalar()  # noqa: S608 (our constant)
    if revision is not None and revision not in REVISIONS:
        raise StoreError(
            f"{place} has schema {revision!r}; this release knows schemas up to {REVISIONS[-1]!r}. "
            "A newer release has written it: run that one. It was left untouched."
        )
    return None if revision is None else str(revision)


def _check_pages(conn: Connection, path: Path) -> None:
    found = conn.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
    if found != "ok":
        first = next(line for line in reversed(str(found).splitlines()) if line.strip()).strip()
        raise StoreError(f"{path} is damaged ({first}). It was left untouched; restore a backup.")
