import pytest

from publisher.drawing.kinds import Kind, kind_of_type, kinds_of
from publisher.graph import KNOWN_TYPES, TERMINAL_TYPES, TRIGGER, Graph


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("menu", Kind.CHOICE),
        ("evaluateScheduleGroup", Kind.CHOICE),
        ("collectInput", Kind.CHOICE),
        ("playAudio", Kind.SPEECH),
        ("communicate", Kind.SPEECH),
        ("menuTransferToAcd", Kind.END),
        ("menuTask", Kind.ACTION),
        ("menuJumpToMenu", Kind.ACTION),
        ("callData", Kind.ACTION),
        ("something else", Kind.ACTION),
    ],
)
def test_a_type_says_what_a_node_does(type_: str, kind: Kind) -> None:
    assert kind_of_type(type_) is kind


@pytest.mark.parametrize("type_", sorted(KNOWN_TYPES - {TRIGGER}))
def test_only_what_ends_the_call_looks_so(type_: str) -> None:
    (kind,) = kinds_of(Graph.of(ids=["x"], types=[type_], edges=[]))

    assert (kind is Kind.END) == (type_ in TERMINAL_TYPES)


def test_the_entry_looks_like_one_whatever_its_type() -> None:
    assert kinds_of(Graph.of(ids=["trigger"], types=["menu"], edges=[])) == [Kind.START]
