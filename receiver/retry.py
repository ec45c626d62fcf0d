"""What becomes of a step once an attempt has ended: done, tried again and when, or given up."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from random import Random

from receiver.model import AttemptResult, Json, Step
from receiver.outcomes import Outcome, OutcomeKind
from receiver.states import StepStatus

FACTOR = 2.0
"""Each delay is this many times the last."""
JITTER = 0.25
"""How much longer, at most, a delay gets by chance: never shorter, so nobody is asked sooner than agreed."""
RETRY_AFTER_CAP_S = 3600.0
"""The longest wait that a target can ask for: a hostile `Retry-After` must not park a run unseen."""

_STEP, _TRY = StepStatus, AttemptResult
_ENDS = {
    OutcomeKind.SUCCEEDED: (_STEP.SUCCEEDED, _TRY.SUCCEEDED, ""),
    OutcomeKind.STARTED: (_STEP.STARTED, _TRY.STARTED, ""),
    OutcomeKind.REFUSED: (_STEP.FAILED, _TRY.FAILED, " Asking again would not change that."),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class RetryPolicy:
    """How often and how long a step is tried."""

    max_attempts: int = 5
    delay_s: float = 1.0
    max_delay_s: float = 3600.0
    give_up_after_s: float = 86400.0

    @classmethod
    def from_definition(cls, definition: Mapping[str, Json]) -> "RetryPolicy":
        """The policy in a step's `retry`; what is left out has its default."""
        given = definition.get("retry") or {}
        default = cls()
        return cls(
            max_attempts=int(given.get("attempts", default.max_attempts)),
            delay_s=float(given.get("delay_s", default.delay_s)),
            max_delay_s=float(given.get("max_delay_s", default.max_delay_s)),
            give_up_after_s=float(given.get("give_up_after_s", default.give_up_after_s)),
        )

    def backoff_s(self, attempts: int) -> float:
        """The delay after so many attempts, before a target's wish and chance."""
        # 2.0 ** 1024 overflows; a delay that has doubled 64 times has long reached any maximum.
        return min(self.max_delay_s, self.delay_s * FACTOR ** min(max(attempts - 1, 0), 64))

    def delay(self, attempts: int, *, asked_s: float | None, rng: Random) -> timedelta:
        """How long to wait after so many attempts, when the target asked for `asked_s`."""
        asked = min(asked_s or 0.0, RETRY_AFTER_CAP_S)
        base = max(self.backoff_s(attempts), asked)
        longest = max(self.max_delay_s, asked)
        return timedelta(seconds=min(longest, base * (1 + JITTER * rng.random())))


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a step and of its attempt."""

    status: StepStatus
    result: AttemptResult
    message: str
    _: KW_ONLY
    due_at: datetime | None = None
    counts: bool = True


def after(
    outcome: Outcome, *, step: Step, attempts: int, policy: RetryPolicy, resends: bool, now: datetime, rng: Random
) -> Decision:
    """What follows an outcome, after so many attempts; `resends`: the target takes the same call twice as one."""
    said, kind = outcome.message, outcome.kind
    if kind in _ENDS:
        status, result, addition = _ENDS[kind]
        look_at = None if outcome.look_after_s is None else now + timedelta(seconds=outcome.look_after_s)
        return Decision(status, result, f"{said}.{addition}", due_at=look_at)
    due_at = now + _wait(outcome, attempts=attempts, policy=policy, now=now, rng=rng)
    if step.status is _STEP.STARTED or (step.status is _STEP.UNKNOWN and kind is not OutcomeKind.NOT_FOUND):
        return Decision(step.status, _TRY.UNKNOWN, f"{said}. It is looked for again.", due_at=due_at)
    if kind is OutcomeKind.HANDED_BACK:
        message = f"{said}. Nothing was sent; it is due again."
        return Decision(_STEP.DUE, _TRY.HANDED_BACK, message, due_at=due_at, counts=False)
    if kind is OutcomeKind.NOT_FOUND and not resends:
        return Decision(_STEP.HELD, _TRY.UNKNOWN, f"{said}. It waits for a person: this target might do it twice.")
    over = _exhausted(step, attempts=attempts, policy=policy, due_at=due_at)
    if over and (resends or kind is not OutcomeKind.LOST):
        return Decision(_STEP.FAILED, _TRY.FAILED if kind is OutcomeKind.PASSING else _TRY.UNKNOWN, f"{said}. {over}")
    status = _STEP.UNKNOWN if kind is OutcomeKind.LOST else _STEP.DUE
    result = _TRY.RETRY if kind is OutcomeKind.PASSING else _TRY.UNKNOWN
    message = f"{said}. Attempt {attempts} of {policy.max_attempts}; it is tried again."
    return Decision(status, result, message, due_at=due_at)


def retry_after_s(text: str | None, *, now: datetime) -> float | None:
    """The seconds that a `Retry-After` asks for (RFC 9110: a number or a date); None for anything else."""
    value = (text or "").strip()
    # isdigit() alone takes "²", and int() refuses more than 4300 digits.
    if value.isascii() and value.isdigit():
        return min(float(value[:18]), RETRY_AFTER_CAP_S)
    try:
        moment = parsedate_to_datetime(value)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max(0.0, (aware - now).total_seconds())
    except (ValueError, OverflowError):
        return None


def _wait(outcome: Outcome, *, attempts: int, policy: RetryPolicy, now: datetime, rng: Random) -> timedelta:
    """How long the step rests. A search came after the rest, and what was never sent needs none."""
    if outcome.kind in {OutcomeKind.NOT_FOUND, OutcomeKind.HANDED_BACK}:
        return timedelta(0)
    return policy.delay(attempts, asked_s=retry_after_s(outcome.retry_after, now=now), rng=rng)


def _exhausted(step: Step, *, attempts: int, policy: RetryPolicy, due_at: datetime) -> str | None:
    """Why there is no further attempt; None while there is."""
    if attempts >= policy.max_attempts:
        return f"Given up after {_count(attempts)}."
    begun = step.started_at
    if begun is not None and due_at > begun + timedelta(seconds=policy.give_up_after_s):
        return f"Given up after {_count(attempts)}: the next would come later than give_up_after allows."
    return None


def _count(attempts: int) -> str:
    return "1 attempt" if attempts == 1 else f"{attempts} attempts"
