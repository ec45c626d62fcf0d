"""A name that was changed: an Archy file is published to the flow of its name, so a new name makes a second flow."""

from publisher.archy import ArchyFile
from publisher.genesys.model import Flow
from publisher.problems import Problem, quoted


def renamed(file: ArchyFile, flow: Flow) -> Problem | None:
    """The problem that the flow that a file is known to be for has another name than the file, if it has."""
    if flow.name in {None, file.name} or file.parts is None:
        return None
    return file.parts.bundle.problem(
        "org.renamed",
        f"The flow of this file ({flow.id}) is named {quoted(flow.name or '')} there, and {quoted(file.name)} in the"
        " file: that would make a second flow.",
        at=(file.root, "name"),
        hint="Give --rename to rename the flow, which keeps its id and its versions; or put the name back. Another flow"
        " wants a file of its own.",
    )
