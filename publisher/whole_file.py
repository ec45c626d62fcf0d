"""Files that are written in one go, or only where there is none."""

import os
from pathlib import Path


def led_to(path: Path) -> Path:
    """The file that a path leads to: where it is a link, that is what is read, and to be written and locked."""
    return path.resolve() if path.is_symlink() else path


def write_whole(path: Path, text: str) -> None:
    """Write a file in one go, with its folder: whoever reads it finds the old one or the new one, never a part.

    A link stays a link, and who may read the old one may read the new one.
    """
    path = led_to(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and not path.is_file():
        path.write_text(text, encoding="utf-8")  # a pipe or a device must not be replaced
        return
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with part.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())  # else a machine that stops may keep the new name and nothing under it
        if path.exists():
            part.chmod(path.stat().st_mode & 0o777)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def write_new(path: Path, text: str) -> bool:
    """Write a file, with its folder, unless there is one already; whether it was written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return False
    return True
