"""The header `Forwarded` (RFC 7239): who asked, and by what scheme, as trusted proxies tell it.

The server reads `X-Forwarded-For` and `-Proto` itself. A request that has one of these is passed over here: a proxy
that sets the one kind may well let the other through as the client has sent it.
"""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from receiver.networks import is_within

Address = tuple[str, int]

_OTHERS: Final = frozenset({b"x-forwarded-for", b"x-forwarded-proto"})
# Tolerant in one thing: an address with a port should stand in quotes, and often does not.
_PAIR: Final = r"""[!#$%&'*+.^_`|~\w-]+=(?:[^\s",;]+|"(?:[^"\\]|\\.)*")"""
_ELEMENT: Final = rf"{_PAIR}(?:[ \t]*;[ \t]*{_PAIR})*"
_HEADER: Final = re.compile(rf"[ \t]*{_ELEMENT}(?:[ \t]*,[ \t]*{_ELEMENT})*[ \t]*", re.ASCII)
_NODE: Final = re.compile(r"(?:\[([0-9a-f:.]+)\]|([0-9.]+))(?::([0-9]{1,5}|_[\w.-]+))?", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Hop:
    """What one proxy tells of who asked it."""

    address: Address | None = None
    """None where it does not say: `unknown`, or a name of its own making."""
    scheme: str | None = None


class Forwarded:
    """An application that sees who asked the first of the proxies that are trusted."""

    def __init__(self, app: ASGIApp, proxies: Sequence[str]) -> None:
        self._app = app
        self._proxies = tuple(proxies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if self._trusts(scope.get("client")):
            self._follow(scope, read_hops(_told(scope)))
        await self._app(scope, receive, send)

    def _follow(self, scope: Scope, hops: Sequence[Hop]) -> None:
        """Go from the proxy that asked us back to whoever asked the first one that is trusted."""
        for hop in reversed(hops):
            scope["scheme"] = hop.scheme or scope["scheme"]
            if hop.address is None:
                return
            scope["client"] = hop.address
            if not self._trusts(hop.address):
                return

    def _trusts(self, address: Address | None) -> bool:
        return address is not None and is_within(address[0], self._proxies)


def behind(proxies: Sequence[str], app: ASGIApp) -> ASGIApp:
    """The application as it stands behind these proxies."""
    return Forwarded(app, proxies) if proxies else app


def read_hops(header: str) -> Sequence[Hop]:
    """What each proxy tells, the one nearest to the client first; nothing where the header cannot be read."""
    if _HEADER.fullmatch(header) is None:
        return ()
    return [_hop(re.findall(_PAIR, element, re.ASCII)) for element in re.findall(_ELEMENT, header, re.ASCII)]


def _hop(pairs: Sequence[str]) -> Hop:
    scheme = _value(pairs, "proto").lower()
    return Hop(address=_address(_value(pairs, "for")), scheme=scheme if scheme in {"http", "https"} else None)


def _value(pairs: Sequence[str], wanted: str) -> str:
    """What a pair holds; one that is there twice holds nothing."""
    found = [value for name, _, value in (pair.partition("=") for pair in pairs) if name.lower() == wanted]
    if len(found) != 1:
        return ""
    return re.sub(r"\\(.)", r"\1", found[0][1:-1]) if found[0].startswith('"') else found[0]


def _address(node: str) -> Address | None:
    found = _NODE.fullmatch(node)
    if found is None:
        return None
    try:
        host = ipaddress.ip_address(found[1] or found[2])
    except ValueError:
        return None
    port = found[3] or ""
    return str(host), int(port) if port.isdigit() else 0


def _told(scope: Scope) -> str:
    if not _OTHERS.isdisjoint(name for name, _ in scope["headers"]):
        return ""
    return ", ".join(value.decode("latin-1") for name, value in scope["headers"] if name == b"forwarded")
