"""Runs the benchmarks: those that take a minute or two, or those that are named (`python -m bench million`)."""

import importlib
import sys
from collections.abc import Sequence

from rich.console import Console

QUICK = ("archy", "checks", "drawing", "flood", "ingest", "publishing", "secrets")
LONG = ("backlog", "million")
MODULES = (*QUICK, *LONG)


def main(names: Sequence[str]) -> None:
    """Run benchmarks, each of which prints its table."""
    unknown = [name for name in names if name not in MODULES]
    if unknown:
        sys.exit(f"There is no benchmark {unknown[0]!r}; there are {', '.join(MODULES)}.")
    console = Console()
    for name in names or QUICK:
        importlib.import_module(f"bench.{name}").run(console)
        console.print()


if __name__ == "__main__":
    main(sys.argv[1:])
