"""The ways in which the sandbox misbehaves: how each is written, and which is due."""

import difflib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

ALWAYS = "always"
TOKEN_PATH = "/oauth/token"  # noqa: S105 - a path


class FaultKind(StrEnum):
    """What goes wrong."""

    LIMITED = "limited"
    ERROR = "error"
    HTML = "html"
    GARBLED = "garbled"
    SLOW = "slow"
    LOST_ANSWER = "lost-answer"
    FORBIDDEN = "forbidden"
    MISSING = "missing"
    LOCKED = "locked"
    REFUSED = "refused"
    EXPIRED = "expired"
    CREDENTIALS = "credentials"
    STUCK = "stuck"
    INVALID = "invalid"
    NO_EFFECT = "no-effect"
    PUBLISH_FAILED = "publish-failed"
    JOB_FAILED = "job-failed"
    EXPORT_FAILED = "export-failed"
    UNSEEN = "unseen"
    EVENT_LOST = "event-lost"
    EVENT_REPEATED = "event-repeated"
    EVENT_LATE = "event-late"
    EVENT_REORDERED = "event-reordered"


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One way to misbehave, the next `times` times that it can; None is for ever.

    `on` is a pattern for "METHOD /path" and narrows a fault to the calls that it fits; without one it concerns every
    call but those for a token. What else counts depends on the kind; see `DEFAULTS`.
    """

    kind: FaultKind
    times: int | None = 1
    on: str = ""
    status: int = 0
    retry_after_s: int | None = None
    delay_s: float = 0.0
    copies: int = 1
    scope: str = ""
    messages: tuple[str, ...] = ()


DEFAULTS: Mapping[FaultKind, Mapping[str, Any]] = {
    FaultKind.LIMITED: {"on": "", "retry_after_s": 1},
    FaultKind.ERROR: {"on": "", "status": 503, "retry_after_s": None},
    FaultKind.HTML: {"on": "", "status": 200},
    FaultKind.GARBLED: {"on": ""},
    FaultKind.SLOW: {"on": "", "delay_s": 5.0},
    FaultKind.LOST_ANSWER: {"on": "POST /api/v2/flows/*"},
    FaultKind.FORBIDDEN: {"on": "", "scope": ""},
    FaultKind.MISSING: {"on": "* /api/v2/flows/*"},
    FaultKind.LOCKED: {"on": "POST /api/v2/flows/*"},
    FaultKind.REFUSED: {"on": "POST /api/v2/flows/*", "messages": ("The flow has no trigger node.",)},
    FaultKind.EXPIRED: {"on": ""},
    FaultKind.CREDENTIALS: {"on": "POST */oauth/token"},
    FaultKind.STUCK: {},
    FaultKind.INVALID: {"messages": ("Node 'say_welcome' has no prompt.",)},
    FaultKind.NO_EFFECT: {},
    FaultKind.PUBLISH_FAILED: {"messages": ("The flow could not be compiled.",)},
    FaultKind.JOB_FAILED: {"messages": ()},
    FaultKind.EXPORT_FAILED: {
        "messages": ("Archy failed (exit code: 107): could not find the flow with id in the organization.",)
    },
    FaultKind.UNSEEN: {},
    FaultKind.EVENT_LOST: {},
    FaultKind.EVENT_REPEATED: {"copies": 2},
    FaultKind.EVENT_LATE: {"delay_s": 5.0},
    FaultKind.EVENT_REORDERED: {},
}
"""What a fault of each kind may be told beside `times`, and what holds when it is not."""

LIMITS: Mapping[str, tuple[float, float]] = {
    "status": (200, 599),
    "retry_after_s": (0, 86_400),
    "delay_s": (0, 3600),
    "copies": (1, 1000),
}


class Faults:
    """The faults that are set, each with how often it still comes, in the order in which they were set."""

    def __init__(self, faults: Sequence[Fault] = ()) -> None:
        self._left: list[tuple[Fault, int | None]] = []
        for fault in faults:
            self.add(fault)

    def add(self, fault: Fault) -> None:
        """Misbehave so from now on."""
        self._left.append((fault, fault.times))

    def clear(self) -> None:
        """Behave."""
        self._left.clear()

    def left(self) -> list[tuple[Fault, int | None]]:
        """Every fault that is still to come, and how often."""
        return list(self._left)

    def has(self, kind: FaultKind) -> bool:
        """Whether a fault of this kind is still to come."""
        return any(fault.kind is kind for fault, _ in self._left)

    def due(self, kinds: Collection[FaultKind], *, call: str = "", rights: Collection[str] = ()) -> Fault | None:
        """The first fault of these kinds that concerns a call, counted off."""
        for index, (fault, left) in enumerate(self._left):
            if fault.kind in kinds and _concerns(fault, call=call, rights=rights):
                self._count_off(index, left)
                return fault
        return None

    def _count_off(self, index: int, left: int | None) -> None:
        if left is None:
            return
        if left > 1:
            self._left[index] = (self._left[index][0], left - 1)
        else:
            del self._left[index]


def _concerns(fault: Fault, *, call: str, rights: Collection[str]) -> bool:
    is_meant = fnmatchcase(call, fault.on) if fault.on else not call.endswith(TOKEN_PATH)
    return is_meant and (not fault.scope or fault.scope in rights)


def parse_fault(text: str) -> Fault:
    """A fault as the command line gives it: `limited`, `limited:times=3,retry_after_s=2`, or a JSON object."""
    if text.lstrip().startswith("{"):
        try:
            return read_fault(json.loads(text))
        except json.JSONDecodeError as exc:
            raise ValueError(f"{text!r} is no JSON object: {exc}") from exc
    name, _, rest = text.partition(":")
    pairs = [pair.partition("=") for pair in rest.split(",")] if rest else []
    return read_fault({"fault": name.strip()} | {key.strip(): _value(value.strip()) for key, _, value in pairs})


def read_fault(data: object) -> Fault:
    """A fault as JSON gives it: `{"fault": "limited", "times": 3}`; `"times": "always"` is for ever."""
    if not isinstance(data, dict):
        raise ValueError(f'a fault is an object such as {{"fault": "limited"}}, not {data!r}')  # noqa: TRY004
    kind = _kind(data.get("fault"))
    given = {str(key): value for key, value in data.items() if key != "fault"}
    allowed = {"times", *DEFAULTS[kind]}
    for key in given:
        if key not in allowed:
            raise ValueError(f"fault {kind.value!r} takes no {key!r}; it takes {', '.join(sorted(allowed))}")
    return Fault(kind=kind, **(dict(DEFAULTS[kind]) | {key: _checked(key, value) for key, value in given.items()}))


def fault_body(fault: Fault, left: int | None) -> dict[str, Any]:
    """A fault as JSON, with how often it is still to come."""
    told = {"fault": fault.kind.value, "times": ALWAYS if left is None else left}
    return told | {name.name: getattr(fault, name.name) for name in fields(fault) if name.name in DEFAULTS[fault.kind]}


def _kind(name: object) -> FaultKind:
    try:
        return FaultKind(str(name))
    except ValueError as exc:
        near = difflib.get_close_matches(str(name), [kind.value for kind in FaultKind], n=1)
        hint = f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(FaultKind)}."
        raise ValueError(f"there is no fault {name!r}. {hint}") from exc


def _value(text: str) -> Any:  # noqa: ANN401 - it is checked by its key
    try:
        return json.loads(text)
    except ValueError:
        return text


def _checked(key: str, value: object) -> Any:  # noqa: ANN401 - a field of Fault
    if key == "times":
        return _times(value)
    if key == "messages":
        return _messages(value)
    if key in LIMITS:
        return _number(key, value)
    if not isinstance(value, str):
        raise ValueError(f"{key!r} is {value!r}; give text")  # noqa: TRY004
    return value


def _times(value: object) -> int | None:
    if value == ALWAYS or value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(f"'times' is {value!r}; give a whole number from 1, or {ALWAYS!r}")
    return value


def _messages(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list | tuple) or not all(isinstance(text, str) for text in value):
        raise ValueError(f"'messages' is {value!r}; give a list of texts")
    return tuple(value)


def _number(key: str, value: object) -> float | None:
    if key == "retry_after_s" and value is None:
        return None
    low, high = LIMITS[key]
    is_number = isinstance(value, int | float if key == "delay_s" else int) and not isinstance(value, bool)
    if not is_number or not isinstance(value, int | float) or not low <= value <= high:
        raise ValueError(f"{key!r} is {value!r}; give a number from {low:g} to {high:g}")
    return value
