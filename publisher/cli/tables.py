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


def table_lines(
    rows: Sequence[Sequence[str]], *, headings: Sequence[str], foldable: Collection[str], width: int = WIDTH
) -> list[str]:
    """A table of at most so many columns, line by line; where it would be wider, those of these headings are folded."""
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0))
    for heading in headings:
        is_foldable = heading in foldable
        table.add_column(heading, overflow="fold" if is_foldable else "ellipsis", no_wrap=not is_foldable)
    for cells in rows:
        table.add_row(*(Text(printable(cell).replace("\n", " ")) for cell in cells))
    out = io.StringIO()
    rich.console.Console(file=out, width=width, color_system=None).print(table)
    return [line.rstrip() for line in out.getvalue().splitlines()]


def table_or_notes(
    rows: Sequence[Sequence[str]], *, headings: Sequence[str], notes: Sequence[str], width: int = WIDTH
) -> list[str]:
    """A table that breaks no word: where it would be too wide, columns become notes below each row, in this order."""
    choices = [notes[:count] for count in range(len(notes) + 1)]
    noted = next((few for few in choices if _natural_width(rows, headings, without=few) <= width), notes)
    kept = [index for index, heading in enumerate(headings) if heading not in noted]
    needed = max(width, _natural_width(rows, headings, without=noted))  # a terminal folds what is still too wide
    shown = [[cells[index] for index in kept] for cells in rows]
    top, *lines = table_lines(shown, headings=[headings[index] for index in kept], foldable=(), width=needed)
    both = (_with_note(line, cells, headings, noted) for line, cells in zip(lines, rows, strict=True))
    return [top, *(line for lines_of_row in both for line in lines_of_row)]


def _natural_width(rows: Sequence[Sequence[str]], headings: Sequence[str], *, without: Sequence[str]) -> int:
    columns = zip(headings, zip(*rows, strict=True), strict=True)
    widths = [max(map(cell_len, (heading, *cells))) for heading, cells in columns if heading not in without]
    return sum(widths) + GAP * (len(widths) - 1)


def _with_note(line: str, cells: Sequence[str], headings: Sequence[str], notes: Collection[str]) -> Iterator[str]:
    yield line
    named = zip(headings, cells, strict=True)
    if told := [f"{heading.lower()} {cell}" for heading, cell in named if heading in notes and cell]:
        yield f"    {', '.join(told)}"
