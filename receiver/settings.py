"""What the environment tells the receiver, read once by the command.

Every secret is also read from a file that `NAME_FILE` points to, which is how containers and CI systems hand secrets
over. An empty value is an unset one. Each setting: `docs/settings-receiver.md`.
"""

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from receiver.errors import ConfigError
from receiver.text_file import text_of

DEFAULT_DATABASE_URL = "sqlite:///var/receiver.db"
DEFAULT_CONFIG_FILE = Path("config/receiver.yaml")
DEFAULT_PORT = 8080
HIGHEST_PORT = 65535
LOOPBACK = "127.0.0.1"
LONGEST_SHUTDOWN_S = 600
SHORTEST_KEY = 16


Default = TypeVar("Default", int, None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """The settings of one process. Secrets are not shown by `repr`."""

    database_url: str = field(default=DEFAULT_DATABASE_URL, repr=False)
    host: str = LOOPBACK
    port: int = DEFAULT_PORT
    config_file: Path | None = None
    """None: the default file where it is there, else the source `genesys` and no pipelines."""
    admin_token: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)
    secret_key_previous: str | None = field(default=None, repr=False)
    public_url: str | None = None
    shutdown_s: int = 10
    has_worker: bool = True
    worker_port: int | None = None
    """Where a process that only works is watched; None: nowhere."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses and networks whose word is believed on who asked: `X-Forwarded-For` and `-Proto`, or `Forwarded`."""
    failpoint: str | None = None
    """Where this process is to be killed, for tests."""

    @property
    def is_database_shared(self) -> bool:
        """Whether several processes may work on the database: PostgreSQL, not a file."""
        return self.database_url.startswith("postgres")


def read_settings(environ: Mapping[str, str]) -> Settings:
    """The settings that the variables hold."""
    return Settings(
        database_url=read_variable(environ, "DATABASE_URL") or DEFAULT_DATABASE_URL,
        # A platform that hands out a port routes to it from outside.
        host=environ.get("RECEIVER_HOST") or ("0.0.0.0" if environ.get("PORT") else LOOPBACK),  # noqa: S104
        port=_whole_number(environ, "PORT", default=DEFAULT_PORT, least=0, most=HIGHEST_PORT),
        config_file=_path(environ.get("RECEIVER_CONFIG")),
        admin_token=read_secret(environ, "RECEIVER_ADMIN_TOKEN"),
        secret_key=_key(environ, "RECEIVER_SECRET_KEY"),
        secret_key_previous=_key(environ, "RECEIVER_SECRET_KEY_PREVIOUS"),
        public_url=_url(environ, "RECEIVER_PUBLIC_URL"),
        shutdown_s=_whole_number(environ, "RECEIVER_SHUTDOWN_S", default=10, least=1, most=LONGEST_SHUTDOWN_S),
        has_worker=_switch(environ, "RECEIVER_WORKER", default=True),
        worker_port=_whole_number(environ, "RECEIVER_WORKER_PORT", default=None, least=0, most=HIGHEST_PORT),
        trusted_proxies=_networks(environ, "RECEIVER_TRUSTED_PROXIES"),
        failpoint=environ.get("RECEIVER_FAILPOINT") or None,
    )


def read_variable(environ: Mapping[str, str], name: str) -> str | None:
    """A value from the variable, or from the file that `NAME_FILE` points to, without the line end of the file."""
    direct, file = environ.get(name), environ.get(f"{name}_FILE")
    if direct and file:
        raise _wrong(f"{name} and {name}_FILE are both set; keep one of them.")
    return _content(Path(file), name=f"{name}_FILE") if file else direct or None


def read_secret(environ: Mapping[str, str], name: str) -> str | None:
    """A secret: printable ASCII, so that every client can send it in a header and every byte of it counts."""
    value = read_variable(environ, name)
    if value is not None and not (value.isascii() and value.isprintable() and value == value.strip()):
        raise _wrong(f"{name} holds characters that a header cannot carry; use printable ASCII without spaces around.")
    return value


def read_secrets(environ: Mapping[str, str], names: Iterable[str]) -> Mapping[str, str]:
    """The secrets of these names that are set."""
    found = ((name, read_secret(environ, name)) for name in names)
    return {name: value for name, value in found if value is not None}


def _wrong(line: str) -> ConfigError:
    return ConfigError([line])


def _content(path: Path, *, name: str) -> str:
    try:
        text = text_of(path).rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else "not UTF-8 text"
        raise _wrong(f"{name} is {str(path)!r}, which cannot be read: {reason}.") from exc
    if not text:
        raise _wrong(f"{name} is {str(path)!r}, which is empty.")
    return text


def _whole_number(environ: Mapping[str, str], name: str, *, default: Default, least: int, most: int) -> int | Default:
    text = environ.get(name)
    if not text:
        return default
    if re.fullmatch(r"[0-9]{1,9}", text) is None or not least <= int(text) <= most:
        raise _wrong(f"{name} is {text!r}; give a whole number from {least} to {most}.")
    return int(text)


def _switch(environ: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = environ.get(name)
    if not text:
        return default
    if text.lower() not in {"on", "off"}:
        raise _wrong(f"{name} is {text!r}; give on or off.")
    return text.lower() == "on"


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None


def _key(environ: Mapping[str, str], name: str) -> str | None:
    value = read_variable(environ, name)
    if value is not None and len(value) < SHORTEST_KEY:
        raise _wrong(f"{name} has {len(value)} characters; give at least {SHORTEST_KEY} random ones.")
    return value


def _url(environ: Mapping[str, str], name: str) -> str | None:
    text = environ.get(name)
    if not text:
        return None
    try:
        parts = urlsplit(text)
        fits = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None
    except ValueError:
        fits = False
    if not fits or not text.isprintable() or " " in text:
        raise _wrong(
            f"{name} is no http or https URL without user and password; give one such as https://relay.example.com."
        )
    return text.rstrip("/")


def _networks(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    items = tuple(item.strip() for item in (environ.get(name) or "").split(",") if item.strip())
    for item in items:
        try:
            ipaddress.ip_network(item)
        except ValueError as exc:
            raise _wrong(f"{name} names {item!r}; give addresses or networks such as 10.0.0.0/8, by commas.") from exc
    return items
