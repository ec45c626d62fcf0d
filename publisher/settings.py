"""What the environment tells the publisher, read once by the command.

Each setting has one name of ours and, where the platform's own tools have one, theirs. Each is also read from a file
that `NAME_FILE` points to, which is how containers and CI systems hand over secrets. An empty value is an unset one:
CI systems pass secrets that are not there as empty.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from publisher.errors import UsageError
from publisher.text_file import text_of

WEBHOOK_SECRET = "CI_WEBHOOK_SECRET"  # noqa: S105 - the variable's name
RECEIVER_TOKEN = "RELAY_TOKEN"  # noqa: S105 - the variable's name

CLIENT_ID = ("GENESYS_CLIENT_ID", "GENESYSCLOUD_OAUTHCLIENT_ID")
CLIENT_SECRET = ("GENESYS_CLIENT_SECRET", "GENESYSCLOUD_OAUTHCLIENT_SECRET")
NAMES: Mapping[str, Sequence[str]] = {
    "client_id": CLIENT_ID,
    "client_secret": CLIENT_SECRET,
    "region": ("GENESYS_REGION", "GENESYSCLOUD_REGION"),
    "api_url": ("GENESYS_API_URL",),
    "token_url": ("GENESYS_TOKEN_URL",),
    "flow_id": ("GENESYS_FLOW_ID",),
    "webhook_url": ("CI_WEBHOOK_URL",),
    "governance_id": ("GOVERNANCE_ID",),
}
"""The variables that a setting may come from; the first one that is set counts."""

URLS: Mapping[str, str] = {
    "api_url": "https://api.mypurecloud.de",
    "token_url": "https://login.mypurecloud.de/oauth/token",
    "webhook_url": "https://relay.example.com/webhooks/genesys",
}
"""The settings that are URLs, each with an example."""

LONGEST_GOVERNANCE_ID = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """The settings of one command. Secrets are not shown by `repr`."""

    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    region: str | None = None
    api_url: str | None = None
    token_url: str | None = None
    flow_id: str | None = None
    webhook_url: str | None = None
    webhook_secret: str | None = field(default=None, repr=False)
    receiver_token: str | None = field(default=None, repr=False)
    receiver_token_name: str = RECEIVER_TOKEN
    governance_id: str | None = None
    client_id_names: Sequence[str] = CLIENT_ID
    client_secret_names: Sequence[str] = CLIENT_SECRET

    def credentials(self) -> tuple[str, str]:
        """The OAuth client's id and secret, or a refusal that names every variable they may come from."""
        if self.client_id and self.client_secret:
            return self.client_id, self.client_secret
        both = ((self.client_id, self.client_id_names), (self.client_secret, self.client_secret_names))
        absent = [names for value, names in both if not value]
        raise UsageError("\n".join(_missing(names) for names in absent), code="settings.credentials")


def read_settings(
    environ: Mapping[str, str],
    *,
    webhook_secret: str = WEBHOOK_SECRET,
    receiver_token: str = RECEIVER_TOKEN,
    client_id: Sequence[str] = CLIENT_ID,
    client_secret: Sequence[str] = CLIENT_SECRET,
) -> Settings:
    """The settings that the variables hold. Secrets, and the client's id, may stand in others than the usual ones."""
    names = {**NAMES, "client_id": client_id, "client_secret": client_secret}
    values: dict[str, Any] = {key: _first(environ, variables) for key, variables in names.items()}
    settings = Settings(
        **values,
        webhook_secret=_first(environ, (webhook_secret,)),
        receiver_token=_first(environ, (receiver_token,)),
        receiver_token_name=receiver_token,
        client_id_names=client_id,
        client_secret_names=client_secret,
    )
    for key, example in URLS.items():
        check_url(getattr(settings, key), name=NAMES[key][0], example=example)
    _check_header_value(settings.webhook_secret, name=webhook_secret)
    _check_header_value(settings.receiver_token, name=receiver_token)
    check_governance_id(settings.governance_id, name="GOVERNANCE_ID")
    return settings


def check_url(text: str | None, *, name: str, example: str = URLS["webhook_url"]) -> None:
    """Refuse what is no whole http or https URL. One that may hold a password is not repeated."""
    if text is None:
        return
    try:
        parts = urlsplit(text)
        fits = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        fits = False
    if not fits or any(char.isspace() for char in text):
        found = "no URL that can be used" if "@" in text else repr(text)
        raise UsageError(f"{name} is {found}; give a whole URL, such as {example}.")
    if parts.username is not None:
        raise UsageError(f"{name} holds a user name or password; give the URL without them.")


def check_governance_id(text: str | None, *, name: str) -> None:
    """Refuse a governance id that would not fit on one line of a record."""
    if text is not None and (not text.isprintable() or len(text) > LONGEST_GOVERNANCE_ID):
        raise UsageError(f"{name} is {text!r}; give one line of at most {LONGEST_GOVERNANCE_ID} characters.")


def _first(environ: Mapping[str, str], names: Sequence[str]) -> str | None:
    return next((value for name in names if (value := _value(environ, name))), None)


def _value(environ: Mapping[str, str], name: str) -> str | None:
    direct, file = environ.get(name), environ.get(f"{name}_FILE")
    if direct and file:
        raise UsageError(f"{name} and {name}_FILE are both set; keep one of them.")
    return _content(Path(file), name=f"{name}_FILE") if file else direct or None


def _content(path: Path, *, name: str) -> str:
    try:
        text = text_of(path).rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else "not UTF-8 text"
        raise UsageError(f"{name} is {str(path)!r}, which cannot be read: {reason}.") from exc
    if not text:
        raise UsageError(f"{name} is {str(path)!r}, which is empty.")
    return text


def _check_header_value(secret: str | None, *, name: str) -> None:
    if secret is None or (secret.isascii() and secret.isprintable() and secret == secret.strip()):
        return
    raise UsageError(f"{name} holds characters that a header cannot carry; use ASCII without spaces around it.")


def _missing(names: Sequence[str]) -> str:
    name, *others = names
    also = f" {', '.join(others)} works too." if others else ""
    return f"{name} is not set. Set it, or {name}_FILE to the path of a file that holds it.{also}"
