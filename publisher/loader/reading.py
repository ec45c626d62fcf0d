"""From a graph file, or its text, to a flow."""

from pathlib import Path

from publisher.errors import UsageError
from publisher.flow_text import FlowText
from publisher.genesys.documents import DocumentError, read_document
from publisher.loader.assembly import assemble
from publisher.loader.fields import FLOW_FIELDS, described
from publisher.loader.flow_file import FlowFile
from publisher.problems import Problem

MAX_FILE_BYTES = 16 * 1024 * 1024
FIELD_NAMES = frozenset(field.name for field in FLOW_FIELDS)


def read_flow(path: Path) -> FlowFile:
    """The flow of a graph file; UsageError where there is no such file, or it is no text."""
    return parse_flow(read_text(path), file=str(path))


def read_text(path: Path) -> str:
    """The text of a file."""
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError as exc:
        raise UsageError(f"{path}: there is no such file.") from exc
    except IsADirectoryError as exc:
        raise UsageError(f"{path} is a directory; name the flow files in it.") from exc
    except (OSError, ValueError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else str(exc)
        raise UsageError(f"{str(path)!r} cannot be read: {reason}.") from exc
    if len(content) > MAX_FILE_BYTES:
        raise UsageError(
            f"{path} is larger than {MAX_FILE_BYTES // 1024**2} MiB; a flow file is text of some kilobytes."
        )
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as exc:
        line = content.count(b"\n", 0, exc.start) + 1
        raise UsageError(f"{path} is not UTF-8 text (line {line}, byte {exc.start}); save it as UTF-8.") from exc


def parse_flow(text: str, *, file: str) -> FlowFile:
    """The flow of a text. Whatever the text is, the answer is a flow file, with problems where it is no flow."""
    flow_text = FlowText(file=file, lines=text.removeprefix("\ufeff").split("\n"))
    try:
        document = read_document(text)
    except DocumentError as exc:
        return FlowFile(text=flow_text, problems=(syntax_problem(flow_text, exc),))
    flow_text = FlowText(file=file, lines=flow_text.lines, document=document)
    if isinstance(document.data, dict) and FIELD_NAMES & document.data.keys():
        return assemble(flow_text, document.data)
    return FlowFile(text=flow_text, problems=(content_problem(flow_text, document.data),))


def syntax_problem(text: FlowText, error: DocumentError) -> Problem:
    """Why a text is no document."""
    return text.problem("file.syntax", error.message[:1].upper() + error.message[1:], at=error.place)


def content_problem(text: FlowText, data: object) -> Problem:
    """What a document is that has none of a flow's fields."""
    found = "the file is empty" if data is None else f"this is {described(data)} without any of a flow's fields"
    fields = ", ".join(field.name for field in FLOW_FIELDS)
    hint = f"An Archy file has one root key, such as inboundCall. A graph file is a mapping with the fields {fields}."
    return text.problem("file.not-a-flow", f"No flow: {found}.", hint=hint)
