"""Asks the organization: what it has of the names that are sought, and what it does not tell."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from publisher.gathering import AT_ONCE, gathered
from publisher.genesys.client import GenesysClient
from publisher.genesys.errors import GenesysError, MissingError, NotAllowedError, RefusedError
from publisher.genesys.inventory import SHELVES, Kind
from publisher.genesys.model import Found
from publisher.preflight.shelf import Sought

NOT_TOLD = (NotAllowedError, MissingError, RefusedError)
"""That is no answer to the question, and nothing that should keep anybody from publishing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answers:
    """What the organization said."""

    found: Mapping[Sought, Collection[Found]]
    """The things of each name; names of a kind that it does not tell are not in here."""
    untold: Mapping[Kind, GenesysError]
    """The kinds that it does not tell, each with what it said instead."""
    known: Mapping[Kind, Collection[str]] = field(default_factory=dict)
    """The names there are of each kind of which something is missing."""


async def ask(client: GenesysClient, names: Iterable[Sought], *, at_once: int = AT_ONCE) -> Answers:
    """Look each name up once, some at a time; of a kind that is not told, no further one."""
    untold: dict[Kind, GenesysError] = {}

    async def look_up(each: Sought) -> Collection[Found]:
        if each.kind in untold:
            return ()
        try:
            return await client.named(each.kind, each.name)
        except NOT_TOLD as exc:
            untold.setdefault(each.kind, exc)
            return ()

    wanted = list(dict.fromkeys(names))
    answers = zip(wanted, await gathered(look_up, wanted, at_once=at_once), strict=True)
    found = {each: things for each, things in answers if each.kind not in untold}
    return Answers(found=found, untold=untold)


async def names_of(client: GenesysClient, kinds: Iterable[Kind]) -> dict[Kind, Collection[str]]:
    """The names that there are, for those who look for another one that was meant; none where that cannot be told."""
    wanted = list(dict.fromkeys(kinds))

    async def names(kind: Kind) -> Collection[str]:
        try:
            return list(dict.fromkeys(one.name for one in await client.things(kind)))
        except GenesysError:
            return ()  # a courtesy

    return dict(zip(wanted, await gathered(names, wanted), strict=True))


def permission_for(kind: Kind) -> str:
    """What it takes to see the things of a kind."""
    return SHELVES[kind].permission
