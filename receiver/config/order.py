"""In which order the steps of a pipeline run: what each needs, and whether that can ever be."""

from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from receiver.config.faults import Faults, Path
from receiver.config.shapes import StepShape
from receiver.expressions import suggestion

Needs = Mapping[str, tuple[str, ...]]


def needs_of(steps: Sequence[StepShape]) -> Needs:
    """What each step needs, by id: what it says, else the step above it."""
    before = [(), *((step.id,) for step in steps[:-1])]
    return {
        step.id: tuple(dict.fromkeys(step.needs)) if step.needs is not None else above
        for step, above in zip(steps, before, strict=True)
    }


def check_order(steps: Sequence[StepShape], path: Path, faults: Faults) -> None:
    """Note ids that are given twice, needs that do not exist, and steps that wait for each other."""
    ids = [step.id for step in steps]
    for index, step in enumerate(steps):
        if step.id in ids[:index]:
            faults.add((*path, index, "id"), f"the id {step.id!r} is given twice; each step needs its own.")
        for position, needed in enumerate(step.needs or ()):
            if needed not in ids:
                guess = suggestion(needed, tuple(ids))
                message = f"step {step.id!r} needs {needed!r}, which does not exist.{guess}"
                faults.add((*path, index, "needs", position), message)
    if len(set(ids)) < len(ids):
        return  # which of the two a need means cannot be told
    needs = needs_of(steps)
    for cycle in _cycles({step: [name for name in needed if name in needs] for step, needed in needs.items()}):
        message = f"steps wait for each other for ever: {' needs '.join(cycle)}."
        faults.add((*path, ids.index(cycle[0]), "needs"), message)


def awaited(needs: Needs, step: str) -> frozenset[str]:
    """Every step that has ended when this one starts: what it needs, what that needs, and so on."""
    found: set[str] = set()
    waiting = list(needs.get(step, ()))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(needs.get(name, ()))
    return frozenset(found)


def _cycles(needs: dict[str, list[str]]) -> Iterator[list[str]]:
    """Circles of needs, each found one opened before the next is looked for."""
    while True:
        try:
            TopologicalSorter(needs).prepare()
        except CycleError as exc:
            cycle: list[str] = exc.args[1][::-1]  # the library lists who comes before whom
            needs[cycle[0]].remove(cycle[1])
            yield cycle
        else:
            return
