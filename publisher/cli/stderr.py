"""Where words for people go: stderr, in colours and with a spinner where it is a terminal."""

from typing import TYPE_CHECKING, TextIO

import rich.console
from rich.status import Status
from rich.text import Text

if TYPE_CHECKING:
    from publisher.cli.bars import Bars

LOG_WIDTH = 120
"""How wide a table is where no terminal says how wide it may be."""


class Stderr(rich.console.Console):
    """Rich's console, without its habit to end the process when nobody reads on."""

    def __init__(self, stream: TextIO) -> None:
        width = None if stream.isatty() else LOG_WIDTH
        super().__init__(file=stream, highlight=False, soft_wrap=True, width=width)

    def on_broken_pipe(self) -> None:
        """Fall silent."""
        self.quiet = True

    def tell(self, text: str, *, mark: str = "", style: str = "") -> None:
        """Say something, perhaps behind a mark."""
        self.print(Text.assemble((mark, style), text))

    def spinner(self, text: str) -> Status:
        """Something that turns while work is done."""
        return self.status(Text(text))

    def bars(self, files: int, *, ended: int) -> "Bars":
        """A bar for each of several files."""
        from publisher.cli.bars import Bars  # noqa: PLC0415 - loaded where it is used: it takes its time

        return Bars(self, files=files, ended=ended)

    def turn(self, spinner: Status, text: str) -> None:
        """Have another text beside what turns."""
        spinner.update(Text(text))
