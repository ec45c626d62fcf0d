"""The ways through a flow: which edges its graph has."""

import pytest

from tests.publisher.archy.flows import HANG_UP, a_file, a_task, a_text, another_task, problems, told, ways

BYE = "- disconnect: {name: Bye}"
MENU = """\
menus:
  - menu:
      name: Menu
      refId: menu
      choices:
        - menuDisconnect: {name: Bye, dtmf: digit_9}
"""


def task_ways(*actions: str, more: str = "") -> list[str]:
    """The edges of a flow with one task of these actions, without the two that lead into it."""
    return ways(a_file(a_text(more + a_task(*actions))))[2:]


def test_actions_follow_one_another() -> None:
    assert task_ways("- playAudio: {name: Hello}", BYE) == ["Main/Hello > Main/Bye"]


def test_outputs_come_together_again() -> None:
    decision = """\
    - decision:
        name: Open?
        outputs:
          yes: {actions: [playAudio: {name: Open}]}
          no: {actions: [disconnect: {name: Closed}]}
    """

    assert task_ways(decision, BYE) == [
        "Main/Open? > Main/Open: yes",
        "Main/Open > Main/Bye",
        "Main/Open? > Main/Closed: no",
    ]


@pytest.mark.parametrize(
    ("action", "condition"),
    [
        ("- decision: {name: A, outputs: {yes: {actions: [disconnect: {name: End}]}}}", "no"),
        ("- callData: {name: A, outputs: {failure: {actions: [disconnect: {name: End}]}}}", "success or timeout"),
        ("- dataTableLookup: {name: A, outputs: {notFound: {actions: [disconnect: {name: End}]}}}", "found or failure"),
        ("- sendBird: {name: A, outputs: {unheard: {actions: [disconnect: {name: End}]}}}", "otherwise"),
        ("- sendBird: {name: A, outputs: {success: {actions: [disconnect: {name: End}]}}}", "otherwise"),
    ],
)
def test_an_output_that_is_left_out_goes_straight_on(action: str, condition: str) -> None:
    assert f"Main/A > Main/Bye: {condition}" in task_ways(action, BYE)


def test_where_all_outputs_are_written_nothing_goes_straight_on() -> None:
    action = "- sendBird: {name: A, outputs: {success: {actions: [disconnect: ]}, failure: {actions: [disconnect: ]}}}"

    assert "Main/A > Main/Bye: otherwise" not in task_ways(action, BYE)


def test_cases_of_a_switch_are_outputs() -> None:
    switch = """\
    - switch:
        name: Which?
        evaluate:
          firstTrue:
            default: {actions: [playAudio: {name: None}]}
            cases:
              - case: {value: {exp: A}, actions: [playAudio: {name: First}]}
              - case: {value: {exp: B}, actions: [playAudio: {name: Second}]}
    """

    assert [way for way in task_ways(switch, BYE) if way.startswith("Main/Which?")] == [
        "Main/Which? > Main/None: default",
        "Main/Which? > Main/First: case 1",
        "Main/Which? > Main/Second: case 2",
    ]


def test_a_loop_goes_round_and_on() -> None:
    loop = """\
    - loop:
        name: Thrice
        outputs:
          loop:
            actions:
              - decision: {name: Enough?, outputs: {yes: {actions: [loopExit: {name: Out}]}}}
              - loopNext: {name: Next}
    """

    assert task_ways(loop, BYE) == [
        "Main/Thrice > Main/Enough?: loop",
        "Main/Enough? > Main/Out: yes",
        "Main/Out > Main/Bye",
        "Main/Enough? > Main/Next: no",
        "Main/Next > Main/Thrice",
        "Main/Thrice > Main/Bye: done",
    ]


def test_a_called_task_is_reached_and_the_call_goes_on() -> None:
    call = "- callTask: {name: Ask, targetTaskRef: '/inboundCall/tasks/task[ask]'}"
    tasks = a_task(call, BYE, tasks=another_task("- playAudio: {name: Hello}", name="Ask", ref_id="ask"))

    assert ways(a_file(a_text(tasks)))[2:] == [
        "Main/Ask > Ask: calls",
        "Main/Ask > Main/Bye: returned",
        "Ask > Ask/Hello",
        "Ask/Hello > end of Ask",
    ]


def test_the_paths_of_a_called_task_have_their_names() -> None:
    call = """\
    - callTask:
        name: Ask
        targetTaskRef: /inboundCall/tasks/task[main]
        outputs:
          paths:
            - path: {name: Failure, actions: [disconnect: {name: End}]}
    """

    assert "Main/Ask > Main/End: Failure" in task_ways(call, BYE)


def test_a_jump_does_not_come_back() -> None:
    jump = "- jumpToMenu: {name: Go, targetMenuRef: '/inboundCall/menus/menu[menu]'}"

    assert task_ways(jump, BYE, more=MENU) == ["Main > Main/Go", "Main/Go > Menu"]


