"""From an Archy file, or its text, to the flow in it."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from publisher.archy.archy_file import ArchyFile, ArchyFlow
from publisher.archy.bundle import Bundle
from publisher.archy.data import Data
from publisher.archy.dependencies import read_dependencies
from publisher.archy.links import read_links
from publisher.archy.source import Source, read_source
from publisher.archy.structure import read_structure
from publisher.archy.taking import Taker, UnreadableError
from publisher.archy.values import NO_VALUES, Values
from publisher.archy.vocabulary import FLOW_TYPES
from publisher.archy.wiring import wire
from publisher.archy.writing import write_yaml
from publisher.errors import UsageError
from publisher.problems import Problem, did_you_mean, quoted

TYPES = "|".join(FLOW_TYPES)
ROOT_KEY = re.compile(rf"""^["']?(?:{TYPES})["']?\s*:""", re.MULTILINE)
ROOT_IN_BRACES = re.compile(rf"""\s*\{{\s*["']?(?:{TYPES})["']?\s*:""")
FLOW_KEY = re.compile(r"""^[ \t]+["']?(?:startUpRef|supportedLanguages)["']?\s*:""", re.MULTILINE)
GRAPH_KEY = re.compile(r"""^["']?(?:nodes|connections)["']?\s*:""", re.MULTILINE)
OUTSIDE = "#/"
"""What every reference to another file has."""
FLOW_KEYS = frozenset({"defaultLanguage", "startUpRef", "supportedLanguages"})
"""What the mapping under a root key has in a file that is meant as a flow."""

Read = Callable[[Path], str]
"""Reads a file; UsageError says why it cannot."""


def read_archy(path: Path, values: Values = NO_VALUES, *, read: Read) -> ArchyFile:
    """The flow of a file."""
    return parse_archy(read(path), file=str(path), values=values, read=read)


def is_archy_text(text: str) -> bool:
    """Whether a text is meant for Archy, as far as one can tell before its placeholders are replaced."""
    if text.lstrip("\ufeff \t\r\n")[:1] in {"{", "["}:
        return ROOT_IN_BRACES.match(text) is not None
    return bool(ROOT_KEY.search(text) or FLOW_KEY.search(text)) and not GRAPH_KEY.search(text)


def is_archy_data(data: Data) -> bool:
    """Whether data is that of an Archy file: a root key with a flow under it."""
    if not isinstance(data, dict):
        return False
    return any(key in FLOW_TYPES or looks_like_flow(value) for key, value in data.items())


def looks_like_flow(value: Data) -> bool:
    """Whether a value is a mapping such as every flow is."""
    return isinstance(value, dict) and not FLOW_KEYS.isdisjoint(value)


def parse_archy(text: str, *, file: str, values: Values = NO_VALUES, read: Read | None = None) -> ArchyFile:
    """The flow of a text. Whatever the text is, the answer is a file, with problems where it is no flow.

    Files that it refers to are read with `read`, and get the same values.
    """
    source = read_source(text, file=file, values=values)
    problems = list(source.problems)
    if source.text.document is None:
        return ArchyFile(text=source.text, problems=tuple(problems))
    root = root_of(source, problems)
    flow = source.data[root] if root is not None else None
    if root is None or not isinstance(flow, dict):
        return ArchyFile(text=source.text, problems=tuple(problems))
    bundle = Bundle(root=root, flow=flow, text=source.text)
    resolved, files = source.content, tuple[str, ...]()
    if OUTSIDE in source.content:
        taker = Taker(bundle, lambda name: open_source(name, values=values, read=read))
        bundle = taker.take()
        problems += taker.problems
        if bundle.flow != flow:
            resolved, files = write_yaml(bundle.data), taker.files
    return assembled(bundle, problems, resolved=resolved, files=files)


def assembled(bundle: Bundle, problems: list[Problem], *, resolved: str, files: tuple[str, ...]) -> ArchyFile:
    """The file of a flow that was read."""
    structure = read_structure(bundle)
    links = read_links(bundle, structure)
    draft = wire(structure, links)
    return ArchyFile(
        text=bundle.text,
        flow_type=FLOW_TYPES.get(bundle.root, bundle.root.upper()),
        parts=ArchyFlow(bundle=bundle, structure=structure, links=links, draft=draft, graph=draft.graph()),
        resolved=resolved,
        dependencies=read_dependencies(bundle),
        files=files,
        problems=(*problems, *structure.problems, *links.problems),
    )


def open_source(name: str, *, values: Values, read: Read | None) -> Source:
    """A file that is referred to."""
    if read is None:
        raise UnreadableError(f"{quoted(name)} cannot be read here.")
    try:
        return read_source(read(Path(name)), file=name, values=values)
    except UsageError as exc:
        raise UnreadableError(f"the file cannot be read: {exc}") from exc


def root_of(source: Source, problems: list[Problem]) -> str | None:
    """The root key; what is wrong with it is kept as a problem."""
    data: Any = source.data
    if not isinstance(data, dict) or not data:
        problems.append(source.text.problem("archy.root-key", "The file has no root key, such as inboundCall."))
        return None
    flows = [key for key in data if key in FLOW_TYPES] or [key for key in data if looks_like_flow(data[key])]
    root = str(flows[0] if flows else next(iter(data)))
    problems += root_problems(source, data, root)
    return root


def root_problems(source: Source, data: Mapping[str, Any], root: str) -> list[Problem]:
    """Keys beside the root key, a root key that is no type of flow, and nothing under it."""
    found = [
        source.text.problem(
            "archy.root-key",
            f"The file has more than one root key: {quoted(key)} beside {quoted(root)}.",
            at=(key,),
            key=True,
            hint="One file holds one flow. Parts that flows share go into a file of their own.",
        )
        for key in data
        if key != root
    ]
    if root not in FLOW_TYPES:
        hint = did_you_mean(root, FLOW_TYPES) or f"There are {', '.join(sorted(FLOW_TYPES))}."
        message = f"{quoted(root)} is no type of flow."
        found.append(source.text.problem("archy.root-key", message, at=(root,), key=True, hint=hint))
    if not isinstance(data[root], dict):
        found.append(source.text.problem("archy.shape", f"{quoted(root)} must hold the fields of a flow.", at=(root,)))
    return found
