import pytest

from publisher.archy import NO_VALUES, Values
from publisher.genesys.documents import read_document
from tests.publisher.archy.flows import HANG_UP, a_file, a_text, problems, told, ways

START = "shared.yaml#/common/tasks/task[main]"
SHARED = """\
common:
  tasks:
    - task:
        name: Shared
        refId: main
        actions:
          - jumpToTask: {name: On, targetTaskRef: ./TARGET}
    - task:
        name: Other
        refId: other
        actions:
          - disconnect: {name: Bye}
"""


def shared(target: str) -> str:
    """The other file, with what its first task jumps to."""
    return SHARED.replace("./TARGET", f'"{target}"')


def start_of(text: str) -> object:
    """What a written flow begins with."""
    return read_document(text).data["inboundCall"]["startUpRef"]


def test_what_is_referred_to_is_taken_in_with_what_it_refers_to() -> None:
    file = a_file(a_text("tasks: []\n", start=START), shared=shared("/common/tasks/task[other]"))

    assert file.problems == ()
    assert ways(file) == ["start > Shared", "Shared > Shared/On", "Shared/On > Other", "Other > Other/Bye"]
    assert file.files == ("shared.yaml",)


@pytest.mark.parametrize(
    "target", ["/common/tasks/task[other]", "../../task[other]", "shared.yaml#/common/tasks/task[other]"]
)
def test_every_form_of_reference_leads_on(target: str) -> None:
    assert "Shared/On > Other" in ways(a_file(a_text("tasks: []\n", start=START), shared=shared(target)))


def test_the_written_flow_stands_alone() -> None:
    file = a_file(a_text("tasks: []\n", start=START), shared=shared("/common/tasks/task[other]"))

    again = a_file(file.resolved)

    assert start_of(file.resolved) == "/inboundCall/tasks/task[main]"
    assert (again.problems, ways(again)) == ((), ways(file))
    assert again.resolved == file.resolved


def test_a_taken_refid_gives_way_to_one_that_is_there() -> None:
    file = a_file(a_text(start=START), shared=shared("/common/tasks/task[other]"))

    assert start_of(file.resolved) == "/inboundCall/tasks/task[main_2]"
    assert file.problems == ()


def test_what_is_referred_to_twice_is_taken_once() -> None:
    both = a_text(f"settings: {{errorRef: '{START}'}}\n", start=START)

    file = a_file(both, shared=shared("/common/tasks/task[main]"))

    assert file.resolved.count("name: Shared") == 1


def test_a_taken_part_may_refer_to_the_flow_that_takes_it() -> None:
    text = a_text("menus:\n  - menu: {name: Menu, refId: menu}\n", start=START)

    file = a_file(text, shared=shared("/inboundCall/menus/menu[menu]"))

    assert (file.problems, "Shared/On > Menu" in ways(file)) == ((), True)


def test_a_reference_within_what_was_taken_stays() -> None:
    text = a_text("tasks: []\n", start="shared.yaml#/common/menus/menu[m]")
    menu = "common: {menus: [menu: {name: M, refId: m, defaultChildMenuRef: './choices/menuDisconnect[x]', "

    file = a_file(text, shared=menu + "choices: [menuDisconnect: {name: X, refId: x}]}]}")

    assert (file.problems, "M > M/X: default" in ways(file)) == ((), True)


def test_a_choice_of_another_file_comes_with_its_menu() -> None:
    text = a_text(start="shared.yaml#/common/menus/menu[m]/choices/menuDisconnect[x]")

    file = a_file(text, shared="common: {menus: [menu: {refId: m, choices: [menuDisconnect: {refId: x}]}]}")

    assert start_of(file.resolved) == "/inboundCall/menus/menu[m]/choices/menuDisconnect[x]"
    assert file.problems == ()


def test_a_file_may_name_itself() -> None:
    file = a_file(a_text(start="./flow.yaml#/inboundCall/tasks/task[main]"))

    assert (start_of(file.resolved), file.problems) == ("/inboundCall/tasks/task[main]", ())


