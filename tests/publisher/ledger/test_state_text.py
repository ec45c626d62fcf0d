"""The text of a state file."""

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.ledger import Deed, FlowLedger
from publisher.ledger.state_text import MOST_ENTRIES, StateFileError, parse_state, render_state
from tests.publisher.ledger.entries import OTHER, a_block, a_ledger, an_entry

TEXTS = st.text(min_size=1).filter(lambda text: text.strip())


def a_state() -> dict[str, FlowLedger]:
    """Two flows, one with a block."""
    ours = an_entry(
        "16.0", day=1, deed=Deed.ROLLED_BACK, reason="calls drop", commit="c0ffee", actor="kim", file="a.yaml"
    )
    other = an_entry("3.0", flow_id="f-0", flow_name=None, content_hash=None)
    return {
        "f-1": a_ledger(ours, an_entry("15.0"), blocks=(a_block(OTHER),)),
        "f-0": FlowLedger(flow_id="f-0", entries=(other,)),
    }


def with_flow(**flow: object) -> str:
    """A state file with this in the place of a flow."""
    return json.dumps({"format": "flow-relay-state", "version": 1, "flows": {"f-1": flow}})


def test_what_was_written_is_read() -> None:
    state = a_state()

    assert parse_state(render_state(state), file="state.json") == state


@given(version=TEXTS, name=st.none() | TEXTS, reason=st.none() | TEXTS)
def test_any_text_comes_back_as_it_was(version: str, name: str | None, reason: str | None) -> None:
    entry = an_entry(version, flow_name=name, reason=reason)

    assert parse_state(render_state({"f-1": a_ledger(entry)}), file="state.json") == {"f-1": a_ledger(entry)}


def test_every_entry_has_a_line_of_its_own_and_flows_have_an_order() -> None:
    lines = render_state(a_state()).splitlines()

    versions = [re.findall(r'"version_id": "([^"]+)"', line) for line in lines if "version_id" in line]
    assert versions == [["3.0"], ["16.0"], ["15.0"]]
    assert lines == render_state(dict(reversed(a_state().items()))).splitlines()


def test_an_empty_ledger_has_a_text() -> None:
    assert parse_state(render_state({}), file="state.json") == {}


def test_old_entries_are_let_go() -> None:
    entries = tuple(an_entry(f"{number}.0") for number in range(MOST_ENTRIES + 5))

    kept = parse_state(render_state({"f-1": a_ledger(*entries)}), file="state.json")["f-1"]

    assert kept == replace(kept, entries=entries[:MOST_ENTRIES])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("", 'state.json is no state file: it does not say "format": "flow-relay-state"', id="empty"),
        pytest.param('{"format": "flow-relay-state", "ver', "state.json:1:", id="torn"),
        pytest.param('{"flows": {}}', "state.json is no state file", id="foreign"),
        pytest.param('{"version": 4, "terraform_version": "1.9"}', "state.json is no state file", id="another's"),
        pytest.param("[1]", "state.json is no state file", id="a list"),
        pytest.param(
            '{"format": "flow-relay-state", "version": 2, "flows": {}}',
            "has version 2 of the format; this release reads version 1. A newer",
            id="newer",
        ),
        pytest.param('{\n<<<<<<< HEAD\n  "a": 1\n', "state.json:2:1: this is a merge conflict", id="merge conflict"),
        pytest.param(with_flow(entries=[{"version_id": "1.0"}]), "at is None; give a time", id="no time"),
        pytest.param(with_flow(entries=[{"at": "2026-05-04T12:00:00Z"}]), "version_id is missing", id="no version"),
        pytest.param(
            with_flow(entries=[{"version_id": "1.0", "at": "2026-05-04T12:00:00", "deed": "stolen"}]),
            "deed is 'stolen'; give published or rolled_back or adopted.",
            id="unknown deed",
        ),
        pytest.param(with_flow(blocks=[{"at": "2026-05-04T12:00:00Z"}]), "content_hash is missing", id="no hash"),
        pytest.param(with_flow(entries={}), "entries is a mapping; give a list.", id="no list"),
        pytest.param(with_flow(owner="kim"), "there is no key 'owner' here", id="unknown key"),
    ],
)
def test_what_is_no_whole_state_file_is_refused(text: str, told: str) -> None:
    with pytest.raises(StateFileError) as caught:
        parse_state(text, file="state.json")

    assert told in str(caught.value)
