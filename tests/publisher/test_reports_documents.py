"""The reports that are one document over all files, held against what those who read them want."""

import json
from typing import Any
from xml.etree import ElementTree as Xml

import pytest

from publisher.genesys.documents import Place
from publisher.problems import CODES, Problem, Severity
from publisher.reports import Findings, Format
from publisher.reports.documents import document

jsonschema = pytest.importorskip("jsonschema")

DEAD_END = "flow.dead-end"
UNREAD = Findings(file="gone.yaml", unread="gone.yaml: there is no such file.")

# What https://docs.gitlab.com/ci/testing/code_quality#code-quality-report-format asks for.
GITLAB: dict[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": r"^(?!\./)"},
                    "lines": {"type": "object", "required": ["begin"], "properties": {"begin": {"minimum": 1}}},
                },
            },
        },
    },
}

# What SARIF 2.1.0 and https://docs.github.com/code-security (SARIF support for code scanning) ask for.
TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
LOCATION = {
    "type": "object",
    "required": ["physicalLocation"],
    "properties": {
        "physicalLocation": {
            "type": "object",
            "required": ["artifactLocation"],
            "properties": {
                "artifactLocation": {
                    "required": ["uri"],
                    "properties": {"uri": {"type": "string", "pattern": r"^[!#-;=?-Z_a-z~%]+$"}},
                },
                "region": {
                    "required": ["startLine"],
                    "properties": {
                        "startLine": {"type": "integer", "minimum": 1},
                        "startColumn": {"type": "integer", "minimum": 1},
                        "snippet": TEXT,
                    },
                    "additionalProperties": False,
                },
            },
        }
    },
}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
RULE = {
    "required": ["id", "shortDescription", "fullDescription", "help", "defaultConfiguration"],
    "properties": {
        "id": {"type": "string"},
        "shortDescription": TEXT,
        "fullDescription": TEXT,
        "help": TEXT,
        "defaultConfiguration": {"required": ["level"], "properties": {"level": LEVEL}},
    },
}
RESULT = {
    "required": ["ruleId", "message", "locations", "partialFingerprints"],
    "properties": {
        "ruleId": {"type": "string"},
        "level": LEVEL,
        "message": TEXT,
        "locations": {"type": "array", "minItems": 1, "items": LOCATION},
        "partialFingerprints": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}
RUN = {
    "required": ["tool", "results"],
    "properties": {
        "tool": {
            "required": ["driver"],
            "properties": {
                "driver": {
                    "required": ["name", "semanticVersion", "rules"],
                    "properties": {"rules": {"type": "array", "items": RULE}},
                }
            },
        },
        "columnKind": {"const": "unicodeCodePoints"},
        "results": {"type": "array", "items": RESULT},
        "invocations": {
            "type": "array",
            "items": {
                "required": ["executionSuccessful"],
                "properties": {
                    "toolExecutionNotifications": {
                        "type": "array",
                        "items": {"required": ["message"], "properties": {"message": TEXT, "level": LEVEL}},
                    }
                },
            },
        },
    },
}
SARIF: dict[str, Any] = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "$schema": {"type": "string", "pattern": r"^https://.*/sarif-schema-2\.1\.0\.json$"},
        "version": {"const": "2.1.0"},
        "runs": {"type": "array", "minItems": 1, "items": RUN},
    },
    "additionalProperties": False,
}


def a_problem(
    *,
    code: str = DEAD_END,
    severity: Severity = Severity.ERROR,
    file: str = "flows/main.yaml",
    line: int = 4,
    message: str = "Node 'x' is a dead end.",
    excerpt: str = "  - id: x",
) -> Problem:
    return Problem(
        code=code,
        severity=severity,
        file=file,
        place=Place(line=line, column=9),
        message=message,
        hint="Connect it.",
        excerpt=excerpt,
    )


def findings(*problems: Problem, file: str = "flows/main.yaml") -> Findings:
    return Findings(file=file, problems=problems)


A_WARNING = a_problem(code="flow.unreachable", severity=Severity.WARNING)
MANY = (
    findings(a_problem(), a_problem(), A_WARNING),
    findings(a_problem(file="flows/a b: <ü>.json", excerpt=""), file="flows/a b: <ü>.json"),
    findings(file="flows/fine.yaml"),
    UNREAD,
)


def sarif_run(*found: Findings) -> dict[str, Any]:
    log = json.loads(document(found, Format.SARIF, version="1.2.3"))
    jsonschema.validate(log, SARIF)
    (run,) = log["runs"]
    assert isinstance(run, dict)
    return run


def gitlab_issues(*found: Findings) -> list[dict[str, Any]]:
    issues = json.loads(document(found, Format.GITLAB, version="1.2.3"))
    jsonschema.validate(issues, GITLAB)
    assert isinstance(issues, list)
    return issues


def junit_suite(*found: Findings) -> Xml.Element:
    text = document(found, Format.JUNIT, version="1.2.3")
    (suite,) = Xml.fromstring(text)  # noqa: S314 - our own
    return suite


def uri_of(result: dict[str, Any]) -> str:
    return str(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])


