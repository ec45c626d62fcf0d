"""Statements on the way of every event and step: compiled once for each dialect, then run on the driver's own cursor.

Core looks a statement up in its cache and builds a context and a result each time: that costs several times what SQLite
needs to run it [measured]. What is stated in Core stays stated in Core; only the running of it is short.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import CTE, BindParameter, Connection, Dialect, Insert, Select, Update, bindparam, column
from sqlalchemy import values as table_of
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from receiver.store.dialect import dialect_of_cursor, open_cursor

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPIModule

    DriverError = DBAPIModule.Error

Key = tuple[str, bool]
"""A dialect: its name, and whether its driver is awaited."""
Statement = Select[*tuple[Any, ...]] | Insert | Update
Stated = Statement | Mapping[str, Insert]
"""A statement for all dialects, or an insert for each by its name."""
Values = Mapping[str, Any]
Convert = Callable[[Any], Any]
Outlets = tuple[tuple[str, Convert | None], ...]
"""The columns of a row: name, and how a value comes out."""
Inlet = tuple[int, str, Convert | None]
"""Where a parameter comes from, and how it goes in: which row of values, its name there; row -1 is the constants."""
Parameters = Mapping[str, BindParameter[Any]]
"""The parameters that stand for one row of values, by their names there."""

SIZES: Final = (32, 24, 16, 12, 8, 6, 4, 3, 2, 1)
"""How many rows of values one statement takes: twice as many gain nothing under load, and take 4 MB [measured]."""


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A statement in the SQL of one dialect, with how each value goes in."""

    sql: str
    is_positional: bool
    inlets: tuple[tuple[str, Inlet], ...]
    constants: Values
    columns: tuple[tuple[str, TypeEngine[Any]], ...]

    def parameters(self, given: Sequence[Values]) -> Sequence[Any] | Values:
        """The values as the driver wants them; None is NULL, whatever the type."""
        rows = [*given, self.constants]
        if self.is_positional:
            return [
                value if (value := rows[row][name]) is None or convert is None else convert(value)
                for _, (row, name, convert) in self.inlets
            ]
        return {
            bind: value if (value := rows[row][name]) is None or convert is None else convert(value)
            for bind, (row, name, convert) in self.inlets
        }


class Prepared:
    """A statement ready to run; an insert says which columns. What states it is kept instead, where that is given."""

    def __init__(
        self,
        statement: Stated | Callable[[], Stated],
        *,
        columns: Iterable[str] = (),
        places: Mapping[str, tuple[int, str]] | None = None,
    ) -> None:
        self._statement = statement
        self._columns = list(columns) or None
        self._places = places or {}
        self._by_dialect: dict[Key, _Compiled] = {}
        self._outlets: dict[Key, Outlets] = {}

    def compiled(self, dialect: Dialect) -> SQLCompiler:
        """The statement in the SQL of a dialect."""
        stated = self._statement() if callable(self._statement) else self._statement
        statement = stated[dialect.name] if isinstance(stated, Mapping) else stated
        compiled = statement.compile(dialect=dialect, column_keys=self._columns)
        assert isinstance(compiled, SQLCompiler)  # noqa: S101 (what every statement compiles to)
        return compiled

    def rows(self, conn: Connection, *values: Values) -> list[dict[str, Any]]:
        """The rows that it finds or returns."""
        ready = self._ready(conn.dialect)
        cursor = _run(conn, ready, values)
        outlets = self._outlets.get(_key(conn.dialect)) or self._learn(conn.dialect, ready, cursor)
        found = [_row(outlets, row) for row in cursor.fetchall()]
        cursor.close()
        return found

    def change(self, conn: Connection, *values: Values) -> int:
        """Run it for its effect; how many rows it has changed or added."""
        cursor = _run(conn, self._ready(conn.dialect), values)
        count = cursor.rowcount
        cursor.close()
        return count

    def _learn(self, dialect: Dialect, ready: _Compiled, cursor: DBAPICursor) -> Outlets:
        """How values come out: that depends on what the driver says they are, which it says with the first answer."""
        codes = [column[1] for column in cursor.description or ()]
        found = self._outlets[_key(dialect)] = tuple(
            (name, kind.dialect_impl(dialect).result_processor(dialect, code))
            for (name, kind), code in zip(ready.columns, codes, strict=True)
        )
        return found

    def _ready(self, dialect: Dialect) -> _Compiled:
        found = self._by_dialect.get(_key(dialect))
        if found is None:
            compiled = self.compiled(dialect_of_cursor(dialect))
            found = self._by_dialect[_key(dialect)] = _ready(compiled, dialect, self._places)
        return found


