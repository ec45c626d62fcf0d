"""The JSON documents of a file: one a line, or spread over lines as tools print them for people."""

from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from receiver.cli.exits import CommandError, ExitCode

LONGEST: Final = 16 * 1024 * 1024
"""More than the longest event could take."""
ENDLESS: Final = 4 * LONGEST
"""What is passed over of a line that is too long, before it counts as one that never ends."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """One document: its text, or why there is none."""

    line: int
    """Where it begins."""
    text: str = ""
    fault: str | None = None


def documents_of(file: BinaryIO) -> Iterator[Document]:
    """Every document with its place; one that is broken takes no other one with it."""
    parts: list[bytes] = []
    begin = 0
    for number, line in _lines(file):
        bare = line.rstrip(b"\r\n")
        if not parts and bare != b"{":
            if bare.strip():
                yield _document([bare], number)
            continue
        if parts and _begins_anew(bare):
            yield Document(line=begin, fault="it does not end")
            parts = []
        begin = begin if parts else number
        parts.append(bare)
        if bare == b"}" or sum(map(len, parts)) > LONGEST:
            yield _document(parts, begin)
            parts = []
    if parts:
        yield Document(line=begin, fault="it does not end")


def _begins_anew(line: bytes) -> bool:
    """Whether a line within a document that is spread over lines belongs to it no more: its inner ones are indented."""
    return line.startswith(b"{")


def _document(parts: list[bytes], line: int) -> Document:
    content = b"\n".join(parts)
    if len(content) > LONGEST:
        return Document(line=line, fault=f"it is longer than {LONGEST} bytes")
    try:
        return Document(line=line, text=content.decode("utf-8"))
    except UnicodeDecodeError:
        return Document(line=line, fault="it is not UTF-8")


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """The lines with their numbers; of one that is too long, as much as shows that it is."""
    number = 0
    while line := file.readline(LONGEST + 2):
        number += 1
        yield number, line if number > 1 else line.removeprefix(BOM_UTF8)
        size = len(line)
        while not line.endswith(b"\n") and (line := file.readline(LONGEST)):
            size += len(line)
            if size > ENDLESS:
                raise CommandError(
                    f"Line {number} is longer than {ENDLESS // 1024**2} MiB and may never end; "
                    "name a file with one event a line.",
                    code=ExitCode.PROBLEMS,
                )
