"""The write-ahead log as a file: whether damage in it would make SQLite forget what had been committed.

SQLite reads the log up to the first frame that is not whole, which is right for the last transaction before a power
cut, and silently drops commits where the damage lies before them. The format: https://sqlite.org/fileformat2.html#walformat
"""

import struct
import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

Sums = tuple[int, int]

_HEADER: Final = struct.Struct(">8I")
_FRAME: Final = struct.Struct(">6I")
_MAGIC: Final = 0x377F0682
_SUMMED: Final = 8
"""How many bytes of a frame's header its checksum covers."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Frame:
    """One page as the log has it."""

    is_commit: bool
    sums: Sums
    summed: bytes

    def follows(self, sums: Sums, *, swapped: bool) -> bool:
        """Whether it is whole, after a frame with these sums."""
        return _summed(self.summed, sums, swapped=swapped) == self.sums


def forgets_commits(log: Path) -> bool:
    """Whether the log is damaged before the end of what has been committed."""
    try:
        with log.open("rb") as file:
            return _forgets(file)
    except FileNotFoundError:
        return False


def _forgets(file: BinaryIO) -> bool:
    head = file.read(_HEADER.size)
    if len(head) < _HEADER.size or not any(head):  # never flushed, so nothing after it was
        return False
    magic, _, page_size, _, *salts, first, second = _HEADER.unpack(head)
    swapped = _is_swapped(magic)
    if magic & ~1 != _MAGIC or _summed(head[:24], (0, 0), swapped=swapped) != (first, second):
        return bool(file.read(_FRAME.size))
    sums, is_whole, was_commit = (first, second), True, False
    for frame in _frames(file, page_size, tuple(salts)):
        follows = frame.follows(sums, swapped=swapped)
        if not is_whole and was_commit and follows:
            return True  # this one came after a commit that SQLite will not reach
        is_whole = is_whole and follows
        sums, was_commit = frame.sums, frame.is_commit
    return False


def _frames(file: BinaryIO, page_size: int, salts: tuple[int, ...]) -> Iterator[_Frame]:
    """The frames of this round of the log; what follows them is left from earlier ones."""
    while len(head := file.read(_FRAME.size)) == _FRAME.size:
        page = file.read(page_size)
        _, pages_after, first_salt, second_salt, first, second = _FRAME.unpack(head)
        if len(page) < page_size:
            return
        if (first_salt, second_salt) == salts:
            yield _Frame(is_commit=pages_after > 0, sums=(first, second), summed=head[:_SUMMED] + page)


def _is_swapped(magic: int) -> bool:
    """Whether the words that are summed up are in the other byte order than this machine's."""
    return (magic & 1 == 1) != (sys.byteorder == "big")


def _summed(data: bytes, sums: Sums, *, swapped: bool) -> Sums:
    words = array("I", data)
    if swapped:
        words.byteswap()
    first, second = sums
    for even, odd in zip(words[::2], words[1::2], strict=True):
        first = (first + even + second) & 0xFFFFFFFF
        second = (second + odd + first) & 0xFFFFFFFF
    return first, second