def test_choices_are_told_by_their_keys() -> None:
    menu = """\
    menus:
      - menu:
          name: Menu
          refId: main
          choices:
            - menuDisconnect: {name: A, dtmf: digit_1}
            - menuDisconnect: {name: B, dtmf: star}
            - menuDisconnect: {name: C, dtmf: pound}
            - menuDisconnect: {name: D}
    """

    found = ways(a_file(a_text(menu, start="/inboundCall/menus/menu[main]")))

    assert found[1:] == ["Menu > Menu/A: 1", "Menu > Menu/B: *", "Menu > Menu/C: #", "Menu > Menu/D: D"]


def test_menus_within_menus_lead_back() -> None:
    menu = """\
    menus:
      - menu:
          name: Top
          refId: main
          choices:
            - menuSubMenu:
                name: Sub
                dtmf: digit_1
                choices:
                  - menuPreviousMenu: {name: Back, dtmf: digit_1}
                  - menuRepeatMenu: {name: Again, dtmf: digit_2}
    """

    found = ways(a_file(a_text(menu, start="/inboundCall/menus/menu[main]")))

    assert "Top/Sub/Back > Top" in found
    assert "Top/Sub/Again > Top/Sub" in found


def test_the_menu_before_is_unknown_to_a_task() -> None:
    assert task_ways("- previousMenu: {name: Back}") == []


def test_a_transfer_ends_the_flow_when_it_succeeds() -> None:
    file = a_file(a_text(a_task("- transferToAcd: {name: Sales}")))

    assert file.graph is not None
    assert bytes(file.graph.terminals) == b"\x00\x00\x01"


def test_a_transfer_goes_on_when_it_fails() -> None:
    assert task_ways("- transferToAcd: {name: Sales}", BYE) == [
        "Main/Sales > Main/Sales done: success",
        "Main/Sales > Main/Bye: failure",
    ]


def test_a_way_that_runs_out_ends_in_a_node_of_its_own() -> None:
    file = a_file(a_text(a_task("- playAudio: {name: Hello}")))

    assert ways(file)[-1] == "Main/Hello > end of Main"
    assert file.graph is not None
    assert file.graph.types[-1] == "end"


def test_a_flow_may_begin_with_its_own_actions() -> None:
    text = "inqueueCall:\n  name: Queue\n  startUpTaskActions:\n    - holdMusic: {name: Music}\n"

    assert ways(a_file(text)) == ["start > Music", "Music > end of start"]
    assert told(text) == []


def test_error_handling_leads_from_the_start() -> None:
    text = a_text("settingsErrorHandling: {errorHandling: {jumpToTask: {targetTaskRef: './x'}}}\n").replace(
        "./x", "/inboundCall/tasks/task[main]"
    )
    text += "  tasks: [task: {name: Main, refId: main, actions: [disconnect: {name: Bye}]}]"

    assert "start > Main: settingsErrorHandling" in ways(a_file(text))


def test_parts_of_one_name_are_numbered() -> None:
    file = a_file(
        a_text(a_task("- playAudio: {name: A}", "- playAudio: {name: A}", "- playAudio: {name: 'A #2'}", BYE))
    )

    assert file.graph is not None
    assert list(file.graph.ids) == ["start", "Main", "Main/A", "Main/A #2", "Main/A #2 #2", "Main/Bye"]


def test_a_nameless_action_goes_by_its_kind() -> None:
    assert task_ways("- endTask:", BYE) == []
    assert "Main > Main/endTask" in ways(a_file(a_text(a_task("- endTask:"))))


def test_each_node_has_its_place() -> None:
    file = a_file(a_text(a_task("- playAudio: {name: Hello}")))

    places = [file.node_place(node) for node in range(4)]

    assert [str(place[1]) if place else None for place in places] == ["1:1", "6:7", "10:13", None]


@pytest.mark.parametrize(
    ("parts", "place", "message"),
    [
        (
            "tasks: {main: {name: Main}}\n",
            "5:10",
            "'tasks' must be a list of tasks.",
        ),
        (
            a_task("- disconnect:\n  name: Bye"),
            "10:13",
            "An item of 'actions' is a mapping with one key, its kind; this has 2: 'disconnect', 'name'.",
        ),
        (a_task("- disconnect"), "10:13", "An item of 'actions' is a mapping with one key, its kind; this is none."),
        (a_task("- disconnect: now"), "10:25", "'disconnect' must hold fields."),
        ("tasks:\n  - menu: {name: Main}\n", "6:7", "An item of 'tasks' must be a 'task'; this is 'menu'."),
        (
            "tasks:\n  - task: {refId: main, actions: {disconnect: {name: Bye}}}\n",
            "6:36",
            "'actions' must be a list of actions.",
        ),
    ],
    ids=["no list", "not indented", "no fields", "text", "other kind", "actions"],
)
def test_what_has_another_shape_is_told(parts: str, place: str, message: str) -> None:
    (problem,) = [each for each in problems(a_text(parts)) if each.code == "archy.shape"]

    assert (str(problem.place), problem.message) == (place, message)


def test_a_list_may_be_empty() -> None:
    assert told(a_text("menus:\nstates: []\n") + HANG_UP) == []
