"""Who may look: a browser with a session, or a program with the admin token. Nothing is shown to anyone else."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from receiver.clock import Clock
from receiver.networks import neighbourhood
from receiver.web.session import NewSecret, Session, Sessions, SignInLinks, Throttle, is_same_secret

RENEW_AFTER = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Access:
    """The admin token, and everything that knows who has shown it."""

    admin_token: str = field(repr=False)
    sessions: Sessions
    links: SignInLinks
    sign_ins: Throttle
    bearers: Throttle
    clock: Clock
    public_url: str | None = None

    def session_of(self, request: Request) -> Session | None:
        """The session that a browser's request belongs to."""
        cookie = request.cookies.get(self._cookie_name(request))
        return self.sessions.open(cookie, self.clock()) if cookie else None

    def begin(self, request: Request, response: Response) -> None:
        """Sign in whoever gets this answer."""
        self._set_cookie(request, response, self.sessions.begin(self.clock()))

    def keep(self, request: Request, response: Response, session: Session) -> None:
        """Let the session last on from now, at most once a minute."""
        if self.clock() - session.seen_at >= RENEW_AFTER:
            self._set_cookie(request, response, session)

    def end(self, request: Request, response: Response, session: Session) -> None:
        """Sign out whoever gets this answer; the cookie is worth nothing from now on, wherever a copy lies."""
        self.sessions.end(session, self.clock())
        response.delete_cookie(self._cookie_name(request), secure=self._is_https(request), httponly=True)

    def is_admin(self, token: bytes) -> bool:
        """Whether this is the admin token; the comparison takes as long for any wrong one."""
        return is_same_secret(token, self.admin_token)

    def _set_cookie(self, request: Request, response: Response, session: Session) -> None:
        response.set_cookie(
            self._cookie_name(request),
            self.sessions.seal(session, self.clock()),
            secure=self._is_https(request),
            httponly=True,
            samesite="lax",
        )

    def _cookie_name(self, request: Request) -> str:
        # A browser takes a `__Host-` cookie over HTTPS alone, and from this very host alone.
        return "__Host-flow-relay" if self._is_https(request) else "flow-relay"

    def _is_https(self, request: Request) -> bool:
        if request.scope["scheme"] == "https":
            return True
        public = urlsplit(self.public_url or "")
        return public.scheme == "https" and public.netloc == request.headers.get("host")


def create_access(
    *,
    admin_token: str,
    secret_keys: Sequence[str],
    clock: Clock,
    new_secret: NewSecret,
    public_url: str | None = None,
) -> Access:
    """Who may look, for one admin token; `secret_keys` are the previous ones and the current one."""
    return Access(
        admin_token=admin_token,
        sessions=Sessions(secret_keys, admin_token=admin_token, new_secret=new_secret),
        links=SignInLinks(new_secret),
        sign_ins=Throttle(limit=5, window=timedelta(minutes=5)),
        # A program that keeps asking with an old token must not lock its neighbours out at once.
        bearers=Throttle(limit=300, window=timedelta(minutes=5)),
        clock=clock,
        public_url=public_url,
    )


def sign_in_link(access: Access, base_url: str) -> str:
    """An address that signs in whoever opens it first, within a quarter of an hour."""
    return f"{base_url.rstrip('/')}/sign-in?token={quote(access.links.issue(access.clock()), safe='')}"


def access_of(request: Request) -> Access | None:
    """Who may look; None where no admin token is set."""
    access: Access | None = getattr(request.app.state, "access", None)
    return access


def peer_of(request: Request) -> str:
    """Whom a throttle counts for: the address at the other end of the socket; of IPv6, the network it is in."""
    return neighbourhood(request.client.host if request.client else "")
