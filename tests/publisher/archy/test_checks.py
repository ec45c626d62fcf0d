import pytest

from publisher.archy import check_archy
from tests.publisher.archy.flows import HANG_UP, a_file, a_task, a_text, another_task, problems, told

JUMP = "- jumpToTask: {{name: Go, targetTaskRef: '/inboundCall/tasks/task[{}]'}}"
BYE = "- disconnect: {name: Bye}"


def codes(text: str) -> list[str]:
    return [problem.code for problem in problems(text)]


def test_a_flow_that_is_right_has_no_problems() -> None:
    assert told(a_text()) == []


@pytest.mark.parametrize(
    ("line", "place", "message"),
    [
        ("name: Sales/Service", "2:9", "The flow's name 'Sales/Service' has a '/'."),
        ("name: main-debug", "2:9", "The flow's name 'main-debug' ends with '-debug', which the platform keeps"),
        (f"name: {'x' * 201}", "2:9", "is longer than 200 characters."),
    ],
    ids=["slash", "debug", "long"],
)
def test_a_name_that_the_platform_does_not_take(line: str, place: str, message: str) -> None:
    (problem,) = problems(a_text().replace("name: Main", line, 1))

    assert (str(problem.place), problem.code) == (place, "archy.bad-name")
    assert message in problem.message


@pytest.mark.parametrize("line", ["name: Debugging", f"name: {'x' * 200}", "name: 12", "name: Ünïcode & more: yes?"])
def test_other_names_are_taken(line: str) -> None:
    assert told(a_text().replace("name: Main", line, 1).replace(": yes", " - yes")) == []


@pytest.mark.parametrize("line", ["", 'name: ""', "name:"], ids=["absent", "empty", "null"])
def test_a_flow_has_a_name(line: str) -> None:
    (problem,) = problems(a_text().replace("name: Main", line, 1))

    assert (problem.code, problem.message) == ("archy.missing-field", "The flow has no 'name'.")


def test_a_flow_has_a_start() -> None:
    text = a_text().replace('  startUpRef: "/inboundCall/tasks/task[main]"\n', "")

    assert told(text) == ["2:3 archy.missing-field"]


def test_not_every_type_of_flow_names_its_start() -> None:
    assert told("commonModule:\n  name: M\n  startUpTaskActions:\n    - playAudio: {name: Hello}\n") == []
    assert told("voicemail:\n  name: M\n") == []


@pytest.mark.parametrize("tag", ["en-us", "de", "zh-Hant-TW", "pt-BR", "fil"])
def test_language_tags_are_taken(tag: str) -> None:
    assert told(a_text(f"supportedLanguages: {{{tag}: {{none: true}}}}\n") + HANG_UP) == []


@pytest.mark.parametrize("tag", ["english", "en_us", "e", "en-", "12"])
def test_what_is_no_language_tag_is_told(tag: str) -> None:
    text = a_text(f"supportedLanguages:\n  {tag}: {{none: true}}\n") + HANG_UP

    assert told(text) == ["6:5 archy.bad-language"]
    assert told(a_text().replace("en-us", tag)) == ["3:20 archy.bad-language"]


def test_supported_languages_may_be_a_list() -> None:
    assert told(a_text("supportedLanguages: [en-us, nonsense]\n") + HANG_UP) == ["5:31 archy.bad-language"]


def test_a_refid_is_used_once_in_its_list() -> None:
    tasks = a_task(
        JUMP.format("b"), tasks=another_task(BYE, name="B", ref_id="b") + another_task(BYE, name="C", ref_id="b")
    )

    (problem,) = [each for each in problems(a_text(tasks)) if each.code == "archy.duplicate-ref-id"]

    assert str(problem.place) == "18:16"
    assert problem.message == "refId 'b' is used twice for a task; the first one is in line 13."


