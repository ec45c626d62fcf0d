"""Problems as SARIF 2.1.0, which GitHub's code scanning, Azure DevOps and editors read.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from publisher.problems import CODES, CodeInfo, Problem, Severity
from publisher.reports.findings import Findings, sentence, with_fingerprints

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS: Mapping[Severity, str] = {Severity.ERROR: "error", Severity.WARNING: "warning"}
RULE_NUMBERS: Mapping[str, int] = {code: number for number, code in enumerate(CODES)}


def sarif(findings: Sequence[Findings], *, version: str) -> str:
    """The log of one run of our checks; `version` is our own."""
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run(findings, version=version)]}
    return json.dumps(log, indent=1)


def run(findings: Sequence[Findings], *, version: str) -> dict[str, Any]:
    """The run: who checked, what was checked, what was found, and what could not be read."""
    driver = {
        "name": "flow-relay",
        "semanticVersion": version,
        "rules": [rule(code, info) for code, info in CODES.items()],
    }
    unread = [notification(found) for found in findings if found.unread]
    return {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "artifacts": [{"location": location(found.file)} for found in findings],
        "results": [result(problem, print_) for problem, print_ in with_fingerprints(findings)],
        "invocations": [{"executionSuccessful": not unread, "toolExecutionNotifications": unread}],
    }


def rule(code: str, info: CodeInfo) -> dict[str, Any]:
    """What a code stands for; GitHub wants all three texts."""
    title = {"text": info.title}
    return {
        "id": code,
        "shortDescription": title,
        "fullDescription": title,
        "help": {"text": f"{info.title}. flow-relay's docs/problems.md has a section on {code}."},
        "defaultConfiguration": {"level": LEVELS[info.severity]},
    }


def result(problem: Problem, fingerprint: str) -> dict[str, Any]:
    """One finding."""
    region: dict[str, Any] = {"startLine": problem.place.line, "startColumn": problem.place.column}
    if problem.excerpt:
        region["snippet"] = {"text": problem.excerpt}
    return {
        "ruleId": problem.code,
        "ruleIndex": RULE_NUMBERS[problem.code],
        "level": LEVELS[problem.severity],
        "message": {"text": sentence(problem)},
        "locations": [{"physicalLocation": {"artifactLocation": location(problem.file), "region": region}}],
        "partialFingerprints": {"problem/v1": fingerprint},
    }


def notification(found: Findings) -> dict[str, Any]:
    """That a file could not be read, so that nobody takes its silence for a clean bill."""
    return {
        "level": "error",
        "message": {"text": found.unread},
        "locations": [{"physicalLocation": {"artifactLocation": location(found.file)}}],
    }


def location(file: str) -> dict[str, str]:
    """Where a file is: from the root of the checkout on, unless its path is absolute."""
    path = quote(file, errors="surrogateescape")
    if file.startswith("/"):
        return {"uri": f"file://{path}"}
    # A colon before the first slash would make the beginning a scheme; quote() has escaped it.
    return {"uri": path, "uriBaseId": "%SRCROOT%"}
