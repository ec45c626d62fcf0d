"""From flow files to what the organization lacks of all that they name."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from publisher.archy import ArchyFile, Dependency, DependencyKind
from publisher.genesys.client import GenesysClient
from publisher.genesys.errors import NotAllowedError
from publisher.genesys.inventory import Kind
from publisher.genesys.model import Found
from publisher.loader import Flow
from publisher.preflight.asking import Answers, ask, names_of, permission_for
from publisher.preflight.shelf import KINDS, Sought, is_among, sought
from publisher.problems import Problem, did_you_mean, quoted, sort_by_place
from publisher.reports import counted

MOST_LINES = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Preflight:
    """What came of it."""

    problems: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)
    """What is missing, for each file that names something that is."""
    warnings: tuple[str, ...] = ()
    """What could not be found out, and which permission it would take."""

    def of(self, file: str) -> tuple[Problem, ...]:
        """What a file names and the organization lacks."""
        return self.problems.get(file, ())


async def preflight(client: GenesysClient, flows: Sequence[Flow], *, place: str) -> Preflight:
    """What some flow files name and the organization lacks. What is published with them counts as being there.

    `place` is what to call the organization: prod.
    """
    files = [flow for flow in flows if isinstance(flow, ArchyFile)]
    along = flows_by_name(flows)
    lists = {file.file: [each for each in file.dependencies if not is_along(each, along)] for file in files}
    named = [name for each in lists.values() for name in map(sought, each) if name is not None]
    answers = await ask(client, named)
    missing = {file.file: [each for each in lists[file.file] if is_missing(each, answers)] for file in files}
    kinds = {KINDS[each.kind] for lacking in missing.values() for each in lacking}
    answers = replace(answers, known=await names_of(client, kinds))
    problems = {file.file: sort_by_place(problems_of(file, missing[file.file], answers, place)) for file in files}
    return Preflight(
        problems={file: found for file, found in problems.items() if found},
        warnings=tuple(warnings(answers, named, place)),
    )


def flows_by_name(flows: Sequence[Flow]) -> Mapping[str, Sequence[Found]]:
    """The flows that are published together, as if the organization had them; of graph files no one knows the type."""
    found: defaultdict[str, list[Found]] = defaultdict(list)
    for flow in flows:
        type_ = flow.flow_type if isinstance(flow, ArchyFile) else None
        found[flow.name].append(Found(id="", name=flow.name, category=type_))
    return found


def is_along(dependency: Dependency, along: Mapping[str, Sequence[Found]]) -> bool:
    """Whether a thing is a flow that is published together with those that name it."""
    return dependency.kind.is_flow and is_among(dependency, along.get(dependency.name, ()))


def is_missing(dependency: Dependency, answers: Answers) -> bool:
    """Whether the organization said that it has no such thing."""
    name = sought(dependency)
    found = answers.found.get(name) if name else None
    return found is not None and not is_among(dependency, found)


def problems_of(file: ArchyFile, missing: Sequence[Dependency], answers: Answers, place: str) -> Iterator[Problem]:
    """One problem for each thing that is missing, where the file names it first."""
    mentions: defaultdict[tuple[DependencyKind, str, str], list[Dependency]] = defaultdict(list)
    for each in missing:
        mentions[each.kind, each.category, each.name].append(each)
    for first, *others in mentions.values():
        text = file.text_of(first.file)
        message = f"{called(first)} is not in {place}.{also(first, others)}"
        yield text.problem("org.missing", message, at=first.place, hint=hint(first, answers))


def called(dependency: Dependency) -> str:
    """A thing as people call it."""
    of = f" of {quoted(dependency.category)}" if dependency.category else ""
    return f"{words(dependency.kind).capitalize()} {quoted(dependency.name)}{of}"


def words(kind: DependencyKind | Kind) -> str:
    """A kind in words."""
    return kind.value.replace("_", " ")


def also(first: Dependency, others: Sequence[Dependency]) -> str:
    """Where else a thing is named."""
    lines = sorted({each.place.line for each in others if each.file == first.file} - {first.place.line})
    if not lines:
        return ""
    more = f" and {len(lines) - MOST_LINES} more" if len(lines) > MOST_LINES else ""
    named = ", ".join(map(str, lines[:MOST_LINES]))
    return f" Line {named} names it, too." if len(lines) == 1 else f" Lines {named}{more} name it, too."


def hint(dependency: Dependency, answers: Answers) -> str:
    """What to do about it: what was probably meant, where else there is one, or that it has to be made."""
    kind = KINDS[dependency.kind]
    namesakes = answers.found[Sought(kind=kind, name=dependency.name)]
    if namesakes:
        return f"There is one of that name, but {where(namesakes)}."
    return (
        did_you_mean(dependency.name, answers.known.get(kind, ())) or f"Make the {words(dependency.kind)} there first."
    )


def where(namesakes: Collection[Found]) -> str:
    """What parts things from others of their name."""
    categories = sorted({one.category or "" for one in namesakes})
    return f"it is of {', '.join(map(quoted, categories))}"


def warnings(answers: Answers, named: Sequence[Sought], place: str) -> Iterator[str]:
    """What could not be found out."""
    for kind, error in sorted(answers.untold.items()):
        count = len({name for name in named if name.kind is kind})
        why = f"the OAuth client lacks {permission_for(kind)}" if isinstance(error, NotAllowedError) else str(error)
        what = f"whether {counted(count, words(kind))} {'is' if count == 1 else 'are'} in {place}"
        yield f"{what} could not be looked up: {why}"
