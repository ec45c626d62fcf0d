"""A flow's data, and where each part of it was written: in the flow's own file, or in one that it refers to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from publisher.archy.data import Location
from publisher.archy.substitution import readable
from publisher.flow_text import FlowText
from publisher.genesys.documents import Place
from publisher.problems import Problem


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """A file, and where in its data something stands."""

    text: FlowText
    location: Location

    @property
    def place(self) -> Place:
        """The place in the file."""
        return self.text.place(self.location)


@dataclass(frozen=True, kw_only=True, slots=True)
class Bundle:
    """One flow with all that it refers to."""

    root: str
    """The root key, such as `inboundCall`."""
    flow: Mapping[str, Any]
    """What stands under it."""
    text: FlowText
    taken: Mapping[Location, Origin] = field(default_factory=dict)
    """The items that came from other files: where each stands now, and where it was written."""

    @property
    def data(self) -> Mapping[str, Any]:
        """The whole document."""
        return {self.root: self.flow}

    def origin(self, location: Location) -> Origin:
        """Where something was written; its location is the one in the whole document."""
        taken = self.taken.get(location[:3]) if self.taken else None
        if taken is None:
            return Origin(text=self.text, location=location)
        return Origin(text=taken.text, location=(*taken.location, *location[3:]))

    def place(self, location: Location) -> Place:
        """Where something was written, in the file that it was written in."""
        return self.origin(location).place

    def problem(self, code: str, message: str, *, at: Location, key: bool = False, hint: str = "") -> Problem:
        """A problem at the value (or its key) at a location, with its place in the file that it was written in."""
        origin = self.origin(at)
        return origin.text.problem(code, readable(message), at=origin.location, key=key, hint=readable(hint))
