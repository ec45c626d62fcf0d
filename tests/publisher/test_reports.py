import json
from pathlib import Path

import pytest

from publisher.checks import check
from publisher.genesys.documents import Place
from publisher.loader import read_flow
from publisher.paths import FaultKind, PathFault, Simulation
from publisher.problems import Problem, Severity
from publisher.reports import Format, render, simulation_lines, simulation_view, summary

SAMPLES = Path(__file__).parents[1] / "samples" / "flows"


def a_problem(
    *,
    severity: Severity = Severity.ERROR,
    file: str = "flow.yaml",
    place: Place = Place(line=4, column=9),  # noqa: B008  # frozen
    message: str = "Node 'x' is a dead end.",
    hint: str = "Connect it.",
    excerpt: str = "  - id: x",
) -> Problem:
    return Problem(
        code="flow.dead-end",
        severity=severity,
        file=file,
        place=place,
        message=message,
        hint=hint,
        excerpt=excerpt,
    )


def a_simulation(**changes: object) -> Simulation:
    path = ("trigger", "queue")
    fields = {"ends": True, "count": 1, "shortest": path, "longest": path, **changes}
    return Simulation(**fields)  # type: ignore[arg-type]  # fields of any type


def test_people_see_the_place_the_sentence_the_line_and_the_hint() -> None:
    assert list(render([a_problem()])) == [
        "flow.yaml:4:9: error: flow.dead-end",
        "    Node 'x' is a dead end.",
        "        4 |   - id: x",
        "          |         ^",
        "    Hint: Connect it.",
        "",
    ]


def test_what_is_not_known_is_left_out() -> None:
    assert list(render([a_problem(hint="", excerpt="")])) == [
        "flow.yaml:4:9: error: flow.dead-end",
        "    Node 'x' is a dead end.",
        "",
    ]


def test_colours_change_nothing_but_the_colour() -> None:
    text = "\n".join(render([a_problem()], coloured=True))

    assert "\033[1;31merror:\033[0m" in text
    assert text.count("\033[0m") == 4


def test_all_lines_of_a_report_fit_into_eighty_columns() -> None:
    lines = list(render(check(read_flow(SAMPLES / "faulty.yaml"))))

    assert max(len(line) for line in lines if not line.startswith(str(SAMPLES))) <= 80


@pytest.mark.parametrize(
    ("column", "beginning", "end"),
    [(1, "@x", "x…"), (500, "…x", "x…"), (999, "…x", "x@")],
    ids=["beginning", "middle", "end"],
)
def test_a_long_line_is_cut_around_the_place(column: int, beginning: str, end: str) -> None:
    line = "x" * (column - 1) + "@" + "x" * (999 - column)

    lines = list(render([a_problem(excerpt=line, place=Place(line=1, column=column))]))

    shown, mark = lines[2].removeprefix("        1 | "), lines[3].removeprefix("          | ")
    assert shown.startswith(beginning)
    assert shown.endswith(end)
    assert shown[mark.index("^")] == "@"
    assert len(lines[2]) == 80


def test_a_line_cannot_steer_a_terminal() -> None:
    lines = list(render([a_problem(excerpt="\tid: \x1b[31mx")]))

    assert lines[2] == "        4 |  id:  [31mx"


def test_programs_get_one_object_a_line() -> None:
    lines = list(render([a_problem(), a_problem()], Format.JSON))

    assert len(lines) == 2
    assert json.loads(lines[0]) == {
        "file": "flow.yaml",
        "line": 4,
        "column": 9,
        "severity": "error",
        "code": "flow.dead-end",
        "message": "Node 'x' is a dead end.",
        "hint": "Connect it.",
    }


def test_github_gets_an_annotation() -> None:
    assert list(render([a_problem(severity=Severity.WARNING)], "github")) == [
        "::warning file=flow.yaml,line=4,col=9,title=flow.dead-end::Node 'x' is a dead end. Connect it."
    ]


def test_an_annotation_cannot_be_broken_out_of() -> None:
    problem = a_problem(file="a,b:c\n::error::.yaml", message="100%\r\n::error::", hint="")

    assert list(render([problem], "github")) == [
        "::error file=a%2Cb%3Ac%0A%3A%3Aerror%3A%3A.yaml,line=4,col=9,title=flow.dead-end::100%25%0D%0A::error::"
    ]


@pytest.mark.parametrize(
    ("severities", "text"),
    [
        ([], "no problems"),
        ([Severity.ERROR], "1 error"),
        ([Severity.WARNING, Severity.ERROR, Severity.ERROR], "2 errors, 1 warning"),
    ],
    ids=["none", "one", "several"],
)
def test_a_summary_counts(severities: list[Severity], text: str) -> None:
    assert summary([a_problem(severity=severity) for severity in severities]) == text


def test_a_flow_that_always_ends_is_told_in_few_lines() -> None:
    assert list(simulation_lines(a_simulation(), file="flow.yaml")) == [
        "flow.yaml: every path ends the call.",
        "    paths     1",
        "    shortest  2 nodes: trigger → queue",
        "    longest   2 nodes: trigger → queue",
    ]


def test_each_fault_is_told_by_its_path() -> None:
    faults = (
        PathFault(kind=FaultKind.DEAD_END, node="a", path=("trigger", "a")),
        PathFault(kind=FaultKind.LOOP, node="b", path=("trigger", "b", "b")),
    )
    simulation = a_simulation(ends=False, count=None, longest=(), fault_count=3, faults=faults)

    assert list(simulation_lines(simulation, file="flow.yaml")) == [
        "flow.yaml: not every path ends the call (3 faults).",
        "    paths     endlessly many",
        "    dead end  trigger → a",
        "    loop      trigger → b → b",
        "    … and 1 more.",
        "    shortest  2 nodes: trigger → queue",
    ]


def test_the_middle_of_a_long_path_is_left_out() -> None:
    path = tuple(f"node{number}" for number in range(100))

    lines = list(simulation_lines(a_simulation(longest=path), file="flow.yaml"))

    assert "(76 more)" in " ".join(lines)
    assert max(map(len, lines)) <= 80


def test_programs_get_the_number_of_paths_as_text() -> None:
    view = simulation_view(a_simulation(count=1 << 20_000), file="flow.yaml")

    assert len(json.loads(json.dumps(view))["paths"]) == 6021
