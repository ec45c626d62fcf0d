import pytest

from publisher.archy.references import Navigator, Reference, Step, parse_reference, written
from tests.publisher.archy.flows import HANG_UP, a_task, a_text, problems, told

DATA = {
    "workflow": {
        "tasks": [
            {"task": {"refId": "a/b [c]", "actions": []}},
            {"task": {"refId": 12, "actions": [{"loop": {"refId": "again"}}]}},
        ]
    }
}


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("/a/b", Reference(steps=(Step(name="a"), Step(name="b")))),
        ("/a/menu[Main Menu_10]", Reference(steps=(Step(name="a"), Step(name="menu", ref_id="Main Menu_10")))),
        ("/menu[a/b]/c", Reference(steps=(Step(name="menu", ref_id="a/b"), Step(name="c")))),
        ("./menus", Reference(steps=(Step(name="menus"),), up=0)),
        ("../menus", Reference(steps=(Step(name="menus"),), up=1)),
        ("../../menus", Reference(steps=(Step(name="menus"),), up=2)),
        ("shared/x.yaml#/a", Reference(steps=(Step(name="a"),), file="shared/x.yaml")),
        ("../x.yaml#/a", Reference(steps=(Step(name="a"),), file="../x.yaml")),
    ],
)
def test_a_reference_is_taken_apart(text: str, reference: Reference) -> None:
    assert parse_reference(text) == reference


@pytest.mark.parametrize("text", ["", "menus", "/", "./", "//a", "/menu[a]b", "x.yaml#", "#/a", "Flow.Menu", "/a/[b]"])
def test_other_texts_are_no_references(text: str) -> None:
    assert parse_reference(text) is None


def test_a_reference_can_be_written_again() -> None:
    reference = parse_reference("/inboundCall/menus/menu[Main Menu_10]")

    assert reference is not None
    assert written(reference.steps) == "/inboundCall/menus/menu[Main Menu_10]"


@pytest.mark.parametrize(
    ("text", "at", "found"),
    [
        ("/workflow/tasks/task[a/b [c]]", (), ("workflow", "tasks", 0, "task")),
        ("/workflow/tasks/task[12]", (), ("workflow", "tasks", 1, "task")),
        ("/workflow/tasks/task[12]/actions/loop[again]", (), ("workflow", "tasks", 1, "task", "actions", 0, "loop")),
        ("./tasks/task[12]", ("workflow",), ("workflow", "tasks", 1, "task")),
        ("../task[12]", ("workflow", "tasks", 0, "task"), ("workflow", "tasks", 1, "task")),
        ("../tasks/task[12]", ("workflow", "tasks", 0, "task"), ("workflow", "tasks", 1, "task")),
        ("../../tasks/task[12]", ("workflow", "tasks", 0, "task"), ("workflow", "tasks", 1, "task")),
        ("./tasks/task[12]", ("workflow", "tasks", 0, "task"), None),
        ("/workflow/tasks/task", (), None),
        ("/workflow/tasks/menu[12]", (), None),
        ("/workflow/menus", (), None),
        ("/workflow/tasks/task[12]/refId/x", (), None),
    ],
)
def test_a_reference_is_followed(text: str, at: tuple[str | int, ...], found: tuple[str | int, ...] | None) -> None:
    reference = parse_reference(text)

    assert reference is not None
    assert Navigator(DATA).find(reference, at=at) == found


@pytest.mark.parametrize(
    ("reference", "hint"),
    [
        ("/inboundCall/tasks/task[mian]", "Did you mean 'main'?"),
        ("/inboundCall/tasks/task[xyz]", "There is main."),
        ("/inboundCall/taks/task[main]", "Did you mean 'tasks'?"),
        ("/workflow/tasks/task[main]", ""),
        ("./tasks/task[mian]", "Did you mean 'main'?"),
        ("/inboundCall/tasks/task[main]/actions/x/y", ""),
        ("/inboundCall/taskz[main]", ""),
        ("/inboundCall/tasks/menu[main]", ""),
    ],
)
def test_a_reference_to_nothing_says_what_was_probably_meant(reference: str, hint: str) -> None:
    (problem,) = problems(a_text(start=reference))

    assert (str(problem.place), problem.code, problem.hint) == ("4:15", "archy.bad-reference", hint)


@pytest.mark.parametrize("reference", ["{{x}}", "/inboundCall/tasks/task[{{x}}]"], ids=["all of it", "its refId"])
def test_a_reference_that_waits_for_a_value_is_not_judged(reference: str) -> None:
    assert told(a_text(start=reference)) == [f"4:{16 + reference.index('{{')} archy.no-value"]


def test_a_known_key_must_have_a_reference() -> None:
    (problem,) = problems(a_text(start="main"))

    assert (problem.code, problem.message) == ("archy.bad-reference", "'startUpRef' is no reference: 'main'.")


def test_other_keys_that_end_alike_need_not_refer_to_anything() -> None:
    assert told(a_text("settings: {documentRef: some text, otherRef: 5, thirdRef: null}\n") + HANG_UP) == []


def test_other_keys_that_refer_to_something_are_followed() -> None:
    text = a_text("settings: {fallBackRef: '/inboundCall/menus/menu[gone]'}\n") + HANG_UP

    assert told(text) == ["5:27 archy.bad-reference"]


def test_a_reference_of_an_action_has_its_place() -> None:
    text = a_text(a_task("- jumpToTask: {name: Go, targetTaskRef: '/inboundCall/tasks/task[gone]'}"))

    assert told(text) == ["10:51 archy.bad-reference"]


def test_a_reference_upwards_says_what_was_probably_meant_there() -> None:
    (problem,) = problems(a_text(a_task("- jumpToTask: {name: Go, targetTaskRef: '../../../task[mian]'}")))

    assert (problem.code, problem.hint) == ("archy.bad-reference", "Did you mean 'main'?")


def test_a_reference_may_mean_what_is_no_part() -> None:
    assert told(a_text("settings: {inner: {a: b}, outerRef: ./inner}\n") + HANG_UP) == []
