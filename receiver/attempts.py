"""Attempts: a claimed step is asked of its kind, and what became of it is worked out."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random

from receiver.clock import Clock
from receiver.config import Config
from receiver.errors import ReceiverError
from receiver.model import Claim, Settlement, Step
from receiver.outcomes import Outcome
from receiver.retry import RetryPolicy, after
from receiver.states import StepStatus
from receiver.targets import KINDS
from receiver.targets.calls import Secret, call_for
from receiver.targets.kind import Ask, Kind
from receiver.targets.sender import Senders, Sending

DEFAULT_TIMEOUT_S = 10.0


class Attempts:
    """Makes attempts, as many at a time as it is asked for."""

    def __init__(
        self, senders: Senders, *, config: Callable[[], Config], secret: Secret, clock: Clock, rng: Random
    ) -> None:
        self._senders = senders
        self._config = config
        self._secret = secret
        self._clock = clock
        self._rng = rng
        self._limits: set[asyncio.Timeout] = set()
        self._is_cut = False

    @property
    def busy_targets(self) -> Sequence[str]:
        """The targets that have as many attempts under way as they take."""
        return self._senders.busy

    async def make(self, claim: Claim, *, limit_s: float) -> Settlement:
        """Do what the step's status asks for, and judge it; broken off after `limit_s`."""
        kind = KINDS.get(claim.step.kind)
        if kind is None:
            return self._refused(claim, f"This release has no kind of target {claim.step.kind!r}")
        try:
            call = call_for(claim, config=self._config(), secret=self._secret)
        except ReceiverError as exc:
            return self._refused(claim, f"The request could not be made: {str(exc).removesuffix('.')}")
        sender = await self._senders.of(claim.step.target)
        sending = sender.sending(_ask(kind, claim.step), call, timeout_s=attempt_timeout_s(claim.step))
        outcome = await self._within(limit_s, sending)
        return self._settlement(claim, outcome, kind=kind, sending=sending)

    def broken(self, claim: Claim) -> Settlement:
        """What becomes of a step whose attempt met a fault of our own: trying it again would meet it again."""
        return self._refused(claim, "The receiver itself failed at this step; its log says more")

    def cut(self) -> None:
        """Break off every attempt under way, and each that is begun from now on."""
        self._is_cut = True
        for limit in self._limits:
            if not limit.expired():
                limit.reschedule(asyncio.get_running_loop().time())

    async def _within(self, limit_s: float, sending: Sending) -> Outcome:
        limit = asyncio.timeout(0.0 if self._is_cut else limit_s)
        try:
            async with limit:
                self._limits.add(limit)
                return await sending.run()
        except TimeoutError:
            why = "The receiver stopped" if self._is_cut else "The lease was over"
            if sending.reached:
                return Outcome.lost(f"{why} before the answer was complete")
            return Outcome.handed_back(f"{why} before it was this step's turn")
        finally:
            self._limits.discard(limit)

    def _refused(self, claim: Claim, message: str) -> Settlement:
        return self._settlement(claim, Outcome.failed(message, permanent=True))

    def _settlement(
        self, claim: Claim, outcome: Outcome, *, kind: Kind | None = None, sending: Sending | None = None
    ) -> Settlement:
        step, now = claim.step, self._clock()
        decision = after(
            outcome,
            step=step,
            attempts=step.attempts,
            policy=RetryPolicy() if kind is None else RetryPolicy.from_definition(step.definition),
            resends=kind is not None and kind.resends,
            now=now,
            rng=self._rng,
        )
        tried = replace(claim.attempt, result=decision.result, ended_at=now, message=f"{outcome.message}.")
        if sending is not None:
            tried = replace(tried, request=sending.request, response=sending.response)
        return Settlement(
            status=decision.status,
            # A look at a step changes nothing of the attempt that began it.
            attempt=tried if step.status is StepStatus.IN_FLIGHT else claim.attempt,
            due_at=decision.due_at,
            message=decision.message,
            reference=outcome.reference,
            url=outcome.url,
            outputs=outcome.outputs,
            counts=decision.counts,
        )


def attempt_timeout_s(step: Step) -> float:
    """How long one attempt at a step may take."""
    return float(step.definition.get("timeout_s") or DEFAULT_TIMEOUT_S)


def _ask(kind: Kind, step: Step) -> Ask:
    """What a claimed step wants of its kind."""
    match step.status:
        case StepStatus.UNKNOWN:
            return kind.find
        case StepStatus.STARTED:
            return kind.look
    return kind.start
