"""Tells where a value would mean something else than its own text: an unquoted `Press # now` loses its second half.

A value is plain text, put into YAML without quotes or escapes. The file with plain words instead of the values says
how it was meant; where the file with the values has another shape or other texts, a value has broken out.
"""

import re
from collections.abc import Iterator

from publisher.archy.data import Data
from publisher.archy.substitution import OPENING, STAND_IN
from publisher.archy.values import Values

RISKY = re.compile(r"""[:#'"\\\n\r\t{}\[\],&*!|>%@`]|^[-?~=<\s]|\s$|^$""")


def is_risky(text: str) -> bool:
    """Whether a value holds anything that YAML might take for more than text."""
    return RISKY.search(text) is not None


def broken_names(meant: Data, read: Data, values: Values) -> Iterator[str]:
    """The placeholders whose values are read otherwise than as their text; none, where all is as it was meant."""
    waiting = [(meant, read)]
    while waiting:
        one, other = waiting.pop()
        if isinstance(one, str) and OPENING in one:
            if not says(one, other, values):
                yield from STAND_IN.findall(one)
        elif isinstance(one, dict) and isinstance(other, dict) and len(one) == len(other):
            waiting += zip(one.values(), other.values(), strict=True)
            waiting += [(key, its) for key, its in zip(one, other, strict=True) if OPENING in key]
        elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
            waiting += zip(one, other, strict=True)
        elif isinstance(one, dict | list):
            yield from names_within(one)


def says(meant: str, read: Data, values: Values) -> bool:
    """Whether what was read is the text that was meant; a number, true and false say the same as their text."""
    if isinstance(read, dict | list) or read is None:
        return False
    text = STAND_IN.sub(lambda match: values.texts.get(match.group(1), match.group()), meant)
    return not isinstance(read, str) or read == text or read.split() == text.split() == [text.strip()]


def names_within(value: Data) -> Iterator[str]:
    """The placeholders in all texts of a value."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += [*one, *one.values()]
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, str):
            yield from STAND_IN.findall(one)
