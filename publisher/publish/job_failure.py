"""What a failed job means: its messages at their places in the file, and what to do about those that are known."""

import re
from collections.abc import Iterator, Sequence

from publisher.archy import ArchyFile
from publisher.errors import ProblemsError, PublisherError
from publisher.genesys.documents import Place
from publisher.genesys.errors import GenesysError, LimitedError, LockedError
from publisher.genesys.jobs import Job, JobMessage

JOB_LIMITED = "job.limited"
JOB_FAILED = "job.failed"

HINTS: Sequence[tuple[re.Pattern[str], str]] = tuple(
    (re.compile(pattern, re.IGNORECASE), hint)
    for pattern, hint in (
        (r"substitution key", "A placeholder has no value: give it one with --set or --values."),
        (
            r"reading 'refId'|refId.*undefined",
            "A reference leads nowhere in what was uploaded: `publisher validate` names those that it can see; look at"
            " values that stand in a reference, too.",
        ),
        (
            r"cannot be assigned a value",
            "This organization does not know the property, or not yet: take it out of the file, or export the flow anew"
            " from an organization of the same release.",
        ),
        (
            r"permission|not authorized|forbidden|\b403\b",
            "The OAuth client may not see or do all that the flow takes: `publisher doctor` names what it lacks.",
        ),
        (
            r"does not exist|could not (?:be )?f(?:ou|i)nd|not found|unable to find|no .* named",
            "What the file names has to be in this organization, with that very name, and visible to the OAuth client.",
        ),
        (r"ARCHITECT_DEPENDENCY_OBJECT_IN_USE|in use by", "Another flow still needs what this one no longer has."),
        (r"already exists|name.*in use", "Names are taken by name and type: is there a deleted or a draft flow of it?"),
    )
)
"""Texts that are known to be met, and what to do about each; the first that fits counts."""

QUOTED = re.compile(r"""'([^'\n]{1,200})'|"([^"\n]{1,200})\"""")
LINE = re.compile(r"\bline (\d{1,7})(?:,? col(?:umn)? (\d{1,7}))?", re.IGNORECASE)


def failure_of(job: Job, file: ArchyFile) -> PublisherError | GenesysError:
    """The error that a failed job stands for."""
    lines = list(server_lines(job, file))
    trace = f" (job {job.id}{f', correlation id {job.correlation_id}' if job.correlation_id else ''})"
    said = "\n".join([f"{file.name!r} could not be published{trace}:", *lines])
    if job.is_locked:
        return LockedError(said, code="flow.locked", correlation_id=job.correlation_id)
    if job.is_limited:
        return LimitedError(f"{said}\nThe organization's limit is behind it: try again later.", code=JOB_LIMITED)
    if lines:
        return ProblemsError(said, code=JOB_FAILED)
    return PublisherError(
        f"{file.name!r} could not be published, and Genesys Cloud gives no reason{trace}. Look whether the OAuth client"
        " may do it (`publisher doctor`), whether the flow is open in Architect, and whether all that it names is there"
        f" (`publisher publish --dry-run {file.file}`). Genesys Cloud's support asks for the two ids.",
        code=JOB_FAILED,
    )


def server_lines(job: Job, file: ArchyFile, *, severity: str | None = None) -> Iterator[str]:
    """A line for each message of a job, or for each of one severity; a hint stands under it."""
    for message in job.messages:
        if severity in {None, message.severity}:
            yield _line(message, file)


def _line(message: JobMessage, file: ArchyFile) -> str:
    kind = "warning" if message.severity == "warning" else "error"
    name, place = place_of(message.text, file)
    where = f"{name}:{place}" if place else name
    hint = next((hint for pattern, hint in HINTS if pattern.search(message.text)), None)
    return f"{where}: {kind}: {message.text} [server]" + (f"\n    hint: {hint}" if hint else "")


def place_of(text: str, file: ArchyFile) -> tuple[str, Place | None]:
    """The file and the place that a message is about, as far as the things that it quotes tell."""
    quoted = [one or other for one, other in QUOTED.findall(text)]
    for name in sorted((name for name in quoted if name != file.name), key=len, reverse=True):
        found = _named(name, file)
        if found is not None:
            return found
    return file.file, _line_in(text, file)


def _named(name: str, file: ArchyFile) -> tuple[str, Place] | None:
    """Where something stands that the flow names, or is made of."""
    for dependency in file.dependencies:
        if dependency.name == name:
            return dependency.file, dependency.place
    parts = file.parts.structure.parts if file.parts else ()
    node = next((part.number for part in parts if name in (part.name, part.body.get("refId"))), None)
    return None if node is None else file.node_place(node)


def _line_in(text: str, file: ArchyFile) -> Place | None:
    """The place that a message gives itself; of a flow in several files that is none in any of them."""
    found = LINE.search(text)
    if found is None or file.files:
        return None
    line, column = int(found[1]), int(found[2] or 1)
    return Place(line=line, column=column) if 1 <= line <= len(file.text.lines) else None
