"""The process's streams: fit for any name and any locale, and, beside the results, never in the way of the work."""

import io
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO, cast


class Lossy:
    """A stream for what is told beside the work: what it does not take is lost, and whoever tells it goes on.

    A log that nobody reads any more, or that lies on a full disk, must not end a receiver.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write what the stream takes."""
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Have it written, as far as the stream takes it."""
        with suppress(OSError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever else a stream has
        return getattr(self._stream, name)


def lossy(stream: TextIO) -> TextIO:
    """The stream as one that raises nothing."""
    return cast("TextIO", Lossy(stream))


def stdin() -> TextIO:
    """Where input comes from; nothing does where it was closed before we began."""
    return sys.stdin if sys.stdin is not None else io.StringIO()


def stdout() -> TextIO:
    """Where results go."""
    return _fit(sys.stdout)


def stderr() -> TextIO:
    """Where everything else goes."""
    return lossy(_fit(sys.stderr))


def drop_unwritten() -> None:
    """Drop what stderr holds and cannot write: the process would end with a code of Python's own for that."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.flush()
    except OSError:
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
            os.dup2(nowhere.fileno(), sys.stderr.fileno())


def _fit(stream: TextIO | None) -> TextIO:
    """The stream, for all characters; one that was closed before we began takes them all and keeps none."""
    if stream is None:
        return Path(os.devnull).open("w", encoding="utf-8")
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    return stream
