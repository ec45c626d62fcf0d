"""Whether what the pipelines call can be reached: by its name, and by a connection that sends nothing."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from receiver.config import Config
from receiver.doctor.finding import Finding, Health

TIMEOUT_S: Final = 3.0
_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Place:
    """A host and a port that steps call."""

    host: str
    port: int


def called_places(config: Config) -> Sequence[Place]:
    """Where the steps of the config go, each place once."""
    return sorted(set(_places(config)))


async def reach_findings(places: Sequence[Place]) -> list[Finding]:
    """Whether each can be reached, all tried at the same time."""
    return list(await asyncio.gather(*map(_reached, places)))


async def _reached(place: Place) -> Finding:
    name = f"{place.host}:{place.port}"
    try:
        async with asyncio.timeout(TIMEOUT_S):
            _, writer = await asyncio.open_connection(place.host, place.port)
    except (OSError, TimeoutError) as exc:
        why = "no answer" if isinstance(exc, TimeoutError) else exc.strerror or str(exc)
        advice = "check the url of the step, the network and its firewalls; steps are tried again"
        return Finding(check="target", health=Health.WARNING, found=f"{name} cannot be reached: {why}", advice=advice)
    writer.close()
    return Finding(check="target", found=f"{name} can be reached")


def _places(config: Config) -> Iterator[Place]:
    for pipeline in config.pipelines:
        for step in pipeline.steps:
            url = step.definition.get("url")
            parts = urlsplit(url) if isinstance(url, str) else None
            if parts and parts.hostname and parts.scheme in _PORTS:  # templates cannot stand in a host
                yield Place(host=parts.hostname, port=parts.port or _PORTS[parts.scheme])
