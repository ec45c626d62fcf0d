"""What was found in each file, as the reports that are one document over all files want it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from publisher.problems import Problem


@dataclass(frozen=True, kw_only=True, slots=True)
class Findings:
    """What was found in one file: its problems, or why it could not be read."""

    file: str
    problems: tuple[Problem, ...] = ()
    unread: str = ""


def sentence(problem: Problem) -> str:
    """What is wrong, and what to do about it."""
    return " ".join(filter(None, (problem.message, problem.hint)))


def with_fingerprints(findings: Sequence[Findings]) -> Iterator[tuple[Problem, str]]:
    """Every problem with a fingerprint: the same when its line moves, no other's in the same report."""
    seen: Counter[tuple[str, str, str]] = Counter()
    for found in findings:
        for problem in found.problems:
            what = (problem.file, problem.code, problem.message)
            seen[what] += 1
            text = "\0".join((*what, str(seen[what])))
            yield problem, sha256(text.encode(errors="surrogateescape")).hexdigest()