def test_a_refid_may_be_used_again_for_something_else() -> None:
    menus = (
        "menus:\n  - menu: {name: M, refId: main, choices: [menuDisconnect: {refId: main}, menuTask: {refId: main}]}\n"
    )

    assert "archy.duplicate-ref-id" not in codes(a_text(menus) + HANG_UP)


def test_a_number_is_a_refid_too() -> None:
    text = a_text("menus:\n  - menu: {name: A, refId: 1}\n  - menu: {name: B, refId: '1'}\n") + HANG_UP

    assert "archy.duplicate-ref-id" in codes(text)


def test_a_key_belongs_to_one_choice_of_a_menu() -> None:
    menus = """\
    menus:
      - menu:
          name: Top
          refId: main
          choices:
            - menuDisconnect: {name: A, dtmf: digit_1}
            - menuDisconnect: {name: B, dtmf: digit_1}
      - menu:
          name: Other
          choices:
            - menuDisconnect: {name: C, dtmf: digit_1}
            - menuDisconnect: {name: D}
            - menuDisconnect: {name: E}
    """

    (problem,) = [
        each for each in problems(a_text(menus, start="/inboundCall/menus/menu[main]")) if each.code.endswith("dtmf")
    ]

    assert (str(problem.place), problem.message) == ("11:45", "Key 1 of menu 'Top' is taken twice: by 'A' and by 'B'.")


def test_unknown_actions_are_warned_of() -> None:
    (problem,) = problems(a_text(a_task("- playAudoi: {name: Hello}", BYE)))

    assert (str(problem.place), problem.code) == ("10:13", "archy.unknown-action")
    assert problem.hint == "Did you mean 'playAudio'?"


def test_the_config_can_make_actions_known() -> None:
    file = a_file(a_text(a_task("- coo: {name: Coo}", BYE)))

    assert check_archy(file, known_actions={"coo"}) == ()
    assert "known_types" in check_archy(file)[0].hint


def test_what_nothing_leads_to_is_warned_of() -> None:
    tasks = a_task(
        BYE, tasks=another_task(JUMP.format("c"), name="B", ref_id="b") + another_task(BYE, name="C", ref_id="c")
    )

    assert told(a_text(tasks)) == ["11:7 archy.unreachable", "16:7 archy.unreachable"]


def test_where_no_start_is_known_nothing_is_called_unreachable() -> None:
    assert codes(a_text(start="/inboundCall/tasks/task[gone]")) == ["archy.bad-reference"]


@pytest.mark.parametrize("action", ["playAudio", "setParticipantData", "sendPigeon"])
def test_actions_that_run_out_are_warned_of(action: str) -> None:
    (problem,) = [
        each for each in problems(a_text(a_task(f"- {action}: {{name: Last}}"))) if each.code == "archy.open-end"
    ]

    assert (str(problem.place), problem.message) == (
        "10:13",
        f"After 'Last' ({action}), task 'Main' can run out without an end.",
    )


def test_an_output_that_runs_out_is_warned_of() -> None:
    decision = (
        "- decision: {name: A, outputs: {yes: {actions: [playAudio: {name: Last}]}, no: {actions: [disconnect: ]}}}"
    )

    assert codes(a_text(a_task(decision))) == ["archy.open-end"]


def test_an_empty_task_is_warned_of() -> None:
    (problem,) = problems(a_text("tasks:\n  - task: {name: Main, refId: main}\n"))

    assert (problem.code, problem.message) == ("archy.open-end", "Task 'Main' has no actions.")


@pytest.mark.parametrize(
    "action",
    [
        "disconnect",
        "transferToNumber",
        "endTask",
        "endState",
        "endWorkflow",
        "exitBotFlow",
        "returnToAgent",
        "jumpToMenu",
        "changeState",
    ],
)
def test_actions_that_end_something_do_not_run_out(action: str) -> None:
    assert "archy.open-end" not in codes(a_text(a_task(f"- {action}: {{name: Last}}")))


