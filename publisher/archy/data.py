"""What YAML holds, and where in it something stands."""

from typing import Any, TypeAlias

Data: TypeAlias = Any
"""A mapping, a list, a text, a number, true, false or null."""

Location: TypeAlias = tuple[str | int, ...]
"""The keys and numbers that lead to a value."""


def value_at(data: Data, location: Location) -> Data:
    """What stands at a location."""
    for part in location:
        data = data[part]
    return data
