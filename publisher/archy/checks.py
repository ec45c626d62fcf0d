"""All checks of an Archy file. What is an error here, the platform refuses too; what it might take is a warning.

Loops are legal, and common: a menu that repeats is one. Only one that waits nowhere runs into the platform's limit of
10,000 actions. https://help.mypurecloud.com/?p=20587
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import islice

from publisher.archy.archy_file import ArchyFile, ArchyFlow
from publisher.archy.fields import check_fields
from publisher.archy.structure import Output, Part, everything_beneath
from publisher.archy.vocabulary import CALLS, KNOWN_ACTIONS, MAY_RUN_OUT, TRANSFERS, WAITS
from publisher.graph import Cycle, Graph, find_cycles, reached_from, topological_order
from publisher.problems import Problem, did_you_mean, quoted, shown

ARROW = " → "
MAX_SHOWN_NODES = 8
MAX_SUGGESTIONS = 20


def check_archy(file: ArchyFile, *, known_actions: Collection[str] = ()) -> tuple[Problem, ...]:
    """Everything that is wrong with a file, what reading found included; the problems of other files come last."""
    found = list(file.problems)
    if file.parts is not None:
        found += check_fields(file.parts)
        found += check_actions(file.parts, KNOWN_ACTIONS.union(known_actions))
        found += check_ways(file.parts)
    found.sort(key=lambda problem: (problem.file != file.file, problem.file, problem.place, problem.code))
    return tuple(found)


def check_actions(flow: ArchyFlow, known: Collection[str]) -> Iterator[Problem]:
    """Kinds of action that nobody has heard of."""
    unknown = [part for part in actions_of(flow) if part.kind not in known]
    hints = {kind: did_you_mean(kind, known) for kind in islice({part.kind for part in unknown}, MAX_SUGGESTIONS)}
    for part in unknown:
        yield flow.bundle.problem(
            "archy.unknown-action",
            f"{quoted(part.kind)} is no {'choice' if part.is_choice else 'action'} that is known here.",
            at=part.location,
            key=True,
            hint=hints.get(part.kind) or "If the platform knows it, add it to known_types in config/publisher.yaml.",
        )


def actions_of(flow: ArchyFlow) -> Iterator[Part]:
    """The parts that are actions or choices."""
    return (part for part in flow.structure.parts[1:] if not part.is_container)


def check_ways(flow: ArchyFlow) -> Iterator[Problem]:
    """What nothing leads to, what runs out, what never waits, and what does nothing about a failure."""
    if flow.graph.onward.count_of(0):
        yield from check_reached(flow)
    if flow.bundle.root not in MAY_RUN_OUT:
        yield from check_ends(flow)
    yield from check_rounds(flow)
    yield from check_failures(flow)


def check_reached(flow: ArchyFlow) -> Iterator[Problem]:
    """Menus, tasks and states that nothing leads to."""
    reached = reached_from(flow.graph, (0,))
    for container in flow.structure.containers:
        if not reached[container.number]:
            yield flow.bundle.problem(
                "archy.unreachable",
                f"Nothing leads to {container.kind} {quoted(container.name)}.",
                at=container.location,
                key=True,
                hint="Refer to it by its refId, or remove it.",
            )


def check_ends(flow: ArchyFlow) -> Iterator[Problem]:
    """Actions after which nothing comes, though they end nothing. A task that is called returns there."""
    called = called_tasks(flow)
    graph = flow.graph
    told: set[int] = set()
    for source, target in zip(graph.sources, graph.targets, strict=True):
        container = flow.draft.ends.get(target)
        if container is None or container.number in called or source in told:
            continue
        told.add(source)
        part = flow.structure.parts[source]
        if is_final_transfer(part):
            continue  # what it does after a failure is a problem of its own
        is_empty = part is container
        thing = f"{container.kind} {quoted(container.name)}"
        yield flow.bundle.problem(
            "archy.open-end",
            f"{thing[:1].upper()}{thing[1:]} has no actions."
            if is_empty
            else f"After {quoted(part.name)} ({part.kind}), {thing} can run out without an end.",
            at=part.location,
            key=True,
            hint="Let a disconnect, a transfer or a jump follow; else the flow's error handling decides.",
        )


def called_tasks(flow: ArchyFlow) -> frozenset[int]:
    """The tasks that some action calls, and that so may return."""
    links = flow.links.targets
    calls = (part for part in flow.structure.parts if part.kind in CALLS)
    return frozenset(target.number for part in calls for _, target in links.get(part.number, ()))


def check_rounds(flow: ArchyFlow) -> Iterator[Problem]:
    """Loops in which nothing waits; those of a loop action are counted, and an unknown action may well wait."""
    graph = flow.graph
    waits = waiting_nodes(flow)
    rounds = flow.draft.rounds
    edges = [edge for edge, source in enumerate(graph.sources) if edge not in rounds and not waits[source]]
    hurried = graph.with_edges(edges)
    for cycle in find_cycles(hurried, topological_order(hurried)):
        part = flow.structure.parts[cycle.nodes[-1]]
        yield flow.bundle.problem(
            "archy.endless-loop",
            f"Nothing waits in the loop {circle_text(graph, cycle)}.",
            at=part.location,
            key=True,
            hint="Let it ask for input, play hold music or wait: the platform ends a flow after 10,000 actions.",
        )


def waiting_nodes(flow: ArchyFlow) -> bytearray:
    """For each node 1 where a flow waits, or may: in a menu, for input, in a called task that does."""
    waits = bytearray(len(flow.graph.ids))
    for part in flow.structure.parts:
        waits[part.number] = part.kind in WAITS or (part.kind not in KNOWN_ACTIONS and not part.is_container)
    waits[0] = 0
    patient = {
        container.number
        for container in flow.structure.containers
        if any(waits[part.number] or part.kind in CALLS for part in everything_beneath([container]))
    }
    for part in flow.structure.parts:
        if part.kind in CALLS:
            targets = flow.links.targets.get(part.number, ())
            waits[part.number] = not targets or any(target.number in patient for _, target in targets)
    return waits


def circle_text(graph: Graph, cycle: Cycle) -> str:
    """A circle's path, its middle left out where it is long."""
    names = [shown(graph.ids[node]) for node in (*cycle.nodes, cycle.nodes[0])]
    if len(names) > MAX_SHOWN_NODES:
        names[MAX_SHOWN_NODES // 2 : -MAX_SHOWN_NODES // 2] = [f"({len(names) - MAX_SHOWN_NODES:,} more)"]
    return ARROW.join(names)


def check_failures(flow: ArchyFlow) -> Iterator[Problem]:
    """Transfers that are the last word though they can fail."""
    graph = flow.graph
    for part in filter(is_final_transfer, flow.structure.parts):
        follow = graph.onward.nodes_of(part.number)
        if graph.terminals[part.number] or any(node in flow.draft.ends for node in follow):
            yield flow.bundle.problem(
                "archy.no-failure-output",
                f"Nothing says what happens when {quoted(part.name)} ({part.kind}) fails.",
                at=part.location,
                key=True,
                hint="Give its failure output actions, or let an action follow.",
            )


def is_final_transfer(part: Part) -> bool:
    """Whether a part is a transfer that does nothing itself about a failure."""
    return part.kind in TRANSFERS and not part.is_choice and not any(beyond_success(part.outputs))


def beyond_success(outputs: Sequence[Output]) -> Iterator[Output]:
    """The outputs of a transfer that has not succeeded, if they do anything."""
    return (output for output in outputs if output.name != "success" and output.parts)
