"""What a poll has found is an event as a webhook's, whatever the organization does not say."""

from publisher.genesys.model import Flow
from receiver.envelopes.polled import Finding
from receiver.model import Origin
from tests.receiver.envelopes import FLOW_ID, NOON


def test_what_has_no_date_tells_of_a_publication_all_the_same() -> None:
    finding = Finding(flow=Flow(id=FLOW_ID), version_id="16.0")

    event = finding.event(source="poll", environment="prod", organization=None, received_at=NOON, new_id=lambda: "1")

    assert event.tells_of_publication
    assert (event.origin, event.occurred_at, event.environment) == (Origin.POLL, None, "prod")
    assert event.dedupe_key == f"{FLOW_ID} 16.0 -"
