"""Where words for people go: stderr, in colours and with a spinner where it is a terminal."""

from typing import TextIO

import rich.console
from rich.status import Status
from rich.text import Text


class Stderr(rich.console.Console):
    """Rich's console, without its habit to end the process when nobody reads on."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(file=stream, highlight=False, soft_wrap=True)

    def on_broken_pipe(self) -> None:
        """Fall silent."""
        self.quiet = True

    def tell(self, text: str, *, mark: str = "", style: str = "") -> None:
        """Say something, perhaps behind a mark."""
        self.print(Text.assemble((mark, style), text))

    def spinner(self, text: str) -> Status:
        """Something that turns while work is done."""
        return self.status(Text(text))

    def turn(self, spinner: Status, text: str) -> None:
        """Have another text beside what turns."""
        spinner.update(Text(text))
