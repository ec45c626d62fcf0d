"""Problems as GitLab's Code Quality report (https://docs.gitlab.com/ci/testing/code_quality)."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from publisher.problems import Problem, Severity
from publisher.reports.findings import Findings, sentence, with_fingerprints

SEVERITIES: Mapping[Severity, str] = {Severity.ERROR: "critical", Severity.WARNING: "minor"}


def gitlab(findings: Sequence[Findings]) -> str:
    """The report: one object for each problem. What could not be read has no place in it."""
    return json.dumps([issue(problem, print_) for problem, print_ in with_fingerprints(findings)], indent=1)


def issue(problem: Problem, fingerprint: str) -> dict[str, Any]:
    """A problem as GitLab's widget reads it."""
    return {
        "type": "issue",
        "check_name": problem.code,
        "description": sentence(problem),
        "severity": SEVERITIES[problem.severity],
        "fingerprint": fingerprint,
        "location": {"path": problem.file, "lines": {"begin": problem.place.line}},
    }