def test_sarif_says_what_and_where() -> None:
    (result,) = sarif_run(findings(a_problem()))["results"]

    del result["partialFingerprints"]
    assert result == {
        "ruleId": DEAD_END,
        "ruleIndex": list(CODES).index(DEAD_END),
        "level": "error",
        "message": {"text": "Node 'x' is a dead end. Connect it."},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "flows/main.yaml", "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": 4, "startColumn": 9, "snippet": {"text": "  - id: x"}},
                }
            }
        ],
    }


def test_sarif_holds_every_finding_of_every_file() -> None:
    run = sarif_run(*MANY)

    assert [result["level"] for result in run["results"]] == ["error", "error", "warning", "error"]
    assert len(run["artifacts"]) == 4


def test_sarif_explains_every_code() -> None:
    driver = sarif_run()["tool"]["driver"]

    assert driver["semanticVersion"] == "1.2.3"
    assert [rule["id"] for rule in driver["rules"]] == list(CODES)


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("a b/ü#1.yaml", "a%20b/%C3%BC%231.yaml"),
        ("c:main.yaml", "c%3Amain.yaml"),
        ("/tmp/main.yaml", "file:///tmp/main.yaml"),
        ("\udcff.yaml", "%FF.yaml"),
    ],
    ids=["odd letters", "like a scheme", "absolute", "no UTF-8"],
)
def test_sarif_names_files_by_uri(file: str, uri: str) -> None:
    (result,) = sarif_run(findings(a_problem(file=file), file=file))["results"]

    assert uri_of(result) == uri


def test_sarif_does_not_pass_over_a_file_that_could_not_be_read() -> None:
    (invocation,) = sarif_run(findings(), UNREAD)["invocations"]

    assert invocation["executionSuccessful"] is False
    assert [each["message"]["text"] for each in invocation["toolExecutionNotifications"]] == [UNREAD.unread]


def test_sarif_of_a_clean_run_is_a_success() -> None:
    run = sarif_run(findings())

    assert run["results"] == []
    assert run["invocations"][0]["executionSuccessful"] is True


def test_gitlab_gets_what_its_widget_reads() -> None:
    error, warning = gitlab_issues(findings(a_problem(), A_WARNING))

    del error["fingerprint"]
    assert error == {
        "type": "issue",
        "check_name": DEAD_END,
        "description": "Node 'x' is a dead end. Connect it.",
        "severity": "critical",
        "location": {"path": "flows/main.yaml", "lines": {"begin": 4}},
    }
    assert warning["severity"] == "minor"


def test_gitlab_gets_an_empty_list_where_nothing_is_wrong() -> None:
    assert gitlab_issues(findings(), UNREAD) == []


def test_every_fingerprint_is_another() -> None:
    prints = [issue["fingerprint"] for issue in gitlab_issues(*MANY)]

    assert len(set(prints)) == len(prints) == 4


def test_a_fingerprint_stays_when_lines_move() -> None:
    before, after = gitlab_issues(findings(a_problem(line=4))), gitlab_issues(findings(a_problem(line=40)))

    assert before[0]["fingerprint"] == after[0]["fingerprint"]


def test_junit_has_a_test_for_each_file() -> None:
    suite = junit_suite(*MANY)

    counts = {name: suite.get(name) for name in ("tests", "failures", "errors")}
    assert counts == {"tests": "4", "failures": "2", "errors": "1"}
    assert [case.get("name") for case in suite] == [found.file for found in MANY]


def test_junit_fails_a_file_with_errors_and_tells_them_as_people_read_them() -> None:
    (case,) = junit_suite(findings(a_problem(), a_problem(line=7)))

    (failure,) = case
    assert (failure.tag, failure.get("type"), failure.get("message")) == ("failure", DEAD_END, "2 errors")
    assert "flows/main.yaml:7:9: error: flow.dead-end\n    Node 'x' is a dead end." in (failure.text or "")


def test_junit_passes_a_file_with_warnings_and_tells_them() -> None:
    (case,) = junit_suite(findings(A_WARNING))

    (output,) = case
    assert output.tag == "system-out"
    assert "flow.unreachable" in (output.text or "")


def test_junit_has_an_error_for_what_could_not_be_read() -> None:
    (case,) = junit_suite(UNREAD)

    (error,) = case
    assert (error.tag, error.get("message")) == ("error", "gone.yaml: there is no such file.")


@pytest.mark.parametrize("text", ["<&\"'>]]>", "\x00\x1b[31m\x0b", "\ud800\ufffe\U0001f600"], ids=ascii)
def test_junit_is_well_formed_whatever_stands_in_a_flow(text: str) -> None:
    (case,) = junit_suite(findings(a_problem(message=f"Node {text} is.", file=text, excerpt=text), file=text))

    assert "is." in (case[0].text or "")


def test_the_formats_by_line_are_documents_too() -> None:
    text = document(MANY, Format.JSON, version="1.2.3")

    assert [json.loads(line)["code"] for line in text.splitlines()] == [
        DEAD_END,
        DEAD_END,
        "flow.unreachable",
        DEAD_END,
    ]


def test_people_read_of_every_file() -> None:
    text = document(MANY, Format.TEXT, version="1.2.3")

    assert text.startswith("flows/main.yaml:4:9: error: flow.dead-end\n")
    assert text.endswith("flows/fine.yaml: no problems\ngone.yaml: there is no such file.")