def test_a_called_task_may_run_out() -> None:
    call = "- callTask: {name: Ask, targetTaskRef: '/inboundCall/tasks/task[ask]'}"
    tasks = a_task(call, BYE, tasks=another_task("- playAudio: {name: Hello}", name="Ask", ref_id="ask"))

    assert told(a_text(tasks)) == []


def test_flows_that_others_call_may_run_out() -> None:
    assert told("commonModule:\n  name: M\n  startUpTaskActions:\n    - playAudio: {name: Hello}\n") == []


def test_a_loop_without_a_point_that_waits_is_warned_of() -> None:
    (problem,) = problems(a_text(a_task("- playAudio: {name: Hello}", JUMP.format("main"))))

    assert (str(problem.place), problem.code) == ("11:13", "archy.endless-loop")
    assert problem.message == "Nothing waits in the loop Main → Main/Hello → Main/Go → Main."


@pytest.mark.parametrize(
    "action", ["collectInput", "holdMusic", "wait", "callBotFlow", "callCommonModule", "askForSlot", "sendPigeon"]
)
def test_a_loop_that_waits_or_may_is_no_trouble(action: str) -> None:
    assert "archy.endless-loop" not in codes(a_text(a_task(f"- {action}: {{name: Here}}", JUMP.format("main"))))


def test_a_loop_through_a_menu_waits() -> None:
    menus = """\
    menus:
      - menu:
          name: Menu
          refId: menu
          choices:
            - menuJumpToTask: {name: Go, dtmf: digit_1, targetTaskRef: "/inboundCall/tasks/task[main]"}
    """
    tasks = a_task("- jumpToMenu: {name: Go, targetMenuRef: '/inboundCall/menus/menu[menu]'}")

    assert told(a_text(menus) + a_text(tasks).partition('[main]"\n')[2]) == []


@pytest.mark.parametrize(("action", "found"), [("collectInput", []), ("playAudio", ["archy.endless-loop"])])
def test_a_loop_waits_where_the_task_that_it_calls_does(action: str, found: list[str]) -> None:
    call = "- callTask: {name: Ask, targetTaskRef: '/inboundCall/tasks/task[ask]'}"
    asked = another_task(f"- {action}: {{name: Ask}}", name="Ask", ref_id="ask")

    assert codes(a_text(a_task(call, JUMP.format("main"), tasks=asked))) == found


def test_a_loop_action_counts_its_rounds_itself() -> None:
    loop = "- loop: {name: Thrice, outputs: {loop: {actions: [playAudio: {name: A}, loopNext: {name: B}]}}}"

    assert told(a_text(a_task(loop, BYE))) == []


def test_a_long_loop_is_cut() -> None:
    audio = [f"- playAudio: {{name: A{number}}}" for number in range(20)]

    (problem,) = problems(a_text(a_task(*audio, JUMP.format("main"))))

    assert problem.message == (
        "Nothing waits in the loop Main → Main/A0 → Main/A1 → Main/A2 → (15 more)"
        " → Main/A18 → Main/A19 → Main/Go → Main."
    )


@pytest.mark.parametrize(
    ("actions", "found"),
    [
        (["- transferToAcd: {name: T}"], ["archy.no-failure-output"]),
        (
            ["- transferToAcd: {name: T, outputs: {failure: {actions: []}}}"],
            ["archy.no-failure-output"],
        ),
        (["- transferToAcd: {name: T, outputs: {failure: {actions: [disconnect: ]}}}"], []),
        (["- transferToAcd: {name: T}", BYE], []),
    ],
    ids=["nothing", "empty", "an output", "an action"],
)
def test_a_transfer_says_what_happens_when_it_fails(actions: list[str], found: list[str]) -> None:
    assert sorted(codes(a_text(a_task(*actions)))) == found


def test_problems_come_in_the_order_of_the_file() -> None:
    text = a_text().replace("en-us", "english").replace("name: Main", "name: a/b", 1).replace("disconnect", "disconect")

    assert codes(text) == ["archy.bad-name", "archy.bad-language", "archy.open-end", "archy.unknown-action"]
