"""Text files that somebody has named, read up to a limit: what is named may be a device or a pipe that never ends."""

import errno
from pathlib import Path


def text_of(path: Path, *, most_mib: int = 4) -> str:
    """The text of a file; an OSError with its reason where there is more of it than any config or secret has."""
    most = most_mib * 1024**2
    with path.open(encoding="utf-8") as stream:
        text = stream.read(most + 1)
    if len(text) > most:
        raise OSError(errno.EFBIG, f"it has more than {most_mib} MiB, the most that is read; name another file")
    return text
