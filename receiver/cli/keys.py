"""The key that signs sessions: given, or made once and kept beside an SQLite database."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from receiver.errors import ConfigError, ReceiverError
from receiver.settings import Settings

NAME = "secret.key"


def check_key(settings: Settings) -> None:
    """Refuse to go on without a key where processes share a database: each would sign with its own."""
    if settings.is_database_shared and settings.secret_key is None:
        raise ConfigError(
            [
                "RECEIVER_SECRET_KEY is not set, and with PostgreSQL all processes must have the same one: "
                "give 16 random characters or more, such as `openssl rand -hex 32` prints."
            ]
        )


def secret_keys(settings: Settings, database: Path | None, *, new_secret: Callable[[], str]) -> Sequence[str]:
    """The previous key, where there is one, and the present key, which signs."""
    present = settings.secret_key
    if present is None and database is not None:
        present = _kept(database.with_name(NAME), new_secret)
    return [key for key in (settings.secret_key_previous, present) if key]


def _kept(file: Path, new_secret: Callable[[], str]) -> str:
    """The key in the file; made, for nobody else to read, where there is none."""
    try:
        if key := file.read_text(encoding="ascii").strip():
            return key
    except FileNotFoundError:
        pass
    except (OSError, UnicodeDecodeError) as exc:
        raise ReceiverError(f"{file} cannot be read: {exc}. Mend it, or set RECEIVER_SECRET_KEY.") from exc
    return _made(file, new_secret())


def _made(file: Path, key: str) -> str:
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as opened:
            opened.write(f"{key}\n")
    except OSError as exc:
        raise ReceiverError(f"{file} cannot be written: {exc.strerror}. Set RECEIVER_SECRET_KEY.") from exc
    return key
