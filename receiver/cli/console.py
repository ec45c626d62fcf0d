"""Where a command's words go: results to stdout, everything else to stderr.

What came from outside is printed so that it shows as what it is and steers no terminal.
"""

import json
from collections.abc import Iterable
from typing import TextIO

import rich.console
from rich.text import Text

from receiver.web.views import JsonObject
from receiver.web.wording import visible

PIPE_WIDTH = 160
"""How wide tables are where there is no terminal to fit them to."""


class Console:
    """One command's stdout and stderr."""

    def __init__(self, *, out: TextIO, err: TextIO, as_json: bool = False) -> None:
        self.as_json = as_json
        self._out = out
        width = None if out.isatty() else PIPE_WIDTH
        self._people = rich.console.Console(file=out, width=width, highlight=False, markup=False, emoji=False)
        self._err = rich.console.Console(file=err, highlight=False, markup=False, emoji=False, soft_wrap=True)

    def say(self, text: str) -> None:
        """Say something beside the result."""
        self._err.print(Text(visible(text)))

    def fail(self, text: str) -> None:
        """Say why the command ends."""
        self._err.print(Text.assemble(("error: ", "bold red"), visible(text)))

    def show(self, *parts: rich.console.RenderableType) -> None:
        """Print a result for people."""
        for part in parts:
            self._people.print(part)

    def tell(self, text: str) -> None:
        """Print a result for people that is not to be wrapped."""
        self._people.print(Text(visible(text)), soft_wrap=True)

    def write(self, items: Iterable[JsonObject]) -> None:
        """Print results for programs: one JSON object a line, in ASCII, so that no terminal is steered by it."""
        for item in items:
            self._out.write(json.dumps(item) + "\n")
        self._out.flush()
