"""Reads YAML 1.2 text: libyaml's C parser finds the pieces, the rules for what they mean are ours.

PyYAML's own rules are those of YAML 1.1, where `on` is true and `12:30` a number.
"""

from collections.abc import Callable, Mapping
from typing import Any

import yaml

from publisher.genesys.documents.builder import Builder
from publisher.genesys.documents.document import Document, DocumentError, place_at
from publisher.genesys.documents.scalars import Scalar, resolve

TAG = "tag:yaml.org,2002:"
TEXT_TAGS = frozenset({"!", f"{TAG}str"})
CONTAINER_TAGS = {dict: f"{TAG}map", list: f"{TAG}seq"}
SCALAR_TAGS: dict[str, tuple[type, ...]] = {
    f"{TAG}int": (int,),
    f"{TAG}float": (int, float),
    f"{TAG}bool": (bool,),
    f"{TAG}null": (type(None),),
}


def read_yaml(text: str) -> Document:
    """The one document of a YAML text."""
    builder = Builder(text)
    try:
        take_all(yaml.CSafeLoader(text.encode("utf-8")), builder)
    except yaml.MarkedYAMLError as exc:
        raise grammar_error(exc, text) from exc
    except yaml.reader.ReaderError as exc:
        raise character_error(exc, text) from exc
    return builder.document()


def take_all(parser: yaml.CSafeLoader, builder: Builder) -> None:
    """Hand every piece of the text to the builder. Most of the time of reading is spent here."""
    next_event, take_of = parser.get_event, TAKE.get
    while (event := next_event()) is not None:
        take, mark = take_of(type(event)), event.start_mark
        if take is not None:
            take(event, mark.index if mark else 0, builder)


def take_scalar(event: yaml.ScalarEvent, spot: int, builder: Builder) -> None:
    """Take in a key (always text: `on` and `1` are keys like any other) or a value."""
    if not builder.expects_key:
        builder.value(scalar(event, spot, builder), spot, anchor=event.anchor)
        return
    if event.value == "<<" and event.implicit[0]:
        builder.fail("merge keys (<<) are not part of YAML 1.2; write the fields out.", spot)
    builder.key(event.value, spot)


def scalar(event: yaml.ScalarEvent, spot: int, builder: Builder) -> Scalar:
    """What a scalar means, by its quotes and its tag."""
    text, tag = str(event.value), event.tag
    is_quoted = event.style not in {None, ""}
    if tag in TEXT_TAGS or (tag is None and is_quoted):
        return text
    try:
        value = resolve(text)
    except ValueError as exc:
        builder.fail(str(exc), spot)
    if tag is not None and not is_of(value, SCALAR_TAGS.get(tag, ())):
        builder.fail(f"the tag {tag!r} is not known here, or does not fit {text[:40]!r}; leave it out.", spot)
    return value


def is_of(value: Scalar, types: tuple[type, ...]) -> bool:
    """Whether a value has one of these types, true and false being no numbers."""
    return isinstance(value, types) and (not isinstance(value, bool) or bool in types)


def open_container(
    event: yaml.CollectionStartEvent, data: dict[str, Any] | list[Any], spot: int, builder: Builder
) -> None:
    """Take in the beginning of a mapping or a list."""
    if event.tag not in {None, "!", CONTAINER_TAGS[type(data)]}:
        builder.fail(f"the tag {event.tag!r} is not known here; leave it out.", spot)
    builder.open(data, spot, anchor=event.anchor)


def take_mapping(event: yaml.MappingStartEvent, spot: int, builder: Builder) -> None:
    """Take in the beginning of a mapping."""
    open_container(event, {}, spot, builder)


def take_list(event: yaml.SequenceStartEvent, spot: int, builder: Builder) -> None:
    """Take in the beginning of a list."""
    open_container(event, [], spot, builder)


def take_end(_: yaml.Event, __: int, builder: Builder) -> None:
    """Take in the end of a mapping or a list."""
    builder.close()


def take_alias(event: yaml.AliasEvent, spot: int, builder: Builder) -> None:
    """Take in what stands for a value elsewhere."""
    builder.alias(event.anchor or "", spot)


def take_document(_: yaml.Event, spot: int, builder: Builder) -> None:
    """Take in the beginning of a document: of the first one, that is."""
    if builder.is_complete:
        builder.fail("a second document begins here; one file holds one.", spot)


TAKE: Mapping[type[yaml.Event], Callable[[Any, int, Builder], None]] = {
    yaml.ScalarEvent: take_scalar,
    yaml.MappingStartEvent: take_mapping,
    yaml.MappingEndEvent: take_end,
    yaml.SequenceStartEvent: take_list,
    yaml.SequenceEndEvent: take_end,
    yaml.AliasEvent: take_alias,
    yaml.DocumentStartEvent: take_document,
}


def grammar_error(exc: yaml.MarkedYAMLError, text: str) -> DocumentError:
    """The parser's complaint, worded for people."""
    mark = exc.problem_mark or exc.context_mark
    spot = mark.index if mark else 0
    place = place_at(text, spot)
    if text[spot : spot + 1] == "\t":
        return DocumentError("a tab stands where YAML wants spaces.", place)
    context = f" {exc.context}" if exc.context else ""
    return DocumentError(f"this is not YAML: {exc.problem}{context}.", place)


def character_error(exc: yaml.reader.ReaderError, text: str) -> DocumentError:
    """A character that YAML does not allow, with its place (the parser counts bytes)."""
    before = text.encode("utf-8")[: exc.position].decode("utf-8", errors="ignore")
    return DocumentError(f"this is not YAML: {exc.reason}.", place_at(text, len(before)))
