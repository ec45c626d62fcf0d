"""Where an organization is not as we left it."""

import pytest

from publisher.drift import drift_of
from publisher.genesys.model import Flow
from publisher.ledger import FlowLedger
from tests.publisher.ledger.entries import a_flow, a_ledger, an_entry

OURS = a_ledger(an_entry("16.0", day=1), an_entry("15.0"))


@pytest.mark.parametrize(
    ("flow", "sentence"),
    [
        pytest.param(
            a_flow("17.0", by="J. Weber"),
            "live 17.0 by J. Weber was never published by flow-relay: publisher adopt, or --on-drift overwrite",
            id="published by others",
        ),
        pytest.param(
            a_flow("15.0"),
            "live 15.0 is not what flow-relay put live last, 16.0 (on 2026-05-05): publisher adopt, or --on-drift"
            " overwrite",
            id="put back",
        ),
        pytest.param(
            a_flow(None),
            "nothing is live; flow-relay had put 16.0 (on 2026-05-05) live: --on-drift overwrite publishes again",
            id="deactivated",
        ),
        pytest.param(None, "the flow was deleted; flow-relay had put 16.0 (on 2026-05-05) live", id="deleted"),
        pytest.param(
            a_flow("16.0", name="Main"),
            "the flow is named 'Main' now; flow-relay knows it as 'Main IVR': publisher adopt",
            id="renamed",
        ),
    ],
)
def test_what_somebody_else_did_is_said_with_the_way_out(flow: Flow | None, sentence: str) -> None:
    drift = drift_of(flow, OURS)

    assert drift is not None
    assert drift.sentence == sentence


@pytest.mark.parametrize(
    ("flow", "ledger"),
    [
        pytest.param(a_flow("16.0"), OURS, id="as we left it"),
        pytest.param(a_flow(None), a_ledger(), id="never live"),
        pytest.param(None, a_ledger(), id="never there"),
        pytest.param(a_flow("16.0"), a_ledger(an_entry("16.0", flow_name=None)), id="its name was not recorded"),
    ],
)
def test_a_flow_that_is_as_we_left_it_has_not_drifted(flow: Flow | None, ledger: FlowLedger) -> None:
    assert drift_of(flow, ledger) is None
