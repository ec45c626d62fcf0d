"""A simulation put into lines for people, and into an object for programs."""

import textwrap
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from publisher.paths import FaultKind, Simulation, number_text
from publisher.problems import shown
from publisher.reports.problems import INDENT, WIDTH, counted

MAX_SHOWN_NODES = 24
LABEL_WIDTH = 10
ARROW = " → "
LABELS = {FaultKind.DEAD_END: "dead end", FaultKind.LOOP: "loop", FaultKind.NO_ENTRY: "no entry"}


def simulation_lines(simulation: Simulation, *, file: str) -> Iterator[str]:
    """What becomes of the calls, for people."""
    faults = "" if simulation.ends else f" ({counted(simulation.fault_count, 'fault')})"
    verb = "can end" if simulation.loops else "ends"
    yield f"{file}: {'every' if simulation.ends else 'not every'} path {verb} the call{faults}."
    yield from labelled("paths", number_text(simulation.count))
    for fault in simulation.faults:
        yield from labelled(LABELS[fault.kind], path_text(fault.path) or "no call can come in")
    if len(simulation.faults) < simulation.fault_count:
        yield f"{INDENT}… and {simulation.fault_count - len(simulation.faults):,} more."
    for loop in simulation.loops:
        yield from labelled(LABELS[loop.kind], f"{path_text(loop.path)} (legal)")
    if len(simulation.loops) < simulation.loop_count:
        yield f"{INDENT}… and {simulation.loop_count - len(simulation.loops):,} more loops."
    for label, path in (("shortest", simulation.shortest), ("longest", simulation.longest)):
        if path:
            yield from labelled(label, f"{counted(len(path), 'node')}: {path_text(path)}")


def simulation_view(simulation: Simulation, *, file: str) -> dict[str, Any]:
    """The same as a JSON object. The number of paths is text, since it may have thousands of digits."""
    loops = {"loop_count": simulation.loop_count, "loops": [list(loop.path) for loop in simulation.loops]}
    return {
        "file": file,
        "ends": simulation.ends,
        "paths": None if simulation.count is None else str(Decimal(simulation.count)),
        "shortest": list(simulation.shortest),
        "longest": list(simulation.longest),
        "fault_count": simulation.fault_count,
        "faults": [
            {"kind": fault.kind.value, "node": fault.node, "path": list(fault.path)} for fault in simulation.faults
        ],
    } | (loops if simulation.loops else {})


def labelled(label: str, text: str) -> list[str]:
    """A text beside its label, in lines that fit."""
    first = f"{INDENT}{label:<{LABEL_WIDTH}}"
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_long_words=False,
        break_on_hyphens=False,
    )


def path_text(path: Sequence[str]) -> str:
    """A path by its ids, the middle of a long one left out."""
    if len(path) <= MAX_SHOWN_NODES:
        return ARROW.join(shown(id_) for id_ in path)
    half = MAX_SHOWN_NODES // 2
    left_out = f"({len(path) - 2 * half:,} more)"
    return ARROW.join([*map(shown, path[:half]), left_out, *map(shown, path[-half:])])
