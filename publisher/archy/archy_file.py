"""An Archy file that was read: the flow as it is uploaded, its graph, and what it names."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from publisher.archy.bundle import Bundle
from publisher.archy.dependencies import Dependency
from publisher.archy.draft import Draft
from publisher.archy.links import Links
from publisher.archy.structure import Structure
from publisher.archy.substitution import readable
from publisher.flow_text import FlowText
from publisher.genesys.documents import Place
from publisher.graph import Graph
from publisher.problems import Problem


@dataclass(frozen=True, kw_only=True, slots=True)
class ArchyFlow:
    """A flow taken apart."""

    bundle: Bundle
    structure: Structure
    links: Links
    draft: Draft
    graph: Graph


@dataclass(frozen=True, kw_only=True, slots=True)
class ArchyFile:
    """An Archy file, with the faults that reading found. It is sent only when checks find no errors."""

    text: FlowText
    flow_type: str = ""
    """As the API calls it: INBOUNDCALL."""
    parts: ArchyFlow | None = None
    """None where the file could not be read."""
    resolved: str = ""
    """The YAML to upload: values in place of placeholders, with all that stood in other files."""
    dependencies: tuple[Dependency, ...] = ()
    """What the flow names that has to be in the organization."""
    files: tuple[str, ...] = ()
    """The other files that went into it."""
    problems: tuple[Problem, ...] = field(default=())

    @property
    def file(self) -> str:
        """The file's name, as it was given."""
        return self.text.file

    @property
    def root(self) -> str:
        """The root key: inboundCall."""
        return self.parts.bundle.root if self.parts else ""

    @property
    def flow(self) -> Mapping[str, Any]:
        """What stands under the root key."""
        return self.parts.bundle.flow if self.parts else {}

    @property
    def name(self) -> str:
        """The flow's name; empty where it could not be read."""
        return self._text("name")

    @property
    def description(self) -> str:
        """What the flow says of itself."""
        return self._text("description")

    @property
    def division(self) -> str:
        """The division that it belongs to; empty where it names none."""
        return self._text("division")

    @property
    def graph(self) -> Graph | None:
        """The ways through the flow; None where the file could not be read."""
        return self.parts.graph if self.parts else None

    @property
    def content_hash(self) -> str:
        """The SHA-256 of what is uploaded."""
        return f"sha256:{hashlib.sha256(self.resolved.encode()).hexdigest()}"

    @property
    def flow_references(self) -> tuple[Dependency, ...]:
        """The other flows that it names, which have to be there first."""
        return tuple(each for each in self.dependencies if each.kind.is_flow)

    def text_of(self, file: str) -> FlowText:
        """The text of one of the files that went into it."""
        taken = self.parts.bundle.taken.values() if self.parts else ()
        return next((origin.text for origin in taken if origin.text.file == file), self.text)

    def node_place(self, node: int) -> tuple[str, Place] | None:
        """The file and the place of a node of the graph; None for the ends that no one wrote."""
        if self.parts is None or node >= len(self.parts.structure.parts):
            return None
        origin = self.parts.bundle.origin(self.parts.structure.parts[node].location)
        return origin.text.file, origin.text.place(origin.location, key=True)

    def _text(self, key: str) -> str:
        value = self.flow.get(key)
        return readable(str(value)) if isinstance(value, str | int | float) else ""
