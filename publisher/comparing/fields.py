"""Compares what files say of nodes and of the flow itself."""

from collections.abc import Iterator

from publisher.comparing.change import Change, Sign
from publisher.outline import Fields
from publisher.problems import quoted

MOST_CHARS = 60
CHARS_BEFORE = 24
ELLIPSIS = "…"


def field_changes(old: Fields, new: Fields, *, thing: str = "", sign: Sign | None = None) -> Iterator[Change]:
    """What changed among the values that a file gives; under the sign of each change, or all under one."""
    for path in dict.fromkeys((*old, *new)):
        if path not in old:
            yield Change(sign=sign or Sign.ADDED, text=f"{thing}{path} {quoted(new[path])}{' is new' * bool(sign)}")
        elif path not in new:
            yield Change(sign=sign or Sign.REMOVED, text=f"{thing}{path} {quoted(old[path])}{' is gone' * bool(sign)}")
        elif old[path] != new[path]:
            was, now = around_difference(old[path], new[path])
            yield Change(sign=Sign.CHANGED, text=f"{thing}{path} {was} → {now}")


def around_difference(old: str, new: str) -> tuple[str, str]:
    """Two texts in quotes, long ones cut so that one sees in what they differ."""
    alike = next(
        (at for at, (was, now) in enumerate(zip(old, new, strict=False)) if was != now), min(len(old), len(new))
    )
    if max(len(old), len(new)) <= MOST_CHARS or alike <= CHARS_BEFORE:
        return quoted(old), quoted(new)
    start = alike - CHARS_BEFORE
    start = max(start, old.find(" ", start, alike) + 1)  # from a whole word on, if there is one
    return quoted(f"{ELLIPSIS}{old[start:]}"), quoted(f"{ELLIPSIS}{new[start:]}")
