"""How a fault is written, and which is due."""

from typing import Any

import pytest

from publisher.sandbox.faults import DEFAULTS, Fault, FaultKind, Faults, fault_body, parse_fault, read_fault


def test_a_name_alone_is_a_fault_that_comes_once() -> None:
    assert parse_fault("limited") == Fault(kind=FaultKind.LIMITED, times=1, retry_after_s=1)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("error:times=3,status=500", Fault(kind=FaultKind.ERROR, times=3, status=500)),
        ("stuck:times=always", Fault(kind=FaultKind.STUCK, times=None)),
        ("limited:retry_after_s=null", Fault(kind=FaultKind.LIMITED)),
        ("slow:delay_s=0.5", Fault(kind=FaultKind.SLOW, delay_s=0.5)),
        ("html:on=GET /api/v2/flows/*,status=404", Fault(kind=FaultKind.HTML, on="GET /api/v2/flows/*", status=404)),
        ("invalid:messages=No prompt.", Fault(kind=FaultKind.INVALID, messages=("No prompt.",))),
        (
            ' {"fault": "invalid", "messages": ["a, b: c", "d"]}',
            Fault(kind=FaultKind.INVALID, messages=("a, b: c", "d")),
        ),
    ],
    ids=["numbers", "always", "null", "fraction", "pattern", "text", "json"],
)
def test_a_fault_can_be_written_on_a_command_line(text: str, fault: Fault) -> None:
    assert parse_fault(text) == fault


@pytest.mark.parametrize("kind", FaultKind)
def test_every_kind_can_be_written_and_shown(kind: FaultKind) -> None:
    fault = parse_fault(kind.value)

    assert read_fault(fault_body(fault, fault.times)) == fault
    assert set(fault_body(fault, None)) == {"fault", "times", *DEFAULTS[kind]}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("limited", "a fault is an object"),
        ({}, "there is no fault None. There are: limited, error"),
        ({"fault": "limitd"}, "there is no fault 'limitd'. Did you mean 'limited'?"),
        ({"fault": "stuck", "status": 500}, "fault 'stuck' takes no 'status'; it takes times"),
        ({"fault": "error", "status": 99}, "'status' is 99; give a number from 200 to 599"),
        ({"fault": "error", "status": 500.5}, "'status' is 500.5; give a number"),
        ({"fault": "error", "status": True}, "'status' is True; give a number"),
        ({"fault": "slow", "delay_s": "long"}, "'delay_s' is 'long'; give a number from 0 to 3600"),
        ({"fault": "stuck", "times": 0}, "'times' is 0; give a whole number from 1, or 'always'"),
        ({"fault": "stuck", "times": True}, "'times' is True"),
        ({"fault": "html", "on": 1}, "'on' is 1; give text"),
        ({"fault": "invalid", "messages": [1]}, "'messages' is [1]; give a list of texts"),
    ],
    ids=[
        *("text", "none", "misspelt", "odd key", "low", "fraction", "boolean"),
        *("word", "never", "boolean times", "odd pattern", "odd messages"),
    ],
)
def test_an_odd_fault_is_refused_with_what_was_wanted(data: Any, message: str) -> None:  # noqa: ANN401
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the message is the claim
        read_fault(data)

    assert str(caught.value).startswith(message)


def test_broken_json_is_told_as_such() -> None:
    with pytest.raises(ValueError, match="is no JSON object"):
        parse_fault("{x")


def test_a_fault_comes_as_often_as_it_was_told() -> None:
    faults = Faults([parse_fault("stuck:times=2")])

    due = [faults.due([FaultKind.STUCK]) is not None for _ in range(3)]

    assert due == [True, True, False]
    assert not faults.has(FaultKind.STUCK)


def test_a_fault_may_stay_until_it_is_taken_away() -> None:
    faults = Faults([parse_fault("stuck:times=always")])

    assert all(faults.due([FaultKind.STUCK]) for _ in range(100))
    assert faults.left()[0][1] is None
    faults.clear()
    assert faults.due([FaultKind.STUCK]) is None


def test_faults_come_in_the_order_in_which_they_were_set() -> None:
    faults = Faults([parse_fault("limited"), parse_fault("error")])
    kinds = [FaultKind.ERROR, FaultKind.LIMITED]

    due = [faults.due(kinds, call="GET /api/v2/flows") for _ in range(2)]

    assert [fault.kind for fault in due if fault] == [FaultKind.LIMITED, FaultKind.ERROR]


@pytest.mark.parametrize(
    ("text", "call", "is_due"),
    [
        ("error:on=POST /api/v2/flows/*/versions", "POST /api/v2/flows/1/versions", True),
        ("error:on=POST /api/v2/flows/*/versions", "GET /api/v2/flows/1/versions", False),
        ("error", "GET /api/v2/flows", True),
        ("error", "POST /api/v2/oauth/token", False),
        ("error:on=POST */oauth/token", "POST /api/v2/oauth/token", True),
    ],
    ids=["fits", "does not fit", "any call", "but those for a token", "unless named"],
)
def test_a_pattern_says_which_calls_a_fault_concerns(text: str, call: str, is_due: bool) -> None:
    assert (Faults([parse_fault(text)]).due([FaultKind.ERROR], call=call) is not None) is is_due


def test_a_scope_says_which_calls_are_forbidden() -> None:
    faults = Faults([parse_fault("forbidden:scope=flow:write")])

    assert faults.due([FaultKind.FORBIDDEN], call="GET /", rights=("flow:view",)) is None
    assert faults.due([FaultKind.FORBIDDEN], call="GET /", rights=("flow:write", "architect:flow:edit")) is not None