class PreparedMany:
    """A statement on any number of rows of values at once, stated for the parameters of so many rows.

    Each step of a statement lets other threads run and then waits for them: with statements for each row, a batch
    spends most of its time waiting [measured]. It is prepared for some sizes; what is larger is cut into parts.
    """

    def __init__(
        self,
        stated: Callable[[Sequence[Parameters]], Stated],
        types: Mapping[str, TypeEngine[Any]],
    ) -> None:
        self._stated = stated
        self._types = types
        self._by_size: dict[int, Prepared] = {}

    def rows(self, conn: Connection, values: Sequence[Values]) -> list[dict[str, Any]]:
        """The rows that it finds or returns for all of them."""
        return [row for part in _parts(values) for row in self._of_size(len(part)).rows(conn, *part)]

    def change(self, conn: Connection, values: Sequence[Values]) -> int:
        """Run it for its effect; how many rows it has changed or added."""
        return sum(self._of_size(len(part)).change(conn, *part) for part in _parts(values))

    def _of_size(self, size: int) -> Prepared:
        found = self._by_size.get(size)
        if found is None:
            places = {f"{name}_{row}": (row, name) for row in range(size) for name in self._types}
            found = self._by_size[size] = Prepared(partial(self._of_rows, size), places=places)
        return found

    def _of_rows(self, count: int) -> Stated:
        """The statement for so many rows. It is large, and needed only until it has been compiled."""
        return self._stated(
            [
                {name: bindparam(f"{name}_{row}", type_=kind) for name, kind in self._types.items()}
                for row in range(count)
            ]
        )


def as_table(parameters: Sequence[Parameters], *, name: str) -> CTE:
    """The rows of values as a table that a statement can join."""
    columns = [column(key, parameter.type) for key, parameter in parameters[0].items()]
    return table_of(*columns, name=name).data([tuple(row.values()) for row in parameters]).cte(name)


def _parts(values: Sequence[Values]) -> Iterator[Sequence[Values]]:
    """Parts of few different sizes, the largest first."""
    begin = 0
    while left := len(values) - begin:
        size = next(size for size in SIZES if size <= left)
        yield values[begin : begin + size]
        begin += size


def _key(dialect: Dialect) -> Key:
    return dialect.name, dialect.is_async


def _run(conn: Connection, ready: _Compiled, values: Sequence[Values]) -> DBAPICursor:
    cursor = open_cursor(conn)
    try:
        cursor.execute(ready.sql, ready.parameters(values))
    except conn.dialect.loaded_dbapi.Error as exc:
        raise _told_as_core(conn, exc) from exc
    return cursor


def _told_as_core(conn: Connection, exc: "DriverError") -> Exception:
    """The driver's fault as Core tells it; a connection that has broken is given up, for the next use to make anew."""
    is_broken = conn.dialect.is_disconnect(exc, conn.connection, None)
    if is_broken:
        conn.invalidate(exc)
    return DBAPIError.instance(
        "(prepared)", None, exc, conn.dialect.loaded_dbapi.Error, hide_parameters=True, connection_invalidated=is_broken
    )


def _ready(compiled: SQLCompiler, dialect: Dialect, places: Mapping[str, tuple[int, str]]) -> _Compiled:
    names = compiled.positiontup if compiled.positional else sorted(set(compiled.bind_names.values()))
    binds = {name: compiled.binds[name] for name in names or ()}
    into = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in binds.items()}
    constants = {name: bind.value for name, bind in binds.items() if not bind.required}
    columns = getattr(compiled.statement, "exported_columns", ())  # none on a plain insert or update

    def inlet(name: str) -> Inlet:
        row, key = (-1, name) if name in constants else places.get(name, (0, name))
        return row, key, into[name]

    return _Compiled(
        sql=str(compiled),
        is_positional=compiled.positional,
        inlets=tuple((name, inlet(name)) for name in names or ()),
        constants=constants,
        columns=tuple((column.name, column.type) for column in columns),
    )


def _row(outlets: Outlets, found: Sequence[Any]) -> dict[str, Any]:
    """A row by the names of its columns."""
    return {
        name: value if convert is None else convert(value)
        for (name, convert), value in zip(outlets, found, strict=True)
    }