def test_a_problem_of_a_taken_part_has_its_place_in_its_own_file() -> None:
    faulty = shared("/common/tasks/task[other]").replace("disconnect", "disconect")

    found = problems(a_text("tasks: []\n", start=START), shared=faulty)

    (problem,) = [each for each in found if each.code == "archy.unknown-action"]
    assert (problem.file, str(problem.place)) == ("shared.yaml", "12:13")
    assert problem.excerpt == "          - disconect: {name: Bye}"


def test_values_go_into_other_files_too() -> None:
    text = a_text("tasks: []\n", start=START)
    other = shared("/common/tasks/task[other]").replace("name: Other", "name: {{long}} {{none}}")

    found = problems(text, Values(texts={"long": "A name that moves what follows"}), shared=other)

    assert [(each.file, str(each.place), each.code) for each in found] == [("shared.yaml", "9:24", "archy.no-value")]


@pytest.mark.parametrize(
    ("start", "message"),
    [
        ("gone.yaml#/common/tasks/task[main]", "The file cannot be read: gone.yaml: there is no such file."),
        ("/etc/x.yaml#/a", "'/etc/x.yaml' is no path to a file beside this one."),
        ("a\\\\b.yaml#/a", "'a\\b.yaml' is no path to a file beside this one."),
        ("shared.yaml#/common/tasks/task[gone]", "'shared.yaml' has no '/common/tasks/task[gone]'."),
        ("shared.yaml#/common", "What this refers to is none of menu, task, state, bot; only those can be taken in."),
    ],
    ids=["no file", "absolute", "backslash", "nothing there", "no task"],
)
def test_what_cannot_be_taken_is_told_where_it_is_wanted(start: str, message: str) -> None:
    problem = problems(a_text(start=start), shared=shared("/common/tasks/task[other]"))[0]

    assert (problem.file, str(problem.place), problem.code) == ("flow.yaml", "4:15", "archy.bad-reference")
    assert problem.message == message


def test_another_file_that_is_no_yaml_is_told_in_both_places() -> None:
    found = problems(a_text(start=START), shared="common: [")

    assert [(each.file, each.code) for each in found][:2] == [
        ("flow.yaml", "archy.bad-reference"),
        ("shared.yaml", "file.syntax"),
    ]


def test_a_dead_reference_within_another_file_has_its_place_there() -> None:
    found = problems(a_text("tasks: []\n", start=START), shared=shared("/common/tasks/task[gone]"))

    assert [(each.file, str(each.place)) for each in found if each.code == "archy.bad-reference"] == [
        ("shared.yaml", "7:51")
    ]


def test_without_references_to_other_files_the_text_is_uploaded_as_it_is() -> None:
    text = a_text() + "  # a comment that stays: {{x}}\n"

    file = a_file(text, Values(texts={"x": "1"}))

    assert file.resolved == text.replace("{{x}}", "1")
    assert told(text, Values(texts={"x": "1"})) == []


def test_a_reference_to_another_file_may_wait_for_a_value() -> None:
    assert told(a_text(start="{{x}}.yaml#/a/b")) == ["4:16 archy.no-value"]


def test_not_more_than_a_hundred_files_are_read() -> None:
    references = "".join(f"  a{number}Ref: f{number}.yaml#/c/tasks/task[t]\n" for number in range(101))
    files = {f"f{number}": "c: {tasks: [task: {refId: t, actions: [disconnect: ]}]}" for number in range(101)}

    found = problems(a_text(f"settings:\n{references}") + HANG_UP, NO_VALUES, **files)

    assert [problem.message for problem in found] == ["More than 100 files are referred to."]


def test_a_file_that_cannot_be_read_is_told_at_each_reference() -> None:
    found = problems(a_text(f"settings: {{errorRef: '{START}'}}\n", start=START) + HANG_UP, shared="common: [")

    assert [(each.file, each.place.line) for each in found] == [("flow.yaml", 4), ("flow.yaml", 5), ("shared.yaml", 1)]
