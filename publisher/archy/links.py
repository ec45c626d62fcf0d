"""What the references of a flow lead to, and what is wrong with those that lead nowhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from publisher.archy.bundle import Bundle
from publisher.archy.data import Location
from publisher.archy.references import Navigator, Reference, Step, parent, parse_reference
from publisher.archy.structure import START_KIND, Mention, Part, Structure
from publisher.archy.substitution import is_open
from publisher.problems import Problem, did_you_mean, quoted, shown

MAX_LISTED = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Links:
    """For each part, by its number, where its references lead."""

    targets: Mapping[int, Sequence[tuple[Mention, Part]]]
    """Each reference, and the part that it means."""
    problems: tuple[Problem, ...]


def read_links(bundle: Bundle, structure: Structure) -> Links:
    """The links of a flow."""
    navigator = Navigator(bundle.data)
    part_at = {part.location: part for part in structure.parts if part.kind != START_KIND}
    targets: dict[int, list[tuple[Mention, Part]]] = {}
    problems: list[Problem] = []
    for part in structure.parts:
        for mention in part.mentions:
            if is_open(mention.text):
                continue  # it has no value yet, and that is a problem of its own
            reference = parse_reference(mention.text)
            found = navigator.find(reference, at=mention.location) if reference and not reference.file else None
            if found is None and not is_told(bundle, mention, reference):
                problems.append(dead_reference(bundle, navigator, mention, reference))
            elif found is not None and (target := part_around(found, part_at)) is not None:
                targets.setdefault(part.number, []).append((mention, target))
    return Links(targets=targets, problems=tuple(problems))


def is_told(bundle: Bundle, mention: Mention, reference: Reference | None) -> bool:
    """Whether a dead reference is a problem already: those to other files, and in them, are followed before."""
    return bool(reference and reference.file) or bundle.origin(mention.location).text is not bundle.text


def part_around(location: Location, part_at: Mapping[Location, Part]) -> Part | None:
    """The part at a location, or the nearest that it stands in."""
    while location:
        if location in part_at:
            return part_at[location]
        location = location[:-1]
    return None


def dead_reference(bundle: Bundle, navigator: Navigator, mention: Mention, reference: Reference | None) -> Problem:
    """A reference that means nothing."""
    at = (*mention.location, mention.key)
    if reference is None:
        return bundle.problem(
            "archy.bad-reference",
            f"{quoted(mention.key)} is no reference: {quoted(mention.text)}.",
            at=at,
            hint=f"Write it as '/{bundle.root}/menus/menu[refId]'.",
        )
    return bundle.problem(
        "archy.bad-reference",
        f"{quoted(mention.key)} refers to {quoted(mention.text)}, which does not exist.",
        at=at,
        hint=nearest_reference(navigator, reference, at=mention.location),
    )


def nearest_reference(navigator: Navigator, reference: Reference, *, at: Location) -> str:
    """What was probably meant: by the first step that leads nowhere, what it could have been."""
    before: Location = at if reference.up is not None else ()
    for _ in range(reference.up or 0):
        before = parent(before)
    for step in reference.steps:
        found = navigator.follow(before, [step])
        if found is None:
            return nearest_step(navigator, step, at=before)
        before = found
    return ""


def nearest_step(navigator: Navigator, step: Step, *, at: Location) -> str:
    """What a step could have been that leads nowhere from a location."""
    if step.ref_id is None:
        value = navigator.value(at)
        return did_you_mean(step.name, list(value)) if isinstance(value, dict) else ""
    known = navigator.ref_ids(at, step)
    listed = ", ".join(map(shown, known[:MAX_LISTED]))
    return did_you_mean(step.ref_id, known) or (f"There is {listed}." if known else "")
