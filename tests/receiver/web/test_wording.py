from datetime import datetime
from enum import StrEnum
from itertools import chain

import pytest

from receiver.model import AttemptResult, Fault, VerdictKind
from receiver.states import RunStatus, StepStatus
from receiver.web.wording import (
    TONES,
    Tone,
    duration,
    followed,
    one_line,
    pretty_body,
    shown,
    sign,
    visible,
    web_link,
    who,
)
from tests.receiver.web.makers import NOON, a_run, a_verdict, after, an_event, an_event_record

STATUSES: list[StrEnum] = list(chain(RunStatus, StepStatus, AttemptResult, VerdictKind))


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_has_a_tone(status: StrEnum) -> None:
    assert status.value in TONES


def test_a_status_is_said_in_words() -> None:
    assert sign("timed_out").text == "timed out"


def test_what_followed_names_each_run_and_how_it_stands() -> None:
    runs = (a_run(), a_run(pipeline="notify", status=RunStatus.FAILED))

    signs = followed(an_event_record(runs=runs))

    assert [(each.tone, each.text) for each in signs] == [
        (Tone.GOOD, "deploy-ivr succeeded"),
        (Tone.BAD, "notify failed"),
    ]


@pytest.mark.parametrize(
    ("kinds", "text"),
    [
        pytest.param((), "no pipelines yet", id="nothing is configured"),
        pytest.param((VerdictKind.NOT_MATCHED,), "no pipeline matched", id="nothing matched"),
        pytest.param((VerdictKind.NOT_MATCHED, VerdictKind.ERROR), "a rule could not be evaluated", id="a rule failed"),
        pytest.param((VerdictKind.SAME_PUBLICATION,), "told before", id="the publication is known"),
    ],
)
def test_where_nothing_followed_it_says_why(kinds: tuple[VerdictKind, ...], text: str) -> None:
    verdicts = tuple(a_verdict(kind=kind, run_id=None) for kind in kinds)

    assert [each.text for each in followed(an_event_record(runs=(), verdicts=verdicts))] == [text]


def test_an_event_that_could_not_be_read_says_so_first() -> None:
    faulty = an_event(faults=(Fault(field="flowId", message="it is a number"),))

    assert followed(an_event_record(event=faulty, runs=()))[0].text == "could not be read"


def test_who_published_is_read_from_the_provenance_where_the_event_does_not_say() -> None:
    assert who(an_event(actor=None, provenance={"actor": "dana"})) == "dana"
    assert who(an_event(actor=None, provenance={"actor": {"x": 1}})) is None


@pytest.mark.parametrize(
    ("end", "text"),
    [
        (after(0.14), "140 ms"),
        (after(3.21), "3.2 s"),
        (after(245), "4 min 05 s"),
        (after(7_260), "2 h 01 min"),
        (after(-1), "0 ms"),
        (None, None),
    ],
)
def test_durations_are_short(end: datetime | None, text: str | None) -> None:
    assert duration(NOON, end) == text


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        pytest.param("\x1b[31mred", "\\e[31mred", id="terminal escape"),
        pytest.param("a\x00b", "a\\x00b", id="nul"),
        pytest.param("Main \u202efdp.exe", "Main \\u202efdp.exe", id="right-to-left override"),
        pytest.param("zero\u200bwidth", "zero\\u200bwidth", id="zero width"),
        pytest.param("half \ud800", "half \\ud800", id="lone surrogate"),
        pytest.param("a\r\nb\rc", "a\nb\\rc", id="line ends"),
        pytest.param("\x9b2J", "\\x9b2J".replace("\\x", "\\u00"), id="C1 control"),
        pytest.param("Grüße 👩‍💻 日本", "Grüße 👩‍💻 日本", id="text of people"),
    ],
)
def test_every_character_shows_as_what_it_is(text: str, seen: str) -> None:
    assert visible(text) == seen


def test_one_line_holds_no_line_end() -> None:
    assert one_line("  a\n\tb\x1b ") == "a b\\e"


def test_a_json_body_is_indented() -> None:
    assert pretty_body(b'{"a": ["\xc3\xa4"]}') == '{\n  "a": [\n    "ä"\n  ]\n}'


def test_any_other_body_stays_as_it_is() -> None:
    assert pretty_body(b"<h1>No</h1>") == "<h1>No</h1>"


def test_a_kept_body_may_be_json_already() -> None:
    assert shown({"build": 812}) == '{\n  "build": 812\n}'


@pytest.mark.parametrize("value", ["javascript:alert(1)", " https://x", "file:///etc/passwd", "//x", None, 7])
def test_only_web_addresses_become_links(value: object) -> None:
    assert web_link(value) is None
    assert web_link("HTTPS://ci.example.com/1") == "HTTPS://ci.example.com/1"
