"""How a file stands against its flow."""

import pytest

from publisher.genesys.model import Flow
from publisher.ledger import FlowLedger
from publisher.standing import State, standing
from tests.publisher.ledger.entries import OTHER, OURS, a_block, a_flow, a_ledger, an_entry


@pytest.mark.parametrize(
    ("flow", "ledger", "state"),
    [
        pytest.param(None, None, State.NEW, id="no such flow, no ledger"),
        pytest.param(None, a_ledger(), State.NEW, id="no such flow"),
        pytest.param(a_flow(None), None, State.NEVER_LIVE, id="nothing live, no ledger"),
        pytest.param(a_flow(None), a_ledger(), State.NEVER_LIVE, id="nothing live"),
        pytest.param(a_flow("16.0"), None, State.UNKNOWN, id="something live, no ledger"),
        pytest.param(a_flow("16.0"), a_ledger(an_entry("16.0")), State.UNCHANGED, id="the same content"),
        pytest.param(a_flow("16.0"), a_ledger(an_entry("16.0", content_hash=OTHER)), State.CHANGED, id="other content"),
        pytest.param(
            a_flow("16.0"), a_ledger(an_entry("16.0", content_hash=None)), State.CHANGED, id="content unknown"
        ),
        pytest.param(a_flow("17.0"), a_ledger(), State.DRIFTED, id="never published by us"),
        pytest.param(
            a_flow("15.0"), a_ledger(an_entry("16.0"), an_entry("15.0")), State.DRIFTED, id="an older one put back"
        ),
        pytest.param(a_flow(None), a_ledger(an_entry("16.0")), State.DRIFTED, id="taken off"),
        pytest.param(a_flow("16.0"), a_ledger(an_entry("16.0"), blocks=(a_block(),)), State.BLOCKED, id="blocked"),
        pytest.param(
            a_flow("16.0"), a_ledger(an_entry("16.0"), blocks=(a_block(OTHER),)), State.UNCHANGED, id="other is blocked"
        ),
    ],
)
def test_a_file_stands_in_one_of_seven_ways(flow: Flow | None, ledger: FlowLedger | None, state: State) -> None:
    assert standing(content_hash=OURS, flow=flow, ledger=ledger).state is state


def test_a_version_that_was_rolled_back_to_keeps_the_hash_of_its_first_publication() -> None:
    ledger = a_ledger(an_entry("15.0", content_hash=None), an_entry("16.0", content_hash=OTHER), an_entry("15.0"))

    assert standing(content_hash=OURS, flow=a_flow("15.0"), ledger=ledger).state is State.UNCHANGED


@pytest.mark.parametrize(
    ("flow", "ledger", "sentence"),
    [
        pytest.param(None, None, "there is no such flow yet", id="new"),
        pytest.param(a_flow(None), a_ledger(), "nothing of it was ever live", id="never live"),
        pytest.param(a_flow("16.0"), a_ledger(an_entry("16.0")), "live 16.0 is this very content", id="unchanged"),
        pytest.param(
            a_flow("16.0"), a_ledger(an_entry("16.0", content_hash=OTHER)), "live 16.0 has other content", id="changed"
        ),
        pytest.param(
            a_flow("17.0", by="J. Weber"),
            a_ledger(an_entry("16.0")),
            "live 17.0 by J. Weber was never published by flow-relay: publisher adopt, or --on-drift overwrite",
            id="drifted",
        ),
        pytest.param(
            a_flow("16.0"),
            a_ledger(an_entry("16.0"), blocks=(a_block(),)),
            "this content was blocked by kim on 2026-05-04 (calls drop): publisher unblock 'Main IVR' lets it go live"
            " again",
            id="blocked",
        ),
        pytest.param(
            a_flow("17.0", by="J. Weber"),
            None,
            "live 17.0 by J. Weber; nothing tells whether flow-relay published it",
            id="unknown",
        ),
    ],
)
def test_how_it_stands_is_said_in_a_sentence(flow: Flow | None, ledger: FlowLedger | None, sentence: str) -> None:
    assert standing(content_hash=OURS, flow=flow, ledger=ledger).sentence == sentence
