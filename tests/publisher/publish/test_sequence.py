"""Which flow has to be there before which."""

import json
from collections.abc import Sequence

import pytest

from publisher.archy import ArchyFile
from publisher.loader import parse_flow
from publisher.publish.sequence import Turn, sequence
from tests.publisher.archy.flows import a_file, a_task, a_text
from tests.publisher.flow_makers import a_flow

MODULE = "- callCommonModule: {name: Call, commonModule: {%s: {}}}"
BOT = "- callBotFlow: {name: Ask, botFlow: {%s: {}}}"
TRANSFER = "- transferToFlow: {name: Go, targetFlow: {lit: {name: %s}}}"
IN_QUEUE = "- transferToAcd: {name: Go, overrideInQueueFlow: {lit: {name: %s}}, targetQueue: {lit: {name: Sales}}}"


def flow(name: str, *actions: str, root: str = "inboundCall") -> ArchyFile:
    """A flow of that name that does this."""
    text = a_text(a_task(*actions, "- disconnect: {name: Bye}"), root=root, start=f"/{root}/tasks/task[main]")
    return a_file(text.replace("Main", name, 1))


def turn(after: Sequence[int] = (), stubs: Sequence[int] = ()) -> Turn:
    return Turn(after=frozenset(after), stubs=frozenset(stubs))


def test_a_flow_comes_after_all_that_it_names() -> None:
    flows = [flow("A", TRANSFER % "B", TRANSFER % "C"), flow("B", TRANSFER % "C"), flow("C")]

    assert sequence(flows) == [turn([1, 2]), turn([2]), turn()]


def test_what_is_not_among_them_is_left_to_the_organization() -> None:
    assert sequence([flow("A", TRANSFER % "Elsewhere")]) == [turn()]


@pytest.mark.parametrize(
    ("action", "root"),
    [
        (MODULE, "commonModule"),
        (BOT, "digitalBotFlow"),
        (IN_QUEUE, "inqueueCall"),
        (TRANSFER, "secureCall"),
    ],
    ids=["module", "bot", "in-queue flow", "any flow"],
)
def test_a_reference_means_flows_of_its_kind(action: str, root: str) -> None:
    flows = [flow("A", action % "B"), flow("B", root=root)]

    assert sequence(flows) == [turn([1]), turn()]


def test_a_flow_of_another_kind_is_not_meant() -> None:
    flows = [flow("A", MODULE % "B"), flow("B")]

    assert sequence(flows) == [turn(), turn()]


def test_two_that_name_each_other_go_as_they_were_given() -> None:
    flows = [flow("A", TRANSFER % "B"), flow("B", TRANSFER % "A")]

    assert sequence(flows) == [turn(stubs=[1]), turn([0])]


def test_a_flow_that_names_itself_needs_a_stub_of_itself() -> None:
    assert sequence([flow("A", TRANSFER % "A")]) == [turn(stubs=[0])]


def test_what_leads_into_a_circle_waits_for_the_whole_of_it_that_it_names() -> None:
    flows = [flow("In", TRANSFER % "A"), flow("A", TRANSFER % "B"), flow("B", TRANSFER % "A", TRANSFER % "Out")]
    flows.append(flow("Out"))

    assert sequence(flows) == [turn([1]), turn(stubs=[2]), turn([1, 3]), turn()]


def test_a_graph_file_names_no_flows() -> None:
    graph = parse_flow(json.dumps(a_flow("trigger>queue")), file="main.json")

    assert sequence([graph, flow("A")]) == [turn(), turn()]
