"""A host that answers from a list, a clock that only waiting moves, and a client on both."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx

from publisher.genesys.auth import Credentials
from publisher.genesys.backoff import RetryPolicy
from publisher.genesys.budget import RateBudget
from publisher.genesys.client import GenesysClient
from publisher.genesys.hosts import Hosts, hosts_of_url
from publisher.genesys.wire import Timeouts, Wire

API = "https://sandbox.test"
CORRELATION_ID = "8f725aa1-d831-4fb3-a8ea-9ccf7d44db68"
HTML = "<!DOCTYPE html><html><body>Please sign in</body></html>"

Answer = Callable[[httpx.Request], httpx.Response]


def an_answer(status: int = 200, *, headers: dict[str, str] | None = None, **content: Any) -> Answer:  # noqa: ANN401
    """An answer with a correlation id; `json=`, `html=`, `content=` as httpx takes them."""
    told = {"ININ-Correlation-Id": CORRELATION_ID} | (headers or {})
    return lambda _: httpx.Response(status, headers=told, **content)


def a_fault(error: Exception) -> Answer:
    """No answer, but an error of the network."""

    def fail(_: httpx.Request) -> httpx.Response:
        raise error

    return fail


@dataclass
class Host:
    """Answers calls in the order of the list, the last answer for ever; gives a new token each time."""

    answers: Sequence[Answer] = field(default_factory=lambda: [an_answer(json={"id": "x"})])
    token_answers: Sequence[Answer] = ()
    token_life_s: float = 3600
    calls: list[httpx.Request] = field(default_factory=list)
    token_calls: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/oauth/token"):
            self.token_calls.append(request)
            return _nth(self.token_answers or [self._token], len(self.token_calls))(request)
        self.calls.append(request)
        return _nth(self.answers, len(self.calls))(request)

    def _token(self, _: httpx.Request) -> httpx.Response:
        token = f"token-{len(self.token_calls)}"
        return httpx.Response(200, json={"access_token": token, "expires_in": self.token_life_s})


def _nth(answers: Sequence[Answer], number: int) -> Answer:
    return answers[min(number, len(answers)) - 1]


@dataclass
class Time:
    """A clock that stands still but for what is slept."""

    now_s: float = 1000.0
    naps: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.now_s

    async def sleep(self, delay_s: float) -> None:
        self.naps.append(delay_s)
        self.now_s += delay_s


class Steady(Random):
    """No jitter at all."""

    def uniform(self, a: float, b: float) -> float:  # noqa: ARG002 - the base class's
        return a


def a_wire(
    host: Host | httpx.AsyncBaseTransport,
    *,
    time: Time | None = None,
    hosts: Hosts | None = None,
    policy: RetryPolicy | None = None,
    timeouts: Timeouts | None = None,
    budget: RateBudget | None = None,
    on_wait: Callable[[str, float], None] | None = None,
) -> Wire:
    clock = time or Time()
    transport = httpx.MockTransport(host) if isinstance(host, Host) else host
    return Wire(
        httpx.AsyncClient(transport=transport),
        hosts=hosts or hosts_of_url(API),
        credentials=Credentials(client_id="ci", client_secret="pa55word"),
        monotonic=clock.monotonic,
        sleep=clock.sleep,
        rng=Steady(),
        policy=policy,
        timeouts=timeouts,
        budget=budget,
        on_wait=on_wait,
    )


async def handed_in(client: GenesysClient, yaml: bytes, *, create_stubs: bool = False) -> str:
    """The id of a job that has this file."""
    upload = await client.register_job(create_stubs=create_stubs)
    await client.upload(upload, yaml)
    return upload.job_id


def a_client(host: Host | httpx.AsyncBaseTransport, *, time: Time | None = None) -> GenesysClient:
    return GenesysClient(a_wire(host, time=time))
