import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.comparing import Comparison, Sign, compare
from publisher.outline import outline_of
from tests.publisher.archy.flows import a_file as archy_file
from tests.publisher.archy.flows import a_task, a_text
from tests.publisher.flow_makers import Json, a_file, a_flow, a_node


def compared(old: Json, new: Json) -> Comparison:
    before, after = outline_of(a_file(old)), outline_of(a_file(new))
    assert before is not None
    assert after is not None
    return compare(before, after)


def words(old: Json, new: Json) -> list[str]:
    return [str(change) for change in compared(old, new).changes]


def with_settings(**settings: str) -> Json:
    flow = a_flow("trigger>say", "say>queue")
    flow["nodes"][1] = a_node("say", settings=settings)
    return flow


FLOW = a_flow("trigger>menu", "menu>queue:1", "menu>hangup:2")


def test_nothing_is_said_where_nothing_changed() -> None:
    comparison = compared(FLOW, FLOW)

    assert comparison.changes == ()
    assert set(comparison.nodes) == set(comparison.edges) == {Sign.SAME}


def test_what_was_added_stands_in_the_new_flow() -> None:
    comparison = compared(FLOW, a_flow("trigger>menu", "menu>queue:1", "menu>hangup:2", "menu>transfer:3"))

    assert [str(change) for change in comparison.changes] == [
        "+ node 'transfer' (transfer, 'Transfer')",
        "+ connection 'menu' → 'transfer' on '3'",
    ]
    assert dict(zip(comparison.outline.graph.ids, comparison.nodes, strict=True))["transfer"] is Sign.ADDED
    assert comparison.edges == [Sign.SAME, Sign.SAME, Sign.SAME, Sign.ADDED]


def test_what_was_removed_is_still_to_be_seen() -> None:
    comparison = compared(FLOW, a_flow("trigger>menu", "menu>queue:1"))

    assert [str(change) for change in comparison.changes] == [
        "− node 'hangup' (hangup, 'Hangup')",  # noqa: RUF001
        "− connection 'menu' → 'hangup' on '2'",  # noqa: RUF001
    ]
    assert comparison.outline.graph.ids == ["trigger", "menu", "queue", "hangup"]
    assert comparison.outline.names[-1] == "Hangup"
    assert comparison.nodes[-1] is comparison.edges[-1] is Sign.REMOVED
    assert comparison.outline.graph.conditions[-1] == "2"


def test_another_condition_is_a_change_of_the_connection() -> None:
    comparison = compared(FLOW, a_flow("trigger>menu", "menu>queue:1", "menu>hangup:9"))

    assert [change.text for change in comparison.changes] == [
        "connection 'menu' → 'hangup' is taken on '9', was on '2'"
    ]
    assert comparison.edges[-1] is Sign.CHANGED
    assert comparison.outline.graph.conditions[-1] == "2 → 9"


def test_another_goal_is_one_change_in_words_and_two_lines_in_the_picture() -> None:
    comparison = compared(
        a_flow("trigger>a", "trigger>b:1", alone=["c"]), a_flow("trigger>a", "trigger>c:1", alone=["b"])
    )

    assert [change.text for change in comparison.changes] == [
        "connection from 'trigger' on '1' leads to 'c', no longer to 'b'"
    ]
    assert comparison.edges == [Sign.SAME, Sign.ADDED, Sign.REMOVED]


def test_a_connection_that_is_there_twice_counts_twice() -> None:
    once, twice = a_flow("trigger>queue:1"), a_flow("trigger>queue:1", "trigger>queue:1")

    assert words(once, twice) == ["+ connection 'trigger' → 'queue' on '1'"]
    assert words(twice, once) == ["− connection 'trigger' → 'queue' on '1'"]  # noqa: RUF001


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ({"voice": "male"}, {"voice": "female"}, "~ node 'say': settings.voice 'male' → 'female'"),
        ({}, {"voice": "male"}, "~ node 'say': settings.voice 'male' is new"),
        ({"voice": "male"}, {}, "~ node 'say': settings.voice 'male' is gone"),
        ({"text": "x" * 70}, {"text": f"{'x' * 70}y"}, f"~ node 'say': settings.text '…{'x' * 24}' → '…{'x' * 24}y'"),
        (
            {"text": f"{'Please hold the line. ' * 5}Until six."},
            {"text": f"{'Please hold the line. ' * 5}Until five."},
            "~ node 'say': settings.text '…hold the line. Until six.' → '…hold the line. Until five.'",
        ),
    ],
    ids=["changed", "new", "gone", "the end of a long word", "the end of a long text"],
)
def test_what_a_file_says_of_a_node_is_compared_value_by_value(old: Json, new: Json, change: str) -> None:
    assert words(with_settings(**old), with_settings(**new)) == [change]


def test_a_node_with_another_id_is_the_same_where_all_else_is() -> None:
    old, new = a_flow("trigger>ask", "ask>queue:1"), a_flow("trigger>menu", "menu>queue:1")
    old["nodes"][1]["name"] = new["nodes"][1]["name"] = "Main menu"

    comparison = compared(old, new)

    assert [str(change) for change in comparison.changes] == ["~ node 'menu' had the id 'ask'"]
    assert set(comparison.edges) == {Sign.SAME}


def test_an_action_of_a_task_that_was_renamed_is_the_same() -> None:
    actions = ("- playAudio: {name: Hello, audio: {tts: Hello}}", "- disconnect: {name: Bye}")
    old = outline_of(archy_file(a_text(a_task(*actions))))
    new = outline_of(archy_file(a_text(a_task(*actions, name="Start"))))
    assert old is not None
    assert new is not None

    comparison = compare(old, new)

    assert [str(change) for change in comparison.changes if "had the id" in change.text] == []
    assert comparison.nodes[new.graph.ids.index("Start/Hello")] is Sign.SAME


def test_nodes_that_others_are_like_are_not_taken_for_each_other() -> None:
    old, new = a_flow("trigger>a", "a>b"), a_flow("trigger>c", "c>d")
    for node in (*old["nodes"][1:], *new["nodes"][1:]):
        node["name"] = "Hold music"

    assert Sign.CHANGED not in compared(old, new).nodes


def test_the_flow_itself_is_compared_too() -> None:
    variable = {"id": "v1", "name": "Reason", "type": "string", "scope": "flow"}

    new = a_flow("trigger>queue", description="For all", variables=[variable])

    assert words(a_flow("trigger>queue"), new) == [
        "~ description '' → 'For all'",
        "+ variable.v1.id 'v1'",
        "+ variable.v1.name 'Reason'",
        "+ variable.v1.type 'string'",
        "+ variable.v1.scope 'flow'",
    ]


WAYS = st.lists(
    st.builds("{}>{}:{}".format, *[st.sampled_from(["trigger", "a", "b", "queue"])] * 2, st.sampled_from("12")),
    max_size=8,
)


@given(old=WAYS, new=WAYS)
def test_the_picture_holds_both_flows(old: list[str], new: list[str]) -> None:
    comparison = compared(a_flow(*old), a_flow(*new))

    graph = comparison.outline.graph
    signs = [sign for sign in comparison.edges if sign is not Sign.REMOVED]
    assert len(graph.ids) == len(comparison.nodes)
    assert len(graph.sources) == len(comparison.edges)
    assert len(signs) == len(new)
    assert len(comparison.edges) - comparison.edges.count(Sign.ADDED) == len(old)
