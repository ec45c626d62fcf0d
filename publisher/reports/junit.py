"""Problems as JUnit XML, which every CI system shows as test results: one test for each file.

There is no standard; this keeps to what Jenkins, GitLab, Azure DevOps and CircleCI all read
(https://github.com/testmoapp/junitxml).
"""

from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from publisher.problems import Problem, Severity, has_errors
from publisher.reports.findings import Findings
from publisher.reports.problems import summary, text_lines

NAME = "flow-relay"
SUITE = "publisher validate"


def junit(findings: Sequence[Findings]) -> str:
    """The report. A file with errors is a failed test, one that could not be read a test in error."""
    counts = {
        "tests": str(len(findings)),
        "failures": str(sum(has_errors(found.problems) for found in findings)),
        "errors": str(sum(bool(found.unread) for found in findings)),
        "skipped": "0",
        "time": "0",
    }
    root = Element("testsuites", {"name": NAME, **counts})
    suite = SubElement(root, "testsuite", {"name": SUITE, **counts})
    for found in findings:
        add_case(suite, found)
    indent(root, " ")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}'


def add_case(suite: Element, found: Findings) -> None:
    """Add the test of one file."""
    file = legal(found.file)
    case = SubElement(suite, "testcase", {"classname": SUITE, "name": file, "file": file, "time": "0"})
    if found.unread:
        SubElement(case, "error", {"type": "unread", "message": legal(found.unread)})
    errors = [problem for problem in found.problems if problem.severity is Severity.ERROR]
    warnings = [problem for problem in found.problems if problem.severity is not Severity.ERROR]
    if errors:
        failure = SubElement(case, "failure", {"type": errors[0].code, "message": summary(errors)})
        failure.text = told(errors)
    if warnings:
        SubElement(case, "system-out").text = told(warnings)


def told(problems: Iterable[Problem]) -> str:
    """Problems as people read them."""
    return legal("\n".join(line for problem in problems for line in text_lines(problem, coloured=False)))


def legal(text: str) -> str:
    """The text without the characters that XML cannot hold, not even escaped."""
    return "".join(char if is_legal(char) else "�" for char in text)


def is_legal(char: str) -> bool:
    """Whether XML 1.0 has the character (https://www.w3.org/TR/xml/#charsets)."""
    return char in "\t\n" or " " <= char < "\ud800" or "\ue000" <= char < "\ufffe" or char >= "\U00010000"
