"""The config as the commands find it."""

from pathlib import Path

from receiver.config import DEFAULT_CONFIG, Config, parse_config
from receiver.errors import ConfigError
from receiver.settings import DEFAULT_CONFIG_FILE


def read_config(file: Path | None) -> Config:
    """The config in a file; with none named, that in the default file, which need not be there."""
    path = file or DEFAULT_CONFIG_FILE
    if file is None and not path.exists():
        return DEFAULT_CONFIG
    try:
        return parse_config(path.read_text(encoding="utf-8"), file=str(path))
    except OSError as exc:
        raise ConfigError([f"The config {path} cannot be read: {exc.strerror}."]) from exc
    except UnicodeDecodeError as exc:
        raise ConfigError([f"The config {path} is not UTF-8."]) from exc
