"""The receiver's history of flows, asked over its API (docs/api.md)."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any
from urllib.parse import quote

import httpx

from publisher.announcement import PASSING, POLICY, TIMEOUT_S
from publisher.errors import ExitCode, PublisherError
from publisher.genesys.backoff import retry_after_s
from publisher.ledger import timeline
from publisher.ledger.model import FlowLedger

FLOWS = "/api/v1/flows"
PAGE = 200
MOST_PAGES = 1000


class HistoryError(PublisherError):
    """The receiver could not be asked; what was published is not known."""

    default_code = "history"

    def __init__(self, message: str, *, exit_code: ExitCode = ExitCode.FAILED) -> None:
        super().__init__(message)
        self.exit_code = exit_code


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """The receiver's API, as far as it tells of flows."""

    http: httpx.AsyncClient
    url: str
    """The receiver's own, without a path of ours."""
    token: str = field(repr=False)
    token_name: str
    """The variable that the token came from."""
    clock: Callable[[], datetime]
    rng: Random
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def flow(self, flow_id: str) -> FlowLedger:
        """What we put live in a flow, adopted there, and blocked."""
        told = await self._told(flow_id)
        return timeline.read_flow(told) if told is not None else FlowLedger(flow_id=flow_id)

    async def good_version(self, flow_id: str) -> str | None:
        """The newest version of a flow all of whose runs succeeded."""
        told = await self._told(flow_id)
        return timeline.read_good(told) if told is not None else None

    async def check(self) -> None:
        """Ask for something; an error where the history does not answer."""
        await self._listed({"limit": "1"})

    async def flow_ids(self, *, environment: str | None) -> list[str]:
        """Every flow that the history knows in an environment."""
        found: list[str] = []
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            wanted = {"limit": str(PAGE), "environment": environment, "cursor": cursor}
            page = await self._listed({name: value for name, value in wanted.items() if value is not None})
            ids, cursor = timeline.read_list(page)
            found += ids
            if cursor is None:
                break
        return found

    async def _listed(self, query: Mapping[str, str]) -> Mapping[str, Any]:
        page = await self._ask(FLOWS, query)
        if page is None:
            raise self._fault(f"it knows no {FLOWS}. Is it older than this publisher, or something else?")
        return page

    async def _told(self, flow_id: str) -> Mapping[str, Any] | None:
        return await self._ask(f"{FLOWS}/{quote(flow_id, safe='')}", {"limit": str(PAGE)})

    async def _ask(self, path: str, query: Mapping[str, str]) -> Mapping[str, Any] | None:
        """The JSON object at a path, asked for again after passing faults; None where there is no such thing."""
        retry = 0
        while True:
            answer = await self._answer(path, query)
            if answer.status_code not in PASSING:
                return self._read(answer)
            retry += 1
            wished_s = retry_after_s(answer.headers.get("Retry-After"), now=self.clock())
            delay_s = POLICY.delay_s(retry, wished_s=wished_s, rng=self.rng)
            if delay_s is None:
                raise self._fault(f"it answered {answer.status_code}.", exit_code=ExitCode.TRY_AGAIN)
            await self.sleep(delay_s)

    async def _answer(self, path: str, query: Mapping[str, str]) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        try:
            async with asyncio.timeout(TIMEOUT_S):
                return await self.http.get(f"{self.url}{path}", params=dict(query), headers=headers)
        except TimeoutError as exc:
            raise self._fault(f"it did not answer within {TIMEOUT_S:g} s.", exit_code=ExitCode.TRY_AGAIN) from exc
        except httpx.TransportError as exc:
            why = str(exc) or type(exc).__name__
            raise self._fault(f"no connection: {why}.", exit_code=ExitCode.TRY_AGAIN) from exc

    def _read(self, answer: httpx.Response) -> Mapping[str, Any] | None:
        if answer.status_code in {401, 403}:
            raise self._fault(f"it does not take the token in {self.token_name}.", exit_code=ExitCode.NOT_ALLOWED)
        try:
            data = answer.json()
        except ValueError:
            data = None
        if not isinstance(data, dict):
            raise self._fault(f"it answered {answer.status_code} and no JSON. Is a receiver at this URL?")
        if answer.status_code == 404:
            return None
        if not answer.is_success:
            raise self._fault(f"it answered {answer.status_code}.")
        return data

    def _fault(self, why: str, *, exit_code: ExitCode = ExitCode.FAILED) -> HistoryError:
        return HistoryError(
            f"What flow-relay has published could not be asked of the receiver at {self.url}: {why}",
            exit_code=exit_code,
        )
