"""Which version a rollback goes back to."""

from datetime import timedelta

import pytest

from publisher.genesys.model import Flow, FlowVersion
from publisher.ledger import Deed, FlowLedger
from publisher.rollback import abandoned, previous_version
from tests.publisher.ledger.entries import MONDAY, OTHER, a_block, a_flow, a_ledger, an_entry


def versions(*published: str | None) -> list[FlowVersion]:
    """Versions 1.0, 2.0, …: in which order they were last put live, by their places; None was never live."""
    return [
        FlowVersion(id=f"{number}.0", number=number, date_published=MONDAY + timedelta(days=int(day)) if day else None)
        for number, day in enumerate(published, start=1)
    ]


@pytest.mark.parametrize(
    ("flow", "known", "ledger", "previous"),
    [
        pytest.param(a_flow("3.0"), versions("1", "2", "3"), None, "2.0", id="the one before"),
        pytest.param(a_flow("3.0"), versions("2", "1", "3"), None, "1.0", id="by when it was live, not by its number"),
        pytest.param(a_flow("3.0"), versions("1", None, "3"), None, "1.0", id="never live"),
        pytest.param(a_flow("1.0"), versions("1", "2"), None, None, id="only a later one"),
        pytest.param(a_flow("2.0"), versions(None, "2"), None, None, id="the first"),
        pytest.param(a_flow("2.0"), versions("1", None), None, "1.0", id="nobody tells since when it is live"),
        pytest.param(
            a_flow("3.0"),
            versions("1", "2", "3"),
            a_ledger(an_entry("2.0", content_hash=OTHER), blocks=(a_block(OTHER),)),
            "1.0",
            id="not one that is blocked",
        ),
        pytest.param(
            a_flow("2.0"),
            versions("1", "4", "3"),
            a_ledger(an_entry("2.0", deed=Deed.ROLLED_BACK), an_entry("3.0"), an_entry("2.0")),
            "1.0",
            id="not one that was rolled back from",
        ),
    ],
)
def test_previous_is_what_was_live_before(
    flow: Flow, known: list[FlowVersion], ledger: FlowLedger | None, previous: str | None
) -> None:
    found = previous_version(flow, known, ledger)

    assert (found and found.id) == previous


def test_a_version_that_another_stepped_on_from_is_not_abandoned() -> None:
    ledger = a_ledger(an_entry("3.0", deed=Deed.ROLLED_BACK), an_entry("2.0"))

    assert abandoned(ledger) == set()


def test_a_newer_version_that_was_live_before_is_gone_back_to() -> None:
    ledger = a_ledger(an_entry("3.0", deed=Deed.ROLLED_BACK), an_entry("2.0"), an_entry("3.0"))

    assert abandoned(ledger) == {"2.0"}


def test_what_was_put_live_again_is_abandoned_no_more() -> None:
    ledger = a_ledger(an_entry("3.0"), an_entry("2.0", deed=Deed.ROLLED_BACK), an_entry("3.0"), an_entry("2.0"))

    assert abandoned(ledger) == set()
