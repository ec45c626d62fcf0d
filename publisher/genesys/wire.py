"""Sends calls: with the token, within a time limit, and again where that is right."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

import httpx

from publisher.genesys.auth import Credentials, Token, TokenCache, read_token, refusal, token_request
from publisher.genesys.backoff import RetryPolicy, retry_after_s
from publisher.genesys.budget import RateBudget
from publisher.genesys.errors import LimitedError
from publisher.genesys.exchange import Request, Response
from publisher.genesys.faults import PASSING, fault
from publisher.genesys.hosts import Hosts
from publisher.genesys.sending import Lost, send_once
from publisher.genesys.storage import Transfer, storage_fault

ACCEPT = {"Accept": "application/json"}
LIMITED = 429
TOO_MANY = "the organization's limit (too many requests)"
USED_UP = "the organization's limit (all the requests that it allows were made)"


def utc_now() -> datetime:
    """The present time, which a date in `Retry-After` is compared with."""
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Timeouts:
    """How long one request may take, from its start to the last byte of the answer."""

    token_s: float = 10.0
    call_s: float = 30.0
    transfer_s: float = 60.0


class Wire:
    """The way to one organization: one HTTP client, one token, one rate budget, one policy of trying again."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        *,
        hosts: Hosts,
        credentials: Credentials,
        monotonic: Callable[[], float],
        rng: Random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        now: Callable[[], datetime] = utc_now,
        policy: RetryPolicy | None = None,
        timeouts: Timeouts | None = None,
        budget: RateBudget | None = None,
        on_wait: Callable[[str, float], None] | None = None,
    ) -> None:
        self.hosts = hosts
        self.budget = budget or RateBudget(monotonic=monotonic)
        self.monotonic = monotonic
        self.sleep = sleep
        self._client = client
        self._credentials = credentials
        self._rng = rng
        self._now = now
        self._policy = policy or RetryPolicy()
        self._timeouts = timeouts or Timeouts()
        self._on_wait = on_wait
        self._tokens = TokenCache(self._fetch_token, monotonic=monotonic)

    async def authenticate(self) -> None:
        """Make sure that there is a token."""
        await self._tokens.token()

    async def send(self, request: Request) -> Response:
        """The answer to a call when it is a success; any other is raised as the error that it stands for."""
        token = await self._tokens.token()
        response = await self._call(request, token)
        if response.status == 401:
            response = await self._call(request, await self._tokens.renew(token))
        return self._checked(request, response)

    async def transfer(self, transfer: Transfer) -> Response:
        """The answer of the storage beside the API to a file, or with one: no token goes there."""
        response = await self._repeat(
            Request(method=transfer.method, path="", doing=transfer.doing, secrets=(transfer.url,)),
            lambda: self._client.build_request(
                transfer.method, transfer.url, headers=dict(transfer.headers), content=transfer.content
            ),
            timeout_s=self._timeouts.transfer_s,
        )
        if 200 <= response.status < 300:
            return response
        raise storage_fault(transfer, response)

    async def _call(self, request: Request, token: str) -> Response:
        headers = ACCEPT | {"Authorization": f"Bearer {token}"}
        url = self.hosts.api_url + request.path
        return await self._repeat(
            request,
            lambda: self._client.build_request(
                request.method, url, params=dict(request.query) or None, json=request.json, headers=headers
            ),
            timeout_s=self._timeouts.call_s,
            budget=self.budget,
        )

    async def _fetch_token(self) -> Token:
        asked = token_request(self.hosts, self._credentials)
        request = Request(method="POST", path="", doing="get a token", secrets=(self._credentials.client_secret,))
        response = await self._repeat(
            request,
            lambda: self._client.build_request("POST", asked.url, data=asked.form, headers=ACCEPT | asked.headers),
            timeout_s=self._timeouts.token_s,
        )
        if response.status in {400, 401} and not response.is_html:
            raise refusal(self._credentials, response)
        return read_token(self._checked(request, response))

    async def _repeat(
        self,
        request: Request,
        build: Callable[[], httpx.Request],
        *,
        timeout_s: float,
        budget: RateBudget | None = None,
    ) -> Response:
        """The first answer that no further try would better; passing faults are waited out, as the policy allows."""
        retry = 1
        while True:
            if budget is not None:
                await self._turn(budget)
            answer = await self._once(request, build(), timeout_s=timeout_s, budget=budget)
            delay_s = self._delay_s(request, answer, retry=retry)
            if delay_s is None:
                return _answered(answer)
            if self._is_news(answer, delay_s, budget=budget):
                self._tell(_reason(answer), delay_s)
            await self.sleep(delay_s)
            retry += 1

    async def _once(
        self, request: Request, built: httpx.Request, *, timeout_s: float, budget: RateBudget | None
    ) -> Response | Lost:
        if budget is None:
            return await send_once(self._client, built, request=request, timeout_s=timeout_s)
        with budget.call() as told:
            answer = await send_once(self._client, built, request=request, timeout_s=timeout_s)
            told.update(answer.headers if isinstance(answer, Response) else {})
        return answer

    async def _turn(self, budget: RateBudget) -> None:
        """Wait until the budget allows one more call."""
        while (wait_s := budget.wait_s()) > 0:
            if budget.is_news():
                self._tell(USED_UP, wait_s)
            await self.sleep(wait_s)

    def _is_news(self, answer: Response | Lost, delay_s: float, *, budget: RateBudget | None) -> bool:
        """Whether to tell of a wait. One that the organization asked for is kept by all calls, and told once."""
        if budget is None or not isinstance(answer, Response) or answer.status != LIMITED:
            return True
        return budget.hold(self._wished_s(answer) or delay_s)

    def _tell(self, reason: str, wait_s: float) -> None:
        if self._on_wait is not None:
            self._on_wait(reason, wait_s)

    def _delay_s(self, request: Request, answer: Response | Lost, *, retry: int) -> float | None:
        if not _is_passing(request, answer):
            return None
        wished_s = self._wished_s(answer) if isinstance(answer, Response) else None
        return self._policy.delay_s(retry, wished_s=wished_s, rng=self._rng)

    def _wished_s(self, response: Response) -> float | None:
        return retry_after_s(response.headers.get("retry-after"), now=self._now())

    def _checked(self, request: Request, response: Response) -> Response:
        if 200 <= response.status < 300:
            return response
        error = fault(request, response)
        if isinstance(error, LimitedError):
            error.retry_after_s = self._wished_s(response)
        raise error


def _is_passing(request: Request, answer: Response | Lost) -> bool:
    if isinstance(answer, Lost):
        return answer.is_repeatable
    # A 429 was not acted upon; after a 5xx that is not known, so what has an effect is not sent again.
    return answer.status == LIMITED or (answer.status in PASSING and not request.effect)


def _answered(answer: Response | Lost) -> Response:
    if isinstance(answer, Lost):
        raise answer.error from answer.cause
    return answer


def _reason(answer: Response | Lost) -> str:
    if isinstance(answer, Lost):
        return str(answer.error)
    return TOO_MANY if answer.status == LIMITED else f"the server answered {answer.status}"
