"""The project that a command works in: its config, its settings, its flow files."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from publisher.config import Config, FlowEntry, parse_config
from publisher.errors import UsageError
from publisher.settings import WEBHOOK_SECRET, Settings, read_settings

CONFIG_FILE = Path("config/publisher.yaml")


@dataclass(frozen=True, kw_only=True, slots=True)
class Project:
    """What the config file and the environment say together."""

    config: Config
    settings: Settings

    @property
    def webhook_url(self) -> str | None:
        """Where the receiver listens: as the environment says, else the config."""
        configured = self.config.receiver.webhook_url if self.config.receiver else None
        return self.settings.webhook_url or configured


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """A flow file that the command is to work on, and the id of its flow where that is known."""

    path: Path
    flow_id: str | None = None


def read_project(environ: Mapping[str, str], *, config_file: Path | None = None) -> Project:
    """The project in the working directory. A config file that was asked for has to be there."""
    config = read_config(config_file)
    secret = config.receiver.secret if config.receiver else WEBHOOK_SECRET
    return Project(config=config, settings=read_settings(environ, webhook_secret=secret))


def read_config(config_file: Path | None = None) -> Config:
    """The config in a file, or in the usual place; there it may be absent."""
    path = config_file or CONFIG_FILE
    if config_file is None and not path.exists():
        return Config()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else "it is not UTF-8 text"
        raise UsageError(f"{path}: cannot be read: {reason}.", code="config") from exc
    return parse_config(text, file=str(path))


def choose(project: Project, files: Sequence[Path], *, flow_id: str | None = None) -> list[Chosen]:
    """The files that were named, else those of the config, each with the id that is known for it."""
    paths = _each_once(files) or configured_files(project.config)
    if not paths:
        raise UsageError(
            "Name a flow file: publisher publish FILE, or list files under `flows` in config/publisher.yaml."
        )
    _check_one_flow(paths, option=flow_id, variable=project.settings.flow_id)
    given = flow_id or project.settings.flow_id
    return [Chosen(path=path, flow_id=given or _configured_id(project.config, path)) for path in paths]


def configured_files(config: Config) -> list[Path]:
    """The files that the config lists, each once, in its order."""
    return _each_once(path for entry in config.flows for path in _files(entry))


def _each_once(paths: Iterable[Path]) -> list[Path]:
    """The paths in their order, no file twice, however it is called."""
    first: dict[Path, Path] = {}
    for path in paths:
        first.setdefault(path.resolve(), path)
    return list(first.values())


def _files(entry: FlowEntry) -> list[Path]:
    if Path(entry.files).is_absolute():
        return [Path(entry.files)]
    return sorted(path for path in Path().glob(entry.files) if path.is_file()) or _only_if_plain(entry.files)


def _only_if_plain(text: str) -> list[Path]:
    """A path without wildcards stays in the list even when it is not there: reading it tells so."""
    return [] if any(char in text for char in "*?[") else [Path(text)]


def _configured_id(config: Config, path: Path) -> str | None:
    entries = (entry for entry in config.flows if entry.flow_id is not None)
    return next((entry.flow_id for entry in entries if Path(entry.files).resolve() == path.resolve()), None)


def _check_one_flow(paths: Sequence[Path], *, option: str | None, variable: str | None) -> None:
    name = "--flow-id" if option else "GENESYS_FLOW_ID" if variable else None
    if name is not None and len(paths) > 1:
        raise UsageError(
            f"{name} names one flow, but there are {len(paths)} files. Give one file, or give each file's id under"
            " `flows` in config/publisher.yaml."
        )
