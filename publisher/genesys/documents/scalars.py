"""What unquoted text means: the core rules of YAML 1.2 (https://yaml.org/spec/1.2.2/#103-core-schema).

`yes`, `no`, `on`, `off`, `1_000` and `2026-01-31` are text. Numbers that JSON cannot hold are refused.
"""

import math
import re

MAX_NUMBER_CHARS = 1_000

Scalar = str | int | float | bool | None

WORDS: dict[str, bool | None] = {
    "": None,
    "~": None,
    **dict.fromkeys(("null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
BEGINNINGS = frozenset("-+.0123456789")
DECIMAL = re.compile(r"[-+]?[0-9]+")
RADIX = re.compile(r"0(?:o[0-7]+|x[0-9a-fA-F]+)")
FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
NOT_A_NUMBER = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")


def resolve(text: str) -> Scalar:
    """The value of unquoted text; ValueError for a number that JSON cannot hold."""
    if text in WORDS:
        return WORDS[text]
    if text[0] not in BEGINNINGS:
        return text
    if DECIMAL.fullmatch(text) or RADIX.fullmatch(text):
        return whole_number(text)
    if FLOAT.fullmatch(text):
        return decimal_number(text)
    if NOT_A_NUMBER.fullmatch(text):
        raise ValueError(f"{text} cannot be written as JSON; quote it to make it text.")
    return text


def whole_number(text: str) -> int:
    """A whole number, in base ten or with 0o or 0x."""
    if len(text) > MAX_NUMBER_CHARS:
        raise ValueError(f"a number of {len(text):,} digits is too long; quote it to make it text.")
    return int(text, 0 if text[:2] in {"0o", "0x"} else 10)


def decimal_number(text: str) -> float:
    """A number with a decimal point or an exponent."""
    number = float(text)
    if math.isinf(number):
        raise ValueError("this number is too large; quote it to make it text.")
    return number
