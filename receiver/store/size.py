"""How much a database holds: what its rows take, their places in the indexes included.

SQLite knows which of its pages are in use. PostgreSQL's files say little: they keep the place of what was deleted for
what comes next, and only its own vacuum knows how much of them that is. So the rows themselves are weighed there: all
of a small table, of a large one those in some of its pages, the same ones each time.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    PrimaryKeyConstraint,
    Select,
    Table,
    TableSample,
    UniqueConstraint,
    func,
    literal,
    select,
    tablesample,
    union_all,
)

from receiver.store.dialect import POSTGRESQL, SQLITE
from receiver.store.tables import metadata

WEIGHED_PAGES: Final = 1_000
"""Of each table: right within a few percent, and as quick for a large one [measured]."""
PAGE_BYTES: Final = 8_192
ROW_BYTES: Final = 28
"""The head of a row, and its pointer: https://www.postgresql.org/docs/current/storage-page-layout.html"""
ENTRY_BYTES: Final = 16
"""The same of an entry in an index, with the rounding up of what it holds."""
FULLNESS: Final = 0.9
"""How much of the pages is rows and entries where nothing was deleted [measured]."""


def size_of(conn: Connection) -> int:
    """How many bytes are in use; what was deleted is not, though the files keep its place."""
    return _used_pages(conn) if conn.dialect.name == SQLITE else round(conn.execute(_WEIGHT).scalar_one())


def _used_pages(conn: Connection) -> int:
    pages, free, size = (_pragma(conn, name) for name in ("page_count", "freelist_count", "page_size"))
    return (pages - free) * size


def _pragma(conn: Connection, name: str) -> int:
    return int(conn.exec_driver_sql(f"PRAGMA {name}").scalar_one())


def _weight_of(table: Table) -> Select[Any]:
    """What the rows of a table weigh, by those that are looked at."""
    whole = func.greatest(func.pg_relation_size(table.name), 1)
    percent = func.least(100.0, 100.0 * WEIGHED_PAGES * PAGE_BYTES / whole)
    some = tablesample(table, func.system(percent), seed=literal(1))
    return select((func.sum(_weight_of_row(table, some)) * 100.0 / percent).label("weight"))


def _weight_of_row(table: Table, some: TableSample) -> ColumnElement[int]:
    """What a row takes: each value once in the table, and once in every index on it."""
    indexes = list(_indexes(table))
    places = Counter(chain.from_iterable(indexes))
    values = (_bytes(some.c[column.name]) * (1 + places[column.name]) for column in table.c)
    return sum(values, start=literal(ROW_BYTES + ENTRY_BYTES * len(indexes)))


def _bytes(column: ColumnElement[Any]) -> ColumnElement[int]:
    """What a value takes as it is kept: packed, and without being fetched from where large ones are."""
    return func.coalesce(func.pg_column_size(column), 0)


def _indexes(table: Table) -> Iterator[Iterable[str]]:
    """The columns of each index that every row is in; those of some rows are small."""
    for constraint in table.constraints:
        if isinstance(constraint, PrimaryKeyConstraint | UniqueConstraint):
            yield constraint.columns.keys()
    for index in table.indexes:
        if index.dialect_options[POSTGRESQL]["where"] is None:
            yield index.columns.keys()


_weights = union_all(*map(_weight_of, metadata.sorted_tables)).subquery()
_WEIGHT: Final = select(func.coalesce(func.sum(_weights.c.weight), 0) / FULLNESS)
