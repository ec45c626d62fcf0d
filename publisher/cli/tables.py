"""Lists on stdout: for machines one object a line, for people a table that fits 80 columns."""

import io
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import rich.console
from rich.table import Table
from rich.text import Text

from publisher.cli.console import Console, printable

WIDTH = 80


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One entry of a list: its fields for machines, its cells for people."""

    fields: Mapping[str, Any]
    cells: Sequence[str]


def write_list(
    console: Console, rows: Sequence[Row], *, headings: Sequence[str], foldable: Collection[str], as_json: bool
) -> None:
    """Write a list; where a table would be too wide, the columns of these headings are folded."""
    if as_json:
        for row in rows:
            console.row(row.fields, "")
    elif rows:
        lines = table_lines([row.cells for row in rows], headings=headings, foldable=foldable)
        console.write("\n".join(lines))


def table_lines(rows: Sequence[Sequence[str]], *, headings: Sequence[str], foldable: Collection[str]) -> list[str]:
    """A table of at most 80 columns, line by line."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in headings:
        is_foldable = heading in foldable
        table.add_column(heading, overflow="fold" if is_foldable else "ellipsis", no_wrap=not is_foldable)
    for cells in rows:
        table.add_row(*(Text(printable(cell)) for cell in cells))
    out = io.StringIO()
    rich.console.Console(file=out, width=WIDTH, color_system=None).print(table)
    return [line.rstrip() for line in out.getvalue().splitlines()]
