"""A flow as it is called elsewhere: in an environment whose flows have a prefix, or a division of their own."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from publisher.archy.archy_file import ArchyFile
from publisher.archy.bundle import Bundle
from publisher.archy.data import Data, Location, value_at
from publisher.archy.dependencies import Dependency, DependencyKind, mentions
from publisher.archy.substitution import is_open
from publisher.archy.writing import write_yaml

Rename = Callable[[str], str]


def named_elsewhere(file: ArchyFile, *, flow_name: Rename, division: str | None = None) -> ArchyFile:
    """The file with its flow, and the flows that it names, called as they are there, and in that division.

    What is uploaded says so too, and so does its hash. Places stay those of the file as it was written.
    """
    if file.parts is None:
        return file
    bundle = file.parts.bundle
    flow = unshared(bundle.flow)
    for location, name in _renamed(bundle, flow_name=flow_name):
        put_name(flow, location[1:], name, instead=flow_name(name))
    if division is not None:
        flow["division"] = division
    if flow == bundle.flow:
        return file
    bundle = replace(bundle, flow=flow)
    return replace(
        file,
        parts=replace(file.parts, bundle=bundle),
        resolved=write_yaml(bundle.data),
        dependencies=tuple(_dependencies(file, flow_name=flow_name, division=division)),
    )


def _renamed(bundle: Bundle, *, flow_name: Rename) -> Iterator[tuple[Location, str]]:
    """Where the names of flows stand that are others there, the innermost first: a name can be a key on the way."""
    names = [(location, name) for kind, name, location in mentions(bundle) if kind.is_flow]
    own = bundle.flow.get("name")
    names += [((bundle.root, "name"), own)] if isinstance(own, str) else []
    told = [(location, name) for location, name in names if not is_open(name) and flow_name(name) != name]
    yield from sorted(told, key=lambda each: len(each[0]), reverse=True)


def put_name(data: Data, location: Location, name: str, *, instead: str) -> None:
    """Put another name in the place of one, which is a value there, or a key."""
    holder, last = value_at(data, location[:-1]), location[-1]
    if holder[last] == name:
        holder[last] = instead
        return
    items = [(instead if key == name else key, value) for key, value in holder.items()]
    holder.clear()
    holder.update(items)


def unshared(data: Data) -> Data:
    """A copy in which nothing stands in two places: aliases make that."""
    if isinstance(data, dict):
        return {key: unshared(value) for key, value in data.items()}
    return [unshared(value) for value in data] if isinstance(data, list) else data


def _dependencies(file: ArchyFile, *, flow_name: Rename, division: str | None) -> Iterator[Dependency]:
    """What the flow names there; a division that the file does not name stands where the flow begins."""
    if division is not None and not file.division:
        place = file.text.place((file.root,), key=True)
        yield Dependency(kind=DependencyKind.DIVISION, name=division, file=file.file, place=place)
    yield from (_elsewhere(each, flow_name=flow_name, division=division) for each in file.dependencies)


def _elsewhere(dependency: Dependency, *, flow_name: Rename, division: str | None) -> Dependency:
    if dependency.kind.is_flow:
        return replace(dependency, name=flow_name(dependency.name))
    if dependency.kind is DependencyKind.DIVISION and division is not None:
        return replace(dependency, name=division)
    return dependency
