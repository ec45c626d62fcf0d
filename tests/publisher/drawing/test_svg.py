import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.checks import check
from publisher.drawing import picture_of, svg
from publisher.drawing.style import COLOURS, DARK, LIGHT
from tests.publisher.drawing.pictures import XMLNS, a_picture, an_outline, drawn, elements, node, words
from tests.publisher.flow_makers import Json, a_file, a_flow, a_node

SERVICE_LINE = Path(__file__).parents[3] / "config" / "flows" / "service-line.yaml"
FLOW = a_flow("trigger>menu", "menu>queue:1", "menu>say:2", "say>hangup", types={"menu": "menu"})
NASTY = "<script>alert('1')</script> & \x07\u202e ]]> \"x\""


def a_named_flow(name: str) -> Json:
    flow = a_flow("trigger>a", f"a>queue:{name}", name=name, alone=[name])
    flow["nodes"][1] = a_node("a", type_=name) | {"name": name}
    return flow


def test_a_picture_says_what_it_shows() -> None:
    root = drawn(FLOW)

    assert words(root)[:2] == ["Test flow", "flow.json · 5 nodes · 4 connections"]
    assert root.get("role") == "img"
    assert [root.findtext(f"{XMLNS}{tag}") for tag in ("title", "desc")] == words(root)[:2]


def test_a_node_shows_its_name_its_type_and_its_id() -> None:
    assert words(node(drawn(FLOW), "Say")) == ["Say", "say"]
    assert words(node(drawn(a_flow("trigger>ask", "ask>queue")), "Ask")) == ["Ask", "say · ask"]


def test_an_id_that_is_made_of_the_name_is_left_to_the_tooltip() -> None:
    flow = a_flow("trigger>Menu/Hello", "Menu/Hello>queue")
    flow["nodes"][1]["name"] = "Hello"

    found = node(drawn(flow), "Hello")

    assert words(found) == ["Hello", "say"]
    assert found.findtext(f"{XMLNS}title") == "Hello · say · Menu/Hello"


def test_a_problem_in_another_file_is_told_with_that_file() -> None:
    problem = replace(check(a_file(a_flow("trigger>queue", alone=["left"])))[0], file="shared.yaml")

    picture = picture_of(an_outline(FLOW), problems=[problem])

    assert "warning in line 17 of shared.yaml: No path reaches node 'left'." in svg(picture)


def test_a_node_without_a_name_shows_its_id() -> None:
    flow = a_flow("trigger>queue")
    del flow["nodes"][1]["name"]

    assert "queue" in words(node(drawn(flow), "queue"))


def test_kinds_of_node_differ_in_shape() -> None:
    root = drawn(FLOW)

    kinds = {name: node(root, name).get("class", "").split()[1] for name in ("Trigger", "Menu", "Say", "Hangup")}
    assert kinds == {"Trigger": "start", "Menu": "choice", "Say": "speech", "Hangup": "end"}
    assert node(root, "Menu").find(f"{XMLNS}polygon") is not None
    assert len(node(root, "Hangup").findall(f"{XMLNS}rect")) == 2


def test_conditions_stand_on_the_lines() -> None:
    labels = [words(label) for label in elements(drawn(FLOW), "label")]

    assert labels == [["1"], ["2"]]


def test_many_conditions_of_one_line_are_counted() -> None:
    flow = a_flow(*[f"trigger>queue:{number}" for number in range(1, 10)])

    (label,) = elements(drawn(flow), "label")
    assert words(label) == ["1", "2", "3", "4", "5", "… and 4 more"]


def test_a_loop_is_dashed_and_a_jump_names_its_goal() -> None:
    chain = [f"n{number}>n{number + 1}" for number in range(20)]

    root = drawn(a_flow("trigger>n0", *chain, "n1>n0:again", "n20>trigger:once more", "n19>n19:wait"))

    assert len(elements(root, "back")) == 1
    assert [words(jump)[-1] for jump in elements(root, "jump")] == ["→ Trigger", "↻ itself"]


