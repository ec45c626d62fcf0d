from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Table, make_url, text
from sqlalchemy.schema import CreateIndex, CreateTable

from receiver.store import claims, publications, recording, runs, schema, steps, tables
from receiver.store.prepared import Prepared
from tests.receiver.postgres import Server
from tests.receiver.store.connecting import SQLITE_ONLY, writing

sqlite_only = pytest.mark.parametrize(*SQLITE_ONLY, indirect=True)
MIGRATIONS = Path(schema.__file__).parent / "migrations"
POSTGRESQL = make_url("postgresql+psycopg://").get_dialect()()
STATEMENTS = {
    f"{module.__name__}.{name}": value
    for module in (claims, publications, recording, runs, steps)
    for name, value in vars(module).items()
    if isinstance(value, Prepared)
}


def test_the_migrations_make_the_tables_that_are_declared(conn: Connection) -> None:
    found = compare_metadata(MigrationContext.configure(conn), tables.metadata)

    assert found == []


@sqlite_only
def test_the_database_has_the_conditions_that_are_declared(conn: Connection) -> None:
    made = "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %' ORDER BY name"
    declared = [index for table in tables.metadata.sorted_tables for index in table.indexes]
    partial = sorted(
        (index for index in declared if index.dialect_options["sqlite"]["where"] is not None),
        key=lambda index: str(index.name),
    )

    assert conn.execute(text(made)).scalars().all() == [
        str(CreateIndex(index).compile(dialect=conn.dialect)) for index in partial
    ]


def test_the_migrations_make_the_very_indexes_and_columns_that_are_declared_on_postgresql(
    server: Server, url: str
) -> None:
    with server.empty_database() as empty, writing(empty) as engine:
        tables.metadata.create_all(engine)

        assert described(empty) == described(url)


def described(url: str) -> list[tuple[object, ...]]:
    """The columns and indexes of a database, in PostgreSQL's own words."""
    columns = (
        "SELECT table_name || '.' || column_name, data_type || ' ' || is_nullable FROM information_schema.columns "
        "WHERE table_schema = 'public' AND table_name <> 'alembic_version'"
    )
    indexes = (
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
    )
    with writing(url) as engine, engine.connect() as conn:
        return sorted(tuple(row) for row in conn.execute(text(f"{columns} UNION ALL {indexes}")))


def test_claiming_reads_only_what_can_be_claimed_on_postgresql(server: Server, url: str) -> None:
    claimable = "SELECT id FROM steps WHERE due_at <= now() ORDER BY due_at, id LIMIT 5 FOR UPDATE SKIP LOCKED"
    with writing(url) as engine, engine.connect() as conn:
        conn.execute(text("SET enable_seqscan = off"))
        conn.execute(text("SET enable_bitmapscan = off"))
        plan = conn.execute(text(f"EXPLAIN {claimable}")).scalars().all()

    assert "Index Scan using ix_steps_claimable_due_at on steps" in " ".join(plan)


def test_every_revision_is_known() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))

    found = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]

    assert tuple(reversed(found)) == schema.REVISIONS


@pytest.mark.parametrize("name", STATEMENTS)
def test_every_statement_can_be_said_to_postgresql(name: str) -> None:
    compiled = STATEMENTS[name].compiled(POSTGRESQL)

    assert "POSTCOMPILE" not in str(compiled)


@pytest.mark.parametrize("table", tables.metadata.sorted_tables, ids=lambda table: table.name)
def test_every_table_can_be_made_on_postgresql(table: Table) -> None:
    assert "CREATE TABLE" in str(CreateTable(table).compile(dialect=POSTGRESQL))
    assert all("CREATE" in str(CreateIndex(index).compile(dialect=POSTGRESQL)) for index in table.indexes)


def test_a_claim_passes_over_what_others_hold_on_postgresql() -> None:
    assert "FOR UPDATE SKIP LOCKED" in str(claims._CLAIM.compile(dialect=POSTGRESQL))


@sqlite_only
def test_claiming_reads_only_what_can_be_claimed(conn: Connection) -> None:
    plan = conn.execute(text("EXPLAIN QUERY PLAN SELECT id FROM steps WHERE due_at <= 'x' ORDER BY due_at, id LIMIT 5"))

    assert "USING INDEX ix_steps_claimable_due_at" in " ".join(row.detail for row in plan)
