"""All findings as one document: what a CI system takes as a file."""

from collections.abc import Iterator, Sequence

from publisher.reports.findings import Findings
from publisher.reports.gitlab import gitlab
from publisher.reports.junit import junit
from publisher.reports.problems import Format, render, summary
from publisher.reports.sarif import sarif


def document(findings: Sequence[Findings], output: Format, *, version: str) -> str:
    """The document, without a line end; `version` is our own."""
    match output:
        case Format.SARIF:
            return sarif(findings, version=version)
        case Format.GITLAB:
            return gitlab(findings)
        case Format.JUNIT:
            return junit(findings)
    return "\n".join(line for found in findings for line in lines(found, output))


def lines(found: Findings, output: Format) -> Iterator[str]:
    """The problems of one file, line by line; people also want to read that nothing is wrong."""
    yield from render(found.problems, output)
    if output is Format.TEXT:
        yield found.unread or f"{found.file}: {summary(found.problems)}"
