"""The ways in that a config names: doors, and polls of environments."""

from collections.abc import Mapping
from dataclasses import dataclass

from receiver.config.environments import Environments
from receiver.config.faults import Faults, Path, dotted
from receiver.config.parts import DEFAULT_CONFIG, DEFAULT_HEADERS, Poll, Source
from receiver.config.shapes import SourceShape
from receiver.expressions import suggestion

OF_DOORS = ("verify", "header", "secrets", "environment", "networks", "rate")
OF_POLLS = ("every",)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sources:
    """Every way in, by how it lets in."""

    doors: tuple[Source, ...] = DEFAULT_CONFIG.sources
    polls: tuple[Poll, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """What rules can call them."""
        return (*(door.name for door in self.doors), *(poll.name for poll in self.polls))


def read_sources(shapes: Mapping[str, SourceShape] | None, environments: Environments, faults: Faults) -> Sources:
    """The sources of a config; without the key there is one door."""
    if shapes is None:
        return Sources()
    doors = {name: shape for name, shape in shapes.items() if shape.poll is None}
    polled = {name: shape.poll for name, shape in shapes.items() if shape.poll is not None}
    if polled:
        _check_file(environments, ("sources", next(iter(polled)), "poll"), faults)
    polls = [_poll(name, shapes[name], environments, faults) for name in polled]
    return Sources(
        doors=tuple(_door(name, shape, faults) for name, shape in doors.items()),
        polls=tuple(poll for poll in polls if poll is not None),
    )


def _door(name: str, shape: SourceShape, faults: Faults) -> Source:
    path: Path = ("sources", name)
    _refuse(shape, OF_POLLS, "goes with `poll` alone", path, faults)
    if shape.secrets is None and "secrets" not in faults.document.data["sources"][name]:
        faults.add(path, f"{dotted(path)} lacks 'secrets'.", key=True)
    default = DEFAULT_HEADERS.get(shape.verify, "")
    if shape.header and not default:
        message = f"source {name!r} is verified by {shape.verify}, which has headers of its own; leave 'header' out."
        faults.add((*path, "header"), message, key=True)
    return Source(
        name=name,
        scheme=shape.verify,
        header=shape.header or default,
        secrets=tuple(dict.fromkeys(shape.secrets or ())),
        environment=shape.environment,
        expect_within_s=shape.expect_within,
        networks=tuple(shape.networks or ()),
        rate=shape.rate,
    )


def _poll(name: str, shape: SourceShape, environments: Environments, faults: Faults) -> Poll | None:
    path: Path = ("sources", name)
    _refuse(shape, OF_DOORS, "is for doors; this source polls", path, faults)
    environment = environments.by_name.get(shape.poll or "")
    if environment is None:
        if not environments.faults:
            guess = suggestion(shape.poll or "", tuple(environments.by_name))
            message = f"there is no environment {shape.poll!r} in {environments.file}.{guess}"
            faults.add((*path, "poll"), message)
        return None
    return Poll(name=name, environment=environment, every_s=shape.every, expect_within_s=shape.expect_within)


def _refuse(shape: SourceShape, keys: tuple[str, ...], why: str, path: Path, faults: Faults) -> None:
    for key in keys:
        if key in shape.model_fields_set:
            faults.add((*path, key), f"{dotted((*path, key))} {why}.", key=True)


def _check_file(environments: Environments, path: Path, faults: Faults) -> None:
    """What is wrong with the other file is told where this one leads to it."""
    for fault in environments.faults:
        faults.add(path, fault)
