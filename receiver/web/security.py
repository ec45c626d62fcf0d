"""The headers that protect whoever looks, and the check that a form was sent from our own pages."""

from collections.abc import Mapping
from urllib.parse import urlsplit

# No script at all: there is none on these pages, so none that got in could run either.
_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_ALWAYS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Not `no-referrer`: with that, browsers send `Origin: null` with our own forms, and no check could tell them apart.
    "Referrer-Policy": "same-origin",
}
ASSET_HEADERS: Mapping[str, str] = {**_ALWAYS, "Cache-Control": "public, max-age=31536000, immutable"}
API_HEADERS: Mapping[str, str] = {
    **_ALWAYS,
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
_PAGE_HEADERS: Mapping[str, str] = {
    **_ALWAYS,
    "Content-Security-Policy": _PAGE_POLICY,
    "Cache-Control": "no-store",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}


def page_headers(*, https: bool) -> dict[str, str]:
    """The headers of every page; over HTTPS the browser is told to stay with it."""
    stay = {"Strict-Transport-Security": "max-age=31536000"} if https else {}
    return {**_PAGE_HEADERS, **stay}


def is_from_our_pages(headers: Mapping[str, str]) -> bool:
    """Whether a POST was sent from our own pages, as far as the browser tells.

    A client that sends neither header is no browser of today: it brings no session that it was not given, and the
    session's own form token is asked for besides.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host")


def own_path(target: str | None) -> str:
    """Where to go after the sign-in: a path of ours, else the start; never another site."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\", "/sign-")):
        return "/"
    # Browsers drop tabs and line ends from an address before they read it: "/\t/evil" is "//evil".
    return target if target.isprintable() and target.isascii() else "/"
