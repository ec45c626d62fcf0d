"""The two sides of a comparison: files, and versions of flows in one environment or two."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from publisher.cli.console import Console
from publisher.cli.desk import Desk
from publisher.cli.drawing import drawable
from publisher.cli.orders import as_named_in
from publisher.cli.values import ValueSources
from publisher.cli.wanted import wanted_flow
from publisher.contents import LIVE, Content, find_version, read_content
from publisher.drawing import Picture, picture_of
from publisher.environments import AS_SET, Environment
from publisher.finding import Wanted, find
from publisher.genesys.client import GenesysClient
from publisher.genesys.model import Flow
from publisher.loader import read_file
from publisher.outline import Outline


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """One of the two that are compared: a version of a flow where one is named, else a file."""

    called: str
    version: str | None
    sources: ValueSources
    desk: Callable[[], Desk]
    """Where to ask the organization; two files need none."""
    console: Console

    def of_file(self, environment: Environment = AS_SET) -> Outline:
        """The flow in the file, as it is called in an environment."""
        path = Path(self.called)
        flow = read_file(path, values=self.sources.values_for(path))
        return drawable(as_named_in(environment, flow), self.console)

    def of_version(self, version: str) -> Outline:
        """The flow in a version."""
        desk = self.desk()
        wanted = wanted_flow(self.called, desk.project, self.sources)
        flow, content = desk.do(lambda client: read_version(client, wanted, version, desk.project.environment))
        where = f" in {desk.project.environment.name}" if desk.project.environment.name else ""
        read = content.read(called=f"{content.version_id} of {flow.name!r}{where}")
        return drawable(read, self.console)


async def read_version(
    client: GenesysClient, wanted: Wanted, version: str, environment: Environment
) -> tuple[Flow, Content]:
    """A version of a flow with its content."""
    flow = await find(client, wanted, environment=environment)
    return flow, await read_content(client, flow, await find_version(client, flow, version))


def compared(new: Side, old: Side) -> Picture:
    """What is other in the new side; a file has the name that its flow gets in the environment of the other side."""
    if new.version is None and old.version is None:
        return picture_of(new.of_file(), against=old.of_file())
    if old.version is None:
        outline = new.of_version(new.version or LIVE)
        return picture_of(outline, against=old.of_file(new.desk().project.environment))
    former = old.of_version(old.version)
    if new.version is None:
        return picture_of(new.of_file(old.desk().project.environment), against=former)
    return picture_of(new.of_version(new.version), against=former)
