"""The config as the commands find it."""

from pathlib import Path

from receiver.config import DEFAULT_CONFIG, Config, Environments, parse_config, parse_environments
from receiver.config.environments import FILE_NAME
from receiver.errors import ConfigError
from receiver.settings import DEFAULT_CONFIG_FILE
from receiver.text_file import text_of


def read_config(file: Path | None) -> Config:
    """The config in a file; with none named, that in the default file, which need not be there."""
    path = file or DEFAULT_CONFIG_FILE
    if file is None and not path.exists():
        return DEFAULT_CONFIG
    try:
        text = text_of(path)
    except OSError as exc:
        raise ConfigError([f"The config {path} cannot be read: {exc.strerror}."]) from exc
    except UnicodeDecodeError as exc:
        raise ConfigError([f"The config {path} is not UTF-8."]) from exc
    return parse_config(text, file=str(path), environments=read_environments(path))


def read_environments(config_file: Path) -> Environments:
    """The environments in the file beside a config, which the publisher works by, too; without such a file, none."""
    path = config_file.parent / FILE_NAME
    try:
        return parse_environments(text_of(path), file=str(path))
    except FileNotFoundError:
        return Environments(file=str(path))
    except OSError as exc:
        return Environments(file=str(path), faults=(f"{path} cannot be read: {exc.strerror}.",))
    except UnicodeDecodeError:
        return Environments(file=str(path), faults=(f"{path} is not UTF-8.",))
