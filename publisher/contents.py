"""What a version of a flow is made of, as the organization tells it: an Archy file, or a definition of nodes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from publisher.errors import NotFoundError, PublisherError
from publisher.genesys.client import GenesysClient
from publisher.genesys.model import Flow, FlowVersion
from publisher.loader import Flow as FlowOfFile
from publisher.loader import parse_file
from publisher.problems import quoted

LIVE = "live"
LATEST = "latest"


@dataclass(frozen=True, kw_only=True, slots=True)
class Content:
    """One version of a flow as a file."""

    flow: Flow
    version_id: str
    text: str
    suffix: str
    """What the name of such a file ends in."""

    def read(self, *, called: str) -> FlowOfFile:
        """The flow of the file, which is called so in pictures and sentences."""
        return parse_file(self.text, file=called)


async def read_content(client: GenesysClient, flow: Flow, version_id: str) -> Content:
    """The content of a version. The platform exports Archy files; hosts of the versions API have definitions, too."""
    definition = await client.definition(flow.id, version_id)
    if definition is not None:
        return Content(flow=flow, version_id=version_id, text=as_graph_file(definition), suffix=".json")
    exported = await client.export(flow.id, version_id)
    try:
        text = exported.decode()
    except UnicodeDecodeError as exc:
        raise PublisherError(
            f"The export of version {version_id} of flow {flow.name!r} is not UTF-8 text ({exc.reason}).",
            code="export.failed",
        ) from exc
    return Content(flow=flow, version_id=version_id, text=text, suffix=".yaml")


async def find_version(client: GenesysClient, flow: Flow, called: str = LIVE) -> str:
    """The id of the version that is called so: `live`, `latest`, or by its id or its number."""
    if called == LIVE:
        return live_version(flow)
    return chosen_version(flow, await client.versions(flow.id), called).id


def chosen_version(flow: Flow, known: Sequence[FlowVersion], called: str) -> FlowVersion:
    """The version that is called so: `latest`, or by its id or its number."""
    if called == LATEST and known:
        return max(known, key=lambda version: version.number or 0)
    fitting = [version for version in known if called in {version.id, str(version.number)}]
    if not fitting:
        raise NotFoundError(
            f"Flow {quoted(flow.name or flow.id)} has no version {quoted(called)}; it has {listed(known)}.",
            code="flow.no-version",
        )
    return fitting[0]


def live_version(flow: Flow) -> str:
    """The id of the version that is live."""
    if flow.published_version_id is None:
        raise NotFoundError(
            f"No version of flow {quoted(flow.name or flow.id)} is live. Name one: `publisher versions {flow.id}` lists"
            " them.",
            code="flow.not-live",
        )
    return flow.published_version_id


def listed(known: Sequence[FlowVersion], most: int = 8) -> str:
    """The versions that there are, the newest first."""
    ids = [version.id for version in sorted(known, key=lambda version: version.number or 0, reverse=True)]
    more = f" and {len(ids) - most} more" if len(ids) > most else ""
    return f"{', '.join(ids[:most])}{more}" if ids else "none at all"


def as_graph_file(definition: Mapping[str, Any]) -> str:
    """A definition as the text of a graph file."""
    return json.dumps(definition, indent=2, ensure_ascii=False) + "\n"
