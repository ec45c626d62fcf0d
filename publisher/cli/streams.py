"""The process's streams: stdin, and stdout and stderr, fit for any name and any locale."""

import codecs
import io
import json
import os
import sys
from pathlib import Path
from typing import TextIO

ESCAPE = "publisher-escape"


def escape(error: UnicodeError) -> tuple[str, int]:
    r"""Write what a stream's encoding does not know as `\u2192`: lines of JSON stay lines of JSON."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end


codecs.register_error(ESCAPE, escape)


def stdout() -> TextIO:
    """Where results go."""
    return _fit(sys.stdout)


def stderr() -> TextIO:
    """Where everything else goes."""
    return _fit(sys.stderr)


def stdin() -> TextIO:
    """Where answers come from; nothing does where it was closed before we began."""
    return sys.stdin if sys.stdin is not None else io.StringIO()


def _fit(stream: TextIO | None) -> TextIO:
    """The stream, for all characters; one that was closed before we began takes them all and keeps none."""
    if stream is None:
        return Path(os.devnull).open("w", encoding="utf-8")
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors=ESCAPE)
    return stream
