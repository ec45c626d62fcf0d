import re

import pytest

from publisher.drawing import mermaid
from tests.publisher.drawing.pictures import a_picture
from tests.publisher.flow_makers import a_flow

FLOW = a_flow("trigger>menu", "menu>queue:1", "menu>menu:again", types={"menu": "menu"})


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines()]


def test_nodes_and_edges_are_statements() -> None:
    assert lines(mermaid(a_picture(a_flow("trigger>say", "say>queue:1")))) == [
        "flowchart TD",
        'n0(["<b>Trigger</b><br><small>trigger</small>"])',
        'n1("<b>Say</b><br><small>say</small>")',
        'n2(["<b>Queue</b><br><small>queue</small>"])',
        "n0 --> n1",
        'n1 -->|"1"| n2',
    ]


def test_problems_are_marked() -> None:
    text = mermaid(a_picture(FLOW))

    assert 'n1{{"<b>✖ Menu</b><br><small>menu</small>"}}:::error' in text
    assert "classDef error " in text
    assert "classDef warning " not in text


def test_what_changed_has_its_sign() -> None:
    text = mermaid(a_picture(a_flow("trigger>say", "say>queue:2"), against=a_flow("trigger>say", "trigger>queue:1")))

    assert 'n1 -->|"#43; 2"| n2' in text
    assert 'n0 -.->|"− 1"| n2' in text  # noqa: RUF001
    assert re.findall(r"linkStyle (\d)", text) == ["1", "2"]


def test_a_changed_condition_is_shown_with_what_it_was() -> None:
    text = mermaid(a_picture(a_flow("trigger>queue:2"), against=a_flow("trigger>queue:1")))

    assert 'n0 -->|"#126; 1 → 2"| n1' in text


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ('say "no"', "say #34;no#34;"),
        ("<b>x</b>", "#60;b#62;x#60;#47;b#62;"),
        ("1. Sales", "1#46; Sales"),
        ("a\nb;c", "a b#59;c"),
        ("x" * 70, f"{'x' * 59}…"),
    ],
    ids=["quotes", "tags", "Markdown", "lines", "long"],
)
def test_grammar_becomes_text(name: str, shown: str) -> None:
    flow = a_flow("trigger>say", "say>queue")
    flow["nodes"][1]["name"] = name

    assert f'n1("<b>{shown}</b><br><small>say</small>")' in mermaid(a_picture(flow))
