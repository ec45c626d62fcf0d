"""What a picture shows: a flow, the problems at its nodes, and what became of it since another one."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from publisher.comparing import Change, Sign, compare
from publisher.outline import Outline
from publisher.problems import Problem, Severity


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """All that is drawn, before anyone says where."""

    outline: Outline
    nodes: Sequence[Sign]
    """What became of each node."""
    edges: Sequence[Sign]
    """What became of each edge."""
    problems: Sequence[Problem] = ()
    marks: Mapping[int, Sequence[int]] = field(default_factory=dict)
    """For each node with problems their numbers in `problems`."""
    changes: Sequence[Change] = ()
    against: str | None = None
    """The file that the flow is compared with, if any."""

    def severity_of(self, node: int) -> Severity | None:
        """The worst that is said of a node."""
        found = {self.problems[number].severity for number in self.marks.get(node, ())}
        return next((severity for severity in Severity if severity in found), None)


def picture_of(outline: Outline, *, problems: Sequence[Problem] = (), against: Outline | None = None) -> Picture:
    """The picture of a flow with its problems, compared with another flow if one is given."""
    if against is None:
        graph = outline.graph
        return Picture(
            outline=outline,
            nodes=[Sign.SAME] * len(graph.ids),
            edges=[Sign.SAME] * len(graph.sources),
            problems=problems,
            marks=marks_of(outline, problems),
        )
    comparison = compare(against, outline)
    return Picture(
        outline=comparison.outline,
        nodes=comparison.nodes,
        edges=comparison.edges,
        problems=problems,
        marks=marks_of(outline, problems),
        changes=comparison.changes,
        against=against.file,
    )


def marks_of(outline: Outline, problems: Sequence[Problem]) -> dict[int, list[int]]:
    """Which problems belong to which node."""
    marks: defaultdict[int, list[int]] = defaultdict(list)
    for number, problem in enumerate(problems):
        node = outline.node_at(problem.file, problem.place)
        if node is not None:
            marks[node].append(number)
    return dict(marks)


def about_node(outline: Outline, node: int) -> str:
    """What stands below the name of a node: its type, and its id where that is not made of its name."""
    id_, type_, name = outline.graph.ids[node], outline.graph.types[node], outline.names[node]
    parts = (type_, id_ if name and name not in id_ else "")
    return " · ".join(dict.fromkeys(filter(None, parts)))
