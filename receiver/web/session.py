"""Who is signed in: signed session cookies, one-time sign-in links, and the brake on guessing.

Everything here is a rule over values: time and randomness come from the caller. What must be remembered (ended
sessions, open links, failed tries) is kept in memory and bounded; a restart forgets it.
"""

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from itsdangerous import BadData, URLSafeSerializer

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
LINK_LIFE = timedelta(minutes=15)
CLOCK_LEEWAY = timedelta(minutes=1)

NewSecret = Callable[[], str]
"""Makes an unguessable text, as `secrets.token_urlsafe` does."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """Somebody who has shown the admin token."""

    id: str
    csrf: str
    """What every form of this session must carry."""
    began_at: datetime
    seen_at: datetime

    def is_live(self, now: datetime) -> bool:
        """Whether it still holds: used within half an hour, begun within twelve."""
        return now - self.seen_at < IDLE and now - self.began_at < ABSOLUTE and self.seen_at <= now + CLOCK_LEEWAY


class Sessions:
    """Begins, seals, opens and ends sessions.

    The cookie carries the session itself, signed. `keys` are the previous keys and the current one: the last signs,
    all verify. Cookies are bound to the admin token as well: with a new token everybody signs in again.
    """

    def __init__(self, keys: Sequence[str], *, admin_token: str, new_secret: NewSecret) -> None:
        self._serializer = URLSafeSerializer(
            list(keys),
            salt=b"session" + hashlib.sha256(admin_token.encode()).digest(),
            signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
        )
        self._new_secret = new_secret
        self._ended = _Remembered(limit=100_000)

    def begin(self, now: datetime) -> Session:
        """A fresh session, with a new id: nothing that was sent before the sign-in is worth anything after it."""
        return Session(id=self._new_secret(), csrf=self._new_secret(), began_at=now, seen_at=now)

    def seal(self, session: Session, now: datetime) -> str:
        """The session as a cookie's value, seen now."""
        fields = [session.id, session.csrf, int(session.began_at.timestamp()), int(now.timestamp())]
        return str(self._serializer.dumps(fields))

    def open(self, cookie: str, now: datetime) -> Session | None:
        """The live session that a cookie's value holds; None where it is forged, over or ended."""
        try:
            identifier, csrf, began, seen = self._serializer.loads(cookie)
        except (BadData, UnicodeEncodeError):
            return None
        session = Session(
            id=identifier,
            csrf=csrf,
            began_at=datetime.fromtimestamp(began, tz=now.tzinfo),
            seen_at=datetime.fromtimestamp(seen, tz=now.tzinfo),
        )
        return session if session.is_live(now) and identifier not in self._ended else None

    def end(self, session: Session, now: datetime) -> None:
        """Let no copy of the session's cookie be used again."""
        self._ended.add(session.id, until=session.began_at + ABSOLUTE, now=now)


class SignInLinks:
    """Links that sign in once: what `serve` prints on loopback.

    A link holds a random text that only this process knows, by its digest, and forgets at the first use or after a
    quarter of an hour. So a link in a browser's history or a terminal's scrollback opens nothing.
    """

    def __init__(self, new_secret: NewSecret) -> None:
        self._new_secret = new_secret
        self._open = _Remembered(limit=100)

    def issue(self, now: datetime) -> str:
        """The token of a new link."""
        token = self._new_secret()
        self._open.add(_digest(token), until=now + LINK_LIFE, now=now)
        return token

    def redeem(self, token: str, now: datetime) -> bool:
        """Whether the token opens; it does so once."""
        return self._open.take(_digest(token), now)


@dataclass(frozen=True, slots=True)
class _Tries:
    failures: int
    since: datetime


class Throttle:
    """Stops guessing: after `limit` failures within `window`, a peer waits until the window is over.

    The peer is the address of the socket, never of a header: those are the peer's own words.
    """

    def __init__(self, *, limit: int, window: timedelta, most_peers: int = 10_000) -> None:
        self._limit = limit
        self._window = window
        self._most_peers = most_peers
        self._tries: OrderedDict[str, _Tries] = OrderedDict()

    def wait_s(self, peer: str, now: datetime) -> int:
        """How many seconds the peer has to wait; 0: it may try."""
        tries = self._tries.get(peer)
        if tries is None or tries.failures < self._limit:
            return 0
        left = tries.since + self._window - now
        return max(0, -int(-left.total_seconds() // 1))

    def failed(self, peer: str, now: datetime) -> None:
        """Count a failed try; the window begins with the first one."""
        tries = self._tries.pop(peer, None)
        if tries is None or now - tries.since >= self._window:
            tries = _Tries(0, now)
        self._tries[peer] = replace(tries, failures=tries.failures + 1)
        while len(self._tries) > self._most_peers:
            self._tries.popitem(last=False)

    def succeeded(self, peer: str) -> None:
        """Forget the peer's failures."""
        self._tries.pop(peer, None)


def is_same_secret(given: bytes, wanted: str) -> bool:
    """Whether two secrets are equal; takes as long for nearly right as for quite wrong, whatever their lengths."""
    return hmac.compare_digest(hashlib.sha256(given).digest(), hashlib.sha256(wanted.encode()).digest())


class _Remembered:
    """Keys to know until a time; the oldest go first where there are too many."""

    def __init__(self, *, limit: int) -> None:
        self._limit = limit
        self._until: OrderedDict[str, datetime] = OrderedDict()

    def __contains__(self, key: object) -> bool:
        return key in self._until

    def add(self, key: str, *, until: datetime, now: datetime) -> None:
        for known in [known for known, end in self._until.items() if end <= now]:
            del self._until[known]
        self._until[key] = until
        while len(self._until) > self._limit:
            self._until.popitem(last=False)

    def take(self, key: str, now: datetime) -> bool:
        until = self._until.pop(key, None)
        return until is not None and now < until


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
