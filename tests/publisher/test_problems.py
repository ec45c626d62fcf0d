import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from publisher.genesys.documents import Place
from publisher.problems import (
    CODES,
    Problem,
    Severity,
    did_you_mean,
    has_errors,
    quoted,
    shown,
    sort_by_place,
)

DOCS = Path(__file__).parents[2] / "docs" / "problems.md"


def a_problem(*, line: int = 1, column: int = 1, severity: Severity = Severity.ERROR) -> Problem:
    return Problem(
        code="flow.cycle",
        severity=severity,
        file="flow.json",
        place=Place(line=line, column=column),
        message="The flow runs in a circle: a → a.",
    )


def sections() -> Mapping[str, str]:
    """The documented codes, each with its section."""
    parts = re.split(r"^### <a id=\"([^\"]+)\"></a>", DOCS.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_code_has_a_section_in_the_docs_and_every_section_a_code() -> None:
    assert list(sections()) == list(CODES)


@pytest.mark.parametrize("code", CODES)
def test_a_section_names_the_code_and_how_bad_it_is(code: str) -> None:
    heading = sections()[code].splitlines()[0]

    assert heading == f"`{code}`: {CODES[code].title}"
    assert f"*{CODES[code].severity.value.capitalize()}.*" in sections()[code]


def test_problems_come_in_the_order_of_the_file() -> None:
    early, same_line, late = a_problem(line=2, column=9), a_problem(line=10, column=1), a_problem(line=10, column=5)

    assert sort_by_place([late, same_line, early]) == (early, same_line, late)


def test_warnings_alone_are_no_errors() -> None:
    assert not has_errors([a_problem(severity=Severity.WARNING)])
    assert has_errors([a_problem(severity=Severity.WARNING), a_problem()])


def test_a_name_cannot_steer_a_terminal() -> None:
    assert shown("a\x1b[31m\nb") == "a\\x1b[31m\\nb"


def test_a_long_name_is_cut() -> None:
    assert shown("x" * 100) == "x" * 59 + "…"


def test_a_name_in_letters_of_any_language_stays_as_it_is() -> None:
    assert quoted("Begrüßung") == "'Begrüßung'"


def test_what_was_probably_meant_is_asked() -> None:
    assert did_you_mean("Conditon", ["id", "condition"]) == "Did you mean 'condition'?"


def test_nothing_is_asked_where_nothing_is_near() -> None:
    assert did_you_mean("colour", ["id", "condition"]) == ""


def test_nothing_is_asked_where_comparing_would_take_long() -> None:
    assert did_you_mean("n1x", [f"n{number}" for number in range(1000)]) == ""
