"""The outline of a flow file of either kind."""

from publisher.archy import ArchyFile
from publisher.loader import Flow
from publisher.outline.archy import outline_of_archy
from publisher.outline.graph_file import outline_of_graph_file
from publisher.outline.model import Outline


def outline_of(flow: Flow) -> Outline | None:
    """The outline of a flow file; None where it holds no graph."""
    return outline_of_archy(flow) if isinstance(flow, ArchyFile) else outline_of_graph_file(flow)
