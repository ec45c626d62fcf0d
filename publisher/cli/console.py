"""Where a command's words go: records and results to stdout, everything else to stderr.

On a terminal stdout gets short lines for people and stderr a spinner; otherwise, or with `--json`, stdout gets one JSON
object a line, and stderr plain short lines. A stream that breaks (`| head -1`, a full disk, a terminal that was closed)
stops no command: a publication would be left half done.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, TextIO

from publisher.voice import Voice

# Loaded where they are first used: most calls of `validate` say nothing to people, and record nothing.
if TYPE_CHECKING:
    from rich.status import Status

    from publisher.audit import Record
    from publisher.cli.bars import Bars
    from publisher.cli.stderr import Stderr


class Console:
    """One command's stdout and stderr."""

    def __init__(self, *, out: TextIO, err: TextIO, as_json: bool) -> None:
        self._out = out
        self._err_stream = err
        self._speaks_json = as_json or not out.isatty()
        self._may_spin = False
        self._spinner: Status | None = None
        self._bars: Bars | None = None
        self._stage = ""
        self._files = self._ended = 0
        self._out_is_broken = False

    @property
    def voice(self) -> Voice:
        """The console's four tones, for those who do the work."""
        return Voice(stage=self.stage, detail=self.detail, say=self.say, warn=self.warn)

    @contextmanager
    def progress(self) -> Iterator[None]:
        """Show what is being done until the block ends: on a terminal with a spinner, from the first stage on."""
        self._may_spin = self._err_stream.isatty()  # not rich's own answer: CI systems set FORCE_COLOR
        try:
            yield
        finally:
            self._may_spin = False
            self.pause()

    def show_files(self, files: int) -> None:
        """Several files will be under way at the same time: on a terminal with a bar for each, once it has begun."""
        self._files = files

    def voice_of(self, file: str) -> Voice:
        """The voice of one of several files."""
        name = printable(file)
        return Voice(
            stage=lambda text: self._stage_of(name, text),
            detail=lambda text: self._bars.detail(name, text) if self._bars else None,
            say=lambda text: self.say(text if text.startswith(name) else f"{name}: {text}"),
            warn=lambda text: self.warn(f"{name}: {text}"),
        )

    def file_ended(self, file: str) -> None:
        """One of several files is done."""
        self._ended += 1
        if self._bars is not None:
            self._bars.end(printable(file))

    def _stage_of(self, name: str, text: str) -> None:
        if not self._may_spin:
            self.say(f"{name}: {text} …")
            return
        if self._bars is None:
            self.pause()
            self._bars = self._err.bars(self._files, ended=self._ended)
            self._bars.start()
        self._bars.stage(name, text)

    def stage(self, text: str) -> None:
        """Say what is being done now."""
        self._stage = text
        if not self._may_spin or self._bars is not None:
            self.say(f"{text} …")
        elif self._spinner is None:
            self._spinner = self._err.spinner(f"{text} …")
            self._spinner.start()
        else:
            self._err.turn(self._spinner, f"{text} …")

    def detail(self, text: str) -> None:
        """Say how far the stage has come, where there is a spinner to say it."""
        if self._spinner is not None:
            self._err.turn(self._spinner, f"{self._stage}: {text} …")

    def pause(self) -> None:
        """Let nothing move until the next stage: somebody is being asked something."""
        for moving in (self._spinner, self._bars):
            if moving is not None:
                moving.stop()
        self._spinner = self._bars = None

    def say(self, text: str) -> None:
        """Say something to people."""
        self._tell(text)

    def warn(self, text: str) -> None:
        """Say that something did not work, and that the command goes on."""
        self._tell(text, mark="warning: ", style="yellow")

    def fail(self, text: str) -> None:
        """Say why the command ends."""
        self._tell(text, mark="error: ", style="bold red")

    def record(self, record: "Record") -> None:
        """Write an audit record to stdout."""
        from publisher.audit import as_json, as_line  # noqa: PLC0415

        self._write(as_json(record) if self._speaks_json else printable(as_line(record)))

    def result(self, fields: Mapping[str, Any], sentence: str) -> None:
        """Write a result to stdout: for machines its fields, for people the sentence."""
        self.row(fields, sentence)
        if self._speaks_json:
            self.say(sentence)

    def write(self, text: str) -> None:
        """Write text for people to stdout."""
        self._write(printable(text))

    def fact(self, fields: Mapping[str, Any]) -> None:
        """Write a result that people are told otherwise: for machines alone."""
        if self._speaks_json:
            self.row(fields, "")

    @property
    def width(self) -> int:
        """How wide a table may be."""
        return self._err.width

    def row(self, fields: Mapping[str, Any], line: str) -> None:
        """Write one entry of a list to stdout."""
        self._write(json.dumps(fields, ensure_ascii=False) if self._speaks_json else printable(line))

    def _write(self, line: str) -> None:
        """Write a line to stdout, with the spinner out of the way: both may be one terminal."""
        if self._out_is_broken:
            return
        moving = self._bars or self._spinner
        if moving is not None:
            moving.stop()
        try:
            self._out.write(f"{line}\n")
            self._out.flush()
        except OSError as exc:
            self._out_is_broken = True
            self.warn(f"stdout takes no more, so the rest is not printed: {exc.strerror}")
        if moving is not None:
            moving.start()

    def _tell(self, text: str, *, mark: str = "", style: str = "") -> None:
        """Write to stderr, if there is still anybody to read it."""
        with suppress(OSError):
            self._err.tell(printable(text), mark=mark, style=style)

    @cached_property
    def _err(self) -> "Stderr":
        from publisher.cli.stderr import Stderr  # noqa: PLC0415

        return Stderr(self._err_stream)


def printable(text: str) -> str:
    """The text without characters that would steer a terminal; a server's words may hold them."""
    return "".join(char if char.isprintable() or char == "\n" else "�" for char in text)
