"""How the history is said to people, on pages and in a terminal: tones, names, durations, bodies.

What comes from outside is shown as it is, except for characters that would show as something else: control
characters, marks that turn the direction of writing, lone surrogates. Those appear as their escapes.
"""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from receiver.model import Event, EventRecord, Json, VerdictKind
from receiver.timeline import GoingLive
from receiver.web.views import body_text

# ZWJ and ZWNJ stay: scripts and emoji are written with them.
_MISLEADING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
_SHORT_ESCAPES = {"\r": "\\r", "\x1b": "\\e"}


class Tone(StrEnum):
    """How a status feels: the colour and the mark that go with its word, never without it."""

    GOOD = "good"
    BUSY = "busy"
    WAITING = "waiting"
    WARNING = "warning"
    BAD = "bad"
    QUIET = "quiet"


TONES: Mapping[str, Tone] = {
    "waiting": Tone.WAITING,
    "held": Tone.WARNING,
    "due": Tone.BUSY,
    "running": Tone.BUSY,
    "in_flight": Tone.BUSY,
    "started": Tone.BUSY,
    "unknown": Tone.WARNING,
    "retry": Tone.WARNING,
    "handed_back": Tone.QUIET,
    "succeeded": Tone.GOOD,
    "failed": Tone.BAD,
    "timed_out": Tone.BAD,
    "skipped": Tone.QUIET,
    "cancelled": Tone.QUIET,
    "superseded": Tone.QUIET,
    "matched": Tone.GOOD,
    "not_matched": Tone.QUIET,
    "same_publication": Tone.QUIET,
    "baseline": Tone.QUIET,
    "faulty": Tone.WARNING,
    "error": Tone.BAD,
}
"""By the value of a run's, step's or attempt's status or of a verdict; they share words, and so tones."""
UNANSWERED: Mapping[str, str] = {
    "confirmation": "announced as live, and no other source has told of it",
    "publication": "announced as under way, and has not come",
}
"""What is missing after an announcement, by the kind of what is absent."""
NOT_SEEN: Mapping[str, str] = {"confirmation": "not confirmed", "publication": "has not come"}
"""The same in two words, for where the announcement itself is shown."""
ADVICE: Mapping[str, str] = {
    "confirmation": "Either the organization's own events do not come through, or the version did not go live.",
    "publication": "The publisher was probably broken off: look what is live before you publish again.",
}
"""What may be behind that."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sign:
    """A short word on how something stands; `run_id` where a run tells more."""

    tone: Tone
    text: str
    run_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RunSign:
    """What is said of a run in a few words."""

    pipeline: str
    status: str
    run_id: str


def sign(status: str) -> Sign:
    """The word for a status, with its tone."""
    return Sign(tone=TONES[status], text=status.replace("_", " "))


def missing_sign(kind: str) -> Sign:
    """The word for what is missing after an announcement."""
    return Sign(tone=Tone.WARNING, text=NOT_SEEN[kind])


def missing_sentences(kind: str) -> str:
    """The same, and what may be behind it."""
    said = UNANSWERED[kind]
    return f"{said[0].upper()}{said[1:]}. {ADVICE[kind]}"


def followed(record: EventRecord) -> tuple[Sign, ...]:
    """What came of an event: one sign for each run, else why there is none."""
    runs = [RunSign(pipeline=run.pipeline, status=run.status, run_id=run.id) for run in record.runs]
    kinds = [verdict.kind for verdict in record.verdicts]
    return what_followed(runs, kinds=kinds, is_faulty=bool(record.event.faults))


def what_followed(runs: Sequence[RunSign], *, kinds: Collection[str], is_faulty: bool) -> tuple[Sign, ...]:
    """The same, from the runs, the verdicts' kinds, and whether the event could be read."""
    if not runs:
        return (_nothing_followed(kinds, is_faulty=is_faulty),)
    return tuple(
        Sign(tone=TONES[run.status], text=f"{run.pipeline} {sign(run.status).text}", run_id=run.run_id) for run in runs
    )


def what_ran(runs: Sequence[RunSign]) -> tuple[Sign, ...]:
    """What a publication set off: one sign for each run, else that there is none."""
    return what_followed(runs, kinds=(), is_faulty=False) if runs else (Sign(tone=Tone.QUIET, text="no run"),)


def ran(lived: GoingLive) -> tuple[Sign, ...]:
    """The same, of a publication in a timeline."""
    return what_ran([RunSign(pipeline=run.pipeline, status=run.status, run_id=run.id) for run in lived.runs])


def _nothing_followed(kinds: Collection[str], *, is_faulty: bool) -> Sign:
    if is_faulty:
        return Sign(tone=Tone.WARNING, text="could not be read")
    if VerdictKind.ERROR in kinds:
        return Sign(tone=Tone.BAD, text="a rule could not be evaluated")
    if VerdictKind.SAME_PUBLICATION in kinds:
        return Sign(tone=Tone.QUIET, text="told before")
    if VerdictKind.BASELINE in kinds:
        return Sign(tone=Tone.QUIET, text="was live before")
    return Sign(tone=Tone.QUIET, text="no pipeline matched" if kinds else "no pipelines yet")


def subject(event: Event) -> str:
    """What an event is about, as its title: the flow, else its type."""
    return event.flow_name or event.flow_id or event.type


def who(told: Event | GoingLive) -> str | None:
    """Who published, as far as the event says, or the events of a publication."""
    actor, provenance = told.actor, told.provenance
    if actor and (actor.name or actor.id):
        return actor.name or actor.id
    named = (provenance or {}).get("actor")
    return named if isinstance(named, str) and named else None


def change(provenance: Mapping[str, Json] | None) -> str | None:
    """From which change a version came, in a few words: its commit, and the reason that was given."""
    told = provenance or {}
    parts = (str(told.get("commit") or "")[:12], str(told.get("reason") or ""))
    return " · ".join(part for part in parts if part) or None


def duration(start: datetime | None, end: datetime | None) -> str | None:
    """How long something took: `140 ms`, `3.2 s`, `4 min 05 s`, `2 h 00 min`."""
    if start is None or end is None:
        return None
    seconds = max(0.0, (end - start).total_seconds())
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"


def visible(text: str) -> str:
    """A text from outside in which every character shows as what it is; line ends and tabs stay."""
    return _MISLEADING.sub(_escape, text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    """A text from outside for a place that holds one line."""
    return visible(re.sub(r"\s+", " ", text).strip())


def pretty(text: str) -> str:
    """A JSON text, indented; any other text as it is."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


def pretty_body(body: bytes) -> str:
    """A body for people: JSON indented, other text as it is, other bytes as base64."""
    return pretty(body_text(body)[0])


def shown(value: Json) -> str:
    """A JSON value for people: a text as itself, anything else as indented JSON."""
    return pretty(value) if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)


def web_link(value: Json) -> str | None:
    """The value, if it is an address that a browser may be sent to; never `javascript:` and the like."""
    is_link = isinstance(value, str) and value.lower().startswith(("https://", "http://"))
    return value if is_link else None


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    return _SHORT_ESCAPES.get(character) or (
        f"\\x{ord(character):02x}" if character < "\x80" else f"\\u{ord(character):04x}"
    )
