"""Kinds of node: those that a picture tells apart by shape and colour, for the types of both kinds of flow file."""

from collections.abc import Mapping
from enum import StrEnum

from publisher.graph import Graph


class Kind(StrEnum):
    """What a node does for the call."""

    START = "start"
    CHOICE = "choice"
    SPEECH = "speech"
    END = "end"
    ACTION = "action"


# By a part of the type's name, whatever its case (`playAudio` speaks); the first one that fits counts.
PARTS: Mapping[str, Kind] = {
    "disconnect": Kind.END,
    "transfer": Kind.END,
    "hangup": Kind.END,
    "jump": Kind.ACTION,
    "menutask": Kind.ACTION,
    "menu": Kind.CHOICE,
    "decision": Kind.CHOICE,
    "condition": Kind.CHOICE,
    "switch": Kind.CHOICE,
    "schedule": Kind.CHOICE,
    "evaluate": Kind.CHOICE,
    "collect": Kind.CHOICE,
    "input": Kind.CHOICE,
    "askfor": Kind.CHOICE,
    "audio": Kind.SPEECH,
    "play": Kind.SPEECH,
    "prompt": Kind.SPEECH,
    "say": Kind.SPEECH,
    "record": Kind.SPEECH,
    "voicemail": Kind.SPEECH,
    "communicate": Kind.SPEECH,
    "response": Kind.SPEECH,
}


def kinds_of(graph: Graph) -> list[Kind]:
    """The kind of each node."""
    by_type = {type_: kind_of_type(type_) for type_ in set(graph.types)}
    kinds = [Kind.END if end else by_type[type_] for type_, end in zip(graph.types, graph.terminals, strict=True)]
    for entry in graph.entries:
        kinds[entry] = Kind.START
    return kinds


def kind_of_type(type_: str) -> Kind:
    """The kind of a node by its type alone."""
    folded = type_.casefold()
    return next((kind for part, kind in PARTS.items() if part in folded), Kind.ACTION)
