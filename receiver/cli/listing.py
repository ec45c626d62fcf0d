"""A list for people: a table where there is room for one, else one thing below the other, so that no id is cut off."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from rich.console import Console, ConsoleOptions, RenderableType
from rich.table import Table
from rich.text import Text

LEAST_WIDTH = 80
"""In less, a table of three columns has no room for an id."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Rows of three cells: a time to the minute, what holds an id, and how it stands."""

    headings: tuple[str, str, str]
    rows: list[tuple[Text | str, Text, Text]] = field(default_factory=list)

    def add(self, when: Text | str, what: Text, how: Text) -> None:
        """One row more."""
        self.rows.append((when, what, how))

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """What fits the width that there is."""
        if options.max_width >= LEAST_WIDTH:
            yield self._table()
            return
        for cells in self.rows:
            yield from (cell for cell in cells if cell)
            yield Text()

    def _table(self) -> Table:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", expand=True)
        table.add_column(self.headings[0], width=16, no_wrap=True, overflow="ellipsis")
        table.add_column(self.headings[1], ratio=36, no_wrap=True, overflow="ellipsis")
        table.add_column(self.headings[2], ratio=24, overflow="fold")
        for cells in self.rows:
            table.add_row(*cells)
        return table


def named(name: str, detail: str) -> Text:
    """A name over what there is to say of it; another command is given the name, so that it is never cut off."""
    return Text.assemble((name, "bold"), "\n", (detail, "dim"), overflow="fold", no_wrap=False)
