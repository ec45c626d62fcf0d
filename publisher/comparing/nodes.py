"""Compares the nodes of two flows."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from publisher.comparing.change import Change, Sign
from publisher.comparing.fields import field_changes
from publisher.outline import Outline
from publisher.problems import quoted


def names_of_kept_nodes(old: Outline, new: Outline) -> dict[str, str]:
    """For each node of the old flow that is still there its id in the new one."""
    now = set(new.graph.ids)
    kept = {id_: id_ for id_ in old.graph.ids if id_ in now}
    before = only_ones(node for node in likenesses(old) if node[0] not in kept)
    after = only_ones(node for node in likenesses(new) if node[0] not in kept)
    return kept | {id_: after[likeness] for likeness, id_ in before.items() if likeness in after}


def likenesses(outline: Outline) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Each node's id, and all else that is said of it."""
    columns = zip(outline.graph.ids, outline.graph.types, outline.names, outline.fields, strict=True)
    return ((id_, (type_, name, *sorted(fields.items()))) for id_, type_, name, fields in columns)


def only_ones(nodes: Iterable[tuple[str, tuple[object, ...]]]) -> dict[tuple[object, ...], str]:
    """The ids of those nodes that no other one is like, by their likeness."""
    found: defaultdict[tuple[object, ...], list[str]] = defaultdict(list)
    for id_, likeness in nodes:
        found[likeness].append(id_)
    return {likeness: ids[0] for likeness, ids in found.items() if len(ids) == 1}


def compare_nodes(old: Outline, new: Outline, names: Mapping[str, str]) -> list[Sign]:
    """What became of each node of the new flow: it was not there, is another, or is the same."""
    are_told = ids_are_told(old, new)
    before = {names[id_]: (id_ if are_told else "", likeness) for id_, likeness in likenesses(old) if id_ in names}
    nodes = ((before.get(id_), (id_ if are_told else "", likeness)) for id_, likeness in likenesses(new))
    return [Sign.ADDED if was is None else Sign.SAME if was == now else Sign.CHANGED for was, now in nodes]


def ids_are_told(old: Outline, new: Outline) -> bool:
    """Whether another id is a change by itself: one that is made of names is not."""
    return old.has_own_ids and new.has_own_ids


def node_changes(old: Outline, new: Outline, names: Mapping[str, str]) -> Iterator[Change]:
    """The changes of nodes: of the new flow in its order, then what was removed from the old one."""
    number = {names[id_]: node for node, id_ in enumerate(old.graph.ids) if id_ in names}
    for node, id_ in enumerate(new.graph.ids):
        if id_ in number:
            yield from changes_of_node(old, number[id_], new, node)
        else:
            yield Change(sign=Sign.ADDED, text=f"node {described(new, node)}")
    for node, id_ in enumerate(old.graph.ids):
        if id_ not in names:
            yield Change(sign=Sign.REMOVED, text=f"node {described(old, node)}")


def described(outline: Outline, node: int) -> str:
    """A node by its id, its type and its name."""
    type_, name = outline.graph.types[node], outline.names[node]
    more = ", ".join(filter(None, (type_, quoted(name) if name else "")))
    return f"{quoted(outline.graph.ids[node])} ({more})" if more else quoted(outline.graph.ids[node])


def changes_of_node(old: Outline, before: int, new: Outline, after: int) -> Iterator[Change]:
    """What changed of one node."""
    thing = f"node {quoted(new.graph.ids[after])}"
    was, now = old.graph.ids[before], new.graph.ids[after]
    if was != now and ids_are_told(old, new):
        yield Change(sign=Sign.CHANGED, text=f"{thing} had the id {quoted(was)}")
    own = {"type": old.graph.types[before], "name": old.names[before], **old.fields[before]}
    own_now = {"type": new.graph.types[after], "name": new.names[after], **new.fields[after]}
    yield from field_changes(own, own_now, thing=f"{thing}: ", sign=Sign.CHANGED)
