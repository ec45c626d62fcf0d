"""Lists on stdout: for machines one object a line, for people a table that fits 80 columns."""

import io
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import rich.console
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from publisher.cli.console import Console, printable

WIDTH = 80
GAP = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One entry of a list: its fields for machines, its cells for people."""

    fields: Mapping[str, Any]
    cells: Sequence[str]


def write_list(
    console: Console, rows: Sequence[Row], table: Callable[[Sequence[Sequence[str]]], list[str]], *, as_json: bool
) -> None:
    """Write a list, as the lines of a table or as objects."""
    if as_json:
        for row in rows:
            console.row(row.fields, "")
    elif rows:
        console.write("\n".join(table([row.cells for row in rows])))


def table_lines(rows: Sequence[Sequence[str]], *, headings: Sequence[str], foldable: Collection[str]) -> list[str]:
    """A table of at most 80 columns, line by line; where it would be wider, these columns are folded."""
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0))
    for heading in headings:
        is_foldable = heading in foldable
        table.add_column(heading, overflow="fold" if is_foldable else "ellipsis", no_wrap=not is_foldable)
    for cells in rows:
        table.add_row(*(Text(printable(cell).replace("\n", " ")) for cell in cells))
    out = io.StringIO()
    rich.console.Console(file=out, width=WIDTH, color_system=None).print(table)
    return [line.rstrip() for line in out.getvalue().splitlines()]


def table_or_notes(rows: Sequence[Sequence[str]], *, headings: Sequence[str], notes: Collection[str]) -> list[str]:
    """A table; where it would be too wide, these columns become a note below each row, which breaks no word."""
    widths = [max(map(cell_len, column)) for column in zip(headings, *rows, strict=True)]
    if sum(widths) + GAP * (len(headings) - 1) <= WIDTH:
        return table_lines(rows, headings=headings, foldable=())
    kept = [index for index, heading in enumerate(headings) if heading not in notes]
    narrow = [[cells[index] for index in kept] for cells in rows]
    top, *lines = table_lines(narrow, headings=[headings[index] for index in kept], foldable=())
    noted = (_with_note(line, cells, headings, notes) for line, cells in zip(lines, rows, strict=True))
    return [top, *(line for both in noted for line in both)]


def _with_note(line: str, cells: Sequence[str], headings: Sequence[str], notes: Collection[str]) -> Iterator[str]:
    yield line
    named = zip(headings, cells, strict=True)
    if told := [f"{heading.lower()} {cell}" for heading, cell in named if heading in notes and cell]:
        yield f"    {', '.join(told)}"
