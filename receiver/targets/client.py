"""The HTTP client of a target: httpx on a guarded network, with everything off that works behind our back."""

import logging
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import cast

import certifi
import httpcore
import httpx

MAX_CONNECTIONS = 8
"""For one target. httpx's pool costs the square of its size: few connections are faster than many."""
CONNECT_TIMEOUT_S = 5.0
KEEPALIVE_S = 5.0
"""An idle connection that the other side has closed in the meantime costs an answer, so it is not kept for long."""

_FAULTS: dict[type[Exception], type[httpx.TransportError]] = {
    httpcore.ConnectTimeout: httpx.ConnectTimeout,
    httpcore.PoolTimeout: httpx.PoolTimeout,
    httpcore.WriteTimeout: httpx.WriteTimeout,
    httpcore.ReadTimeout: httpx.ReadTimeout,
    httpcore.ConnectError: httpx.ConnectError,
    httpcore.WriteError: httpx.WriteError,
    httpcore.ReadError: httpx.ReadError,
    httpcore.LocalProtocolError: httpx.LocalProtocolError,
    httpcore.RemoteProtocolError: httpx.RemoteProtocolError,
    httpcore.UnsupportedProtocol: httpx.UnsupportedProtocol,
}


def trusted_authorities() -> ssl.SSLContext:
    """Who may vouch for a target: what the system trusts, internal authorities included, and Mozilla's list."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def open_client(transport: httpx.AsyncBaseTransport) -> httpx.AsyncClient:
    """A client for one target: no proxies from the environment, no redirects, no cookies, no compression."""
    # httpx logs every URL at INFO and httpcore every header at DEBUG: both can hold secrets.
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    return httpx.AsyncClient(
        transport=transport,
        trust_env=False,
        follow_redirects=False,
        cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
        headers={"Accept-Encoding": "identity"},
        timeout=httpx.Timeout(None, connect=CONNECT_TIMEOUT_S),  # the sender limits the whole
    )


class GuardedTransport(httpx.AsyncBaseTransport):
    """Sends httpx's requests over an httpcore pool on a network of our choice.

    `httpx.AsyncHTTPTransport` builds its pool itself and takes no network; this is what is left of it without proxies.
    """

    def __init__(self, network: httpcore.AsyncNetworkBackend, *, authorities: ssl.SSLContext) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=authorities,
            max_connections=MAX_CONNECTIONS,
            keepalive_expiry=KEEPALIVE_S,
            network_backend=network,
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request and give back its answer, the body not yet read."""
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        sent = httpcore.Request(
            request.method,
            url,
            headers=request.headers.raw,
            content=cast("httpx.AsyncByteStream", request.stream),  # an AsyncClient makes no other
            extensions=request.extensions,
        )
        with _faults():
            answer = await self._pool.handle_async_request(sent)
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer), extensions=answer.extensions)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._pool.aclose()


class _Body(httpx.AsyncByteStream):
    """The body of an answer, with httpcore's faults as httpx's."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _faults():
            async for part in self._answer.aiter_stream():
                yield part

    async def aclose(self) -> None:
        await self._answer.aclose()


@contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
    except tuple(_FAULTS) as exc:
        raise _FAULTS[type(exc)](str(exc)) from exc
