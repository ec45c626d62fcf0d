"""A plan in words: a cell of the table for each file, what is to be said below it, and the same for programs."""

from collections.abc import Iterator
from typing import Any

from publisher.genesys.model import Lock
from publisher.planning.entry import Entry
from publisher.problems import Problem, Severity
from publisher.reports import counted, summary
from publisher.reports import view as view_of_problem
from publisher.standing import State

MOST_CHANGES = 40


def cell(entry: Entry) -> str:
    """What would be done with a file, and why, in a few words."""
    return f"{entry.would}: {reason(entry)}" + (f", locked by {entry.lock.holder}" if entry.lock else "")


def reason(entry: Entry) -> str:
    """Why that would be done."""
    errors = [problem for problem in entry.problems if problem.severity is Severity.ERROR]
    if errors:
        return summary(errors)
    if entry.refusal:
        return "no flow for it"
    match entry.state:
        case State.NEW:
            return "a new flow"
        case State.NEVER_LIVE:
            return "its first version to go live"
        case State.UNCHANGED:
            return "unchanged"
        case State.BLOCKED:
            return "blocked"
        case State.DRIFTED:
            return f"drifted, {changes(entry)}"
    return changes(entry)


def changes(entry: Entry) -> str:
    """How much would change."""
    if entry.change_count is None:
        return "other content"
    return counted(entry.change_count, "change") if entry.change_count else "no change in the flow"


def live(entry: Entry) -> str:
    """Which version is live."""
    return (entry.flow.published_version_id if entry.flow else None) or "-"


def details(entry: Entry) -> Iterator[str]:
    """What is to be said of a file below the table, line by line."""
    yield from (problem_line(entry, problem) for problem in entry.problems)
    if entry.refusal:
        yield entry.refusal
    if entry.standing is not None and entry.state in {State.DRIFTED, State.BLOCKED}:
        yield entry.standing.sentence
    if entry.lock is not None:
        yield lock_line(entry.lock)
    if entry.note:
        yield entry.note
    yield from change_lines(entry)


def change_lines(entry: Entry) -> Iterator[str]:
    """The changes, as many as anybody reads."""
    found = entry.picture.changes if entry.former and entry.picture else ()
    yield from map(str, found[:MOST_CHANGES])
    if len(found) > MOST_CHANGES:
        yield f"… and {len(found) - MOST_CHANGES:,} more: publisher diff {entry.file}"


def problem_line(entry: Entry, problem: Problem) -> str:
    """A problem in one line, with its place."""
    file = "" if problem.file == entry.file else f"{problem.file}:"
    text = " ".join(filter(None, (problem.message, problem.hint)))
    return f"{problem.severity} {file}{problem.place} {text}"


def lock_line(lock: Lock) -> str:
    """Who has a flow open, and since when."""
    since = f" since {lock.since:%Y-%m-%d %H:%M} UTC" if lock.since else ""
    draft = f", with changes saved at {lock.draft_saved_at:%Y-%m-%d %H:%M} UTC" if lock.draft_saved_at else ""
    return f"locked by {lock.holder}{since}{draft}"


def view(entry: Entry, *, number: int) -> dict[str, Any]:
    """A file of the plan as a JSON object."""
    compared = entry.picture.changes if entry.former and entry.picture else None
    lock = entry.lock
    return {
        "order": number,
        "file": entry.file,
        "flow_id": entry.flow.id if entry.flow else None,
        "flow_name": entry.name,
        "live_version_id": entry.flow.published_version_id if entry.flow else None,
        "would": entry.would.value,
        "state": entry.state.value if entry.state else None,
        "reason": reason(entry),
        "is_change": entry.is_change,
        "after": list(entry.after),
        "changes": None
        if compared is None
        else [{"change": change.sign.name.lower(), "text": change.text} for change in compared],
        "problems": [view_of_problem(problem) for problem in entry.problems],
        "locked_by": lock.holder if lock else None,
        "locked_since": lock.since.isoformat() if lock and lock.since else None,
        "note": entry.refusal or entry.note or (entry.standing.sentence if entry.standing else None),
    }
