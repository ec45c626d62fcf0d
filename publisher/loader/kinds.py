"""Tells the two kinds of flow file apart by what is in them, and reads either."""

from pathlib import Path
from typing import TypeAlias

from publisher.archy import NO_VALUES, ArchyFile, Values, is_archy_data, is_archy_text, parse_archy
from publisher.archy.reading import Read
from publisher.loader.flow_file import FlowFile
from publisher.loader.reading import parse_flow, read_text

Flow: TypeAlias = FlowFile | ArchyFile
"""A flow file of either kind."""


def read_file(path: Path, *, values: Values = NO_VALUES) -> Flow:
    """The flow of a file; UsageError where there is no such file, or it is no text."""
    return parse_file(read_text(path), file=str(path), values=values, read=read_text)


def parse_file(text: str, *, file: str, values: Values = NO_VALUES, read: Read | None = None) -> Flow:
    """The flow of a text. The values are for the placeholders of Archy files, and so is what they read besides."""
    if is_archy_text(text):
        return parse_archy(text, file=file, values=values, read=read)
    flow = parse_flow(text, file=file)
    if flow.text.document is not None and not flow.definition and is_archy_data(flow.text.document.data):
        return parse_archy(text, file=file, values=values, read=read)
    return flow
