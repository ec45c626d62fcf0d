"""Which files are meant: those that are named, and all that are in a folder or fit a pattern."""

import glob
from collections.abc import Iterable, Sequence
from pathlib import Path

from publisher.errors import UsageError

SUFFIXES = frozenset({".json", ".yaml", ".yml"})
WILD = frozenset("*?[")


def named_files(names: Sequence[Path]) -> list[Path]:
    """The files that the command line names, each once; a folder or a pattern stands for the flow files in it.

    Shells expand patterns differently, or not at all: `flows/**` means the same here in each of them.
    """
    return each_once(path for name in names for path in _meant(name))


def _meant(name: Path) -> Sequence[Path]:
    if not name.is_dir() and (name.exists() or not is_pattern(str(name))):
        return [name]
    found = matching(str(name / "**")) if name.is_dir() else matching(str(name))
    if not found:
        raise UsageError(f"{name}: there are no flow files (.yaml, .yml or .json) there.")
    return found


def is_pattern(text: str) -> bool:
    """Whether a path has wildcards."""
    return not WILD.isdisjoint(text)


def matching(pattern: str) -> list[Path]:
    """The files that fit a pattern, in order; where it does not tell their ending, those that can be flow files."""
    paths = sorted(Path(found) for found in glob.glob(pattern, recursive=True))  # noqa: PTH207 - absolute ones, too
    any_ending = not Path(pattern).suffix
    return [path for path in paths if path.is_file() and (not any_ending or path.suffix.lower() in SUFFIXES)]


def each_once(paths: Iterable[Path]) -> list[Path]:
    """The paths in their order, no file twice, however it is called."""
    first: dict[Path, Path] = {}
    for path in paths:
        first.setdefault(path.resolve(), path)
    return list(first.values())