def test_problems_are_marked_numbered_and_told() -> None:
    root = drawn(a_flow("trigger>menu:1", "trigger>say:2", "say>queue", alone=["left"]))

    marked = node(root, "Menu")
    assert "error" in marked.get("class", "").split()
    assert "1" in words(marked)
    assert "Node 'menu' is a dead end" in (marked.findtext(f"{XMLNS}title") or "")
    assert "warning" in node(root, "Left").get("class", "").split()
    assert any(line.startswith("error in line ") and "'menu' is a dead end" in line for line in words(root))
    assert words(root)[1].endswith("· 1 error · 1 warning")


def test_many_problems_are_not_all_told() -> None:
    flow = a_flow("trigger>queue", alone=[f"n{number}" for number in range(45)])

    assert "… and 5 more" in words(drawn(flow))


def test_what_changed_stands_out() -> None:
    root = drawn(a_flow("trigger>menu", "menu>queue:1", "menu>new:3", "new>hangup"), against=FLOW)

    signs = {name: node(root, name).get("class", "").split()[2] for name in ("Menu", "New", "Say", "Queue")}
    assert signs == {"Menu": "changed", "New": "added", "Say": "removed", "Queue": "same"}
    assert "+" in words(node(root, "New"))
    assert "−" in words(node(root, "Say"))  # noqa: RUF001
    assert "+ 3" in ["".join(words(label)) for label in elements(root, "label")]
    assert any("compared with flow.json: 3 added, 3 removed, 1 changed" in line for line in words(root))
    assert "node 'new' (say, 'New')" in words(root)


def test_nothing_changed_is_said_too() -> None:
    assert "compared with flow.json: nothing changed" in words(drawn(FLOW, against=FLOW))


def test_a_flow_without_nodes_is_an_empty_picture() -> None:
    flow = {**a_flow("trigger>queue"), "nodes": [], "connections": []}

    assert elements(drawn(flow), "node") == []


def test_text_stays_text() -> None:
    root = drawn(a_named_flow(NASTY), against=a_named_flow(f"{NASTY}."))

    assert list(root.iter(f"{XMLNS}script")) == []
    assert any("<script>" in line for line in words(root))


@given(name=st.text(min_size=1, max_size=30))
def test_any_text_makes_a_document(name: str) -> None:
    assert elements(drawn(a_named_flow(name)), "node")


def test_nothing_comes_from_elsewhere_and_nothing_runs() -> None:
    text = svg(a_picture(FLOW)).replace('xmlns="http://www.w3.org/2000/svg"', "")

    assert not re.search(r"https?:|url\(|@import|<script|<foreignObject| on\w+=", text)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_every_colour_is_in_the_palette(palette: dict[str, str]) -> None:
    assert {colour for rule in COLOURS.values() for colour in rule.values()} <= palette.keys()


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        *[("text", ground) for ground in ("paper", "plain", "start", "choice", "speech", "action", "end")],
        *[("muted", ground) for ground in ("paper", "plain", "start", "choice", "speech", "action", "end")],
        *[(sign, "paper") for sign in ("added", "removed", "changed")],
        *[("on-sign", sign) for sign in ("added", "removed", "changed", "error", "warning")],
    ],
)
def test_text_can_be_read(text: str, ground: str, palette: dict[str, str]) -> None:
    lighter, darker = sorted((luminance(palette[text]), luminance(palette[ground])), reverse=True)

    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def test_the_same_flow_gives_the_same_picture_in_every_process() -> None:
    command = [sys.executable, "-c", "from publisher.cli import main; main()", "draw", str(SERVICE_LINE)]

    pictures = {
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, "PYTHONHASHSEED": seed}).stdout
        for seed in ("1", "2")
    }

    assert len(pictures) == 1
    assert b"What is it about?" in pictures.pop()
