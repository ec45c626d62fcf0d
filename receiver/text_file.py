"""Text files that somebody has named, read up to a limit: what is named may be a device or a pipe that never ends."""

import errno
from pathlib import Path
from typing import Final

MOST_MIB: Final = 4
"""A config of some thousand pipelines; far more than any secret."""


def text_of(path: Path) -> str:
    """The text of a file; an OSError with its reason where there is too much of it."""
    most = MOST_MIB * 1024**2
    with path.open(encoding="utf-8") as stream:
        text = stream.read(most + 1)
    if len(text) > most:
        raise OSError(errno.EFBIG, f"it has more than {MOST_MIB} MiB, the most that is read; name another file")
    return text
