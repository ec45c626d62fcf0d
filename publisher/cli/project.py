"""The project that a command works in: its config, its settings, its flow files."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from publisher.cli.files import each_once, is_pattern, matching, named_files
from publisher.config import Config, FlowEntry, parse_config
from publisher.environments import AS_SET, Environment, choose_environment, parse_environments, settings_in
from publisher.environments import FILE as ENVIRONMENTS
from publisher.errors import UsageError
from publisher.settings import RECEIVER_TOKEN, WEBHOOK_SECRET, Settings, read_settings
from publisher.text_file import text_of

CONFIG_FILE = Path("config/publisher.yaml")
ENVIRONMENTS_FILE = Path(ENVIRONMENTS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Project:
    """What the config files and the process's variables say together, for one environment."""

    config: Config
    settings: Settings
    environment: Environment = AS_SET
    config_file: Path | None = None
    """The config file that was asked for; None: the usual one."""

    @property
    def webhook_url(self) -> str | None:
        """Where the receiver listens: as the variables say, else the config."""
        return _webhook_url(self.config, self.settings)

    @property
    def receiver_url(self) -> str | None:
        """Where the receiver's API is: where its door is, as the variable says, else as the config does."""
        base, door, _ = (self.settings.webhook_url or "").partition("/webhooks/")
        return base if door else self.config.receiver.url.rstrip("/") if self.config.receiver else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """A flow file that the command is to work on, the id of its flow where that is known, and its files of values."""

    path: Path
    flow_id: str | None = None
    values: tuple[Path, ...] = ()


def read_project(environ: Mapping[str, str], *, config_file: Path | None = None, env: str | None = None) -> Project:
    """The project in the working directory, for the environment of that name, or the only one there is.

    A config file that was asked for has to be there.
    """
    known = read_environments()
    config = read_config(config_file, environments=known)
    environment = choose_environment(known, env)
    settings = settings_in(
        environment, environ, webhook_secret=_webhook_secret(config), receiver_token=_receiver_token(config)
    )
    return Project(config=config, settings=settings, environment=environment, config_file=config_file)


def read_environments() -> Mapping[str, Environment]:
    """The environments that the project knows; the file may be absent."""
    if not ENVIRONMENTS_FILE.exists():
        return {}
    return parse_environments(_text(ENVIRONMENTS_FILE), file=str(ENVIRONMENTS_FILE))


def read_config(config_file: Path | None = None, *, environments: Collection[str] | None = None) -> Config:
    """The config in a file, or in the usual place; there it may be absent."""
    path = config_file or CONFIG_FILE
    if config_file is None and not path.exists():
        return Config()
    return parse_config(_text(path), file=str(path), environments=environments)


def read_webhook_url(environ: Mapping[str, str], *, config_file: Path | None = None) -> str | None:
    """Where the receiver listens, which is the same for every environment."""
    config = read_config(config_file)
    return _webhook_url(config, read_settings(environ, webhook_secret=_webhook_secret(config)))


def choose(project: Project, files: Sequence[Path], *, flow_id: str | None = None) -> list[Chosen]:
    """The files that were named, else those of the config, each with what the config has for it."""
    paths = named_files(files) or configured_files(project.config)
    if not paths:
        raise UsageError(
            "Name a flow file: publisher publish FILE, or list files under `flows` in config/publisher.yaml."
        )
    _check_one_flow(paths, option=flow_id, variable=project.settings.flow_id)
    given = flow_id or project.settings.flow_id
    environment = project.environment.name
    entries = entries_of(project.config)
    return [
        Chosen(
            path=path,
            flow_id=given or flow_id_of(entries.get(path.resolve(), ()), environment),
            values=values_of(entries.get(path.resolve(), ()), environment),
        )
        for path in paths
    ]


def configured_files(config: Config) -> list[Path]:
    """The files that the config lists, each once, in its order."""
    return each_once(path for entry in config.flows for path in files_of(entry))


def entries_of(config: Config) -> Mapping[Path, Sequence[FlowEntry]]:
    """Which entries of the config are about a file, by its resolved path."""
    found: dict[Path, list[FlowEntry]] = {}
    for entry in config.flows:
        for path in files_of(entry):
            found.setdefault(path.resolve(), []).append(entry)
    return found


def values_of(entries: Iterable[FlowEntry], environment: str | None) -> tuple[Path, ...]:
    """The files of values that some entries name for an environment; of two with one name in them, the later counts."""
    return tuple(Path(path) for entry in entries for path in entry.values_in(environment))


def files_of(entry: FlowEntry) -> list[Path]:
    """The files that an entry of the config is about, in order."""
    # A path without wildcards stays in the list even when it is not there: reading it tells so.
    return matching(entry.files) if is_pattern(entry.files) else [Path(entry.files)]


def flow_id_of(entries: Iterable[FlowEntry], environment: str | None) -> str | None:
    """The id of a flow that some entries name for an environment."""
    ids = (entry.flow_id_in(environment) for entry in entries)
    return next((flow_id for flow_id in ids if flow_id is not None), None)


def _check_one_flow(paths: Sequence[Path], *, option: str | None, variable: str | None) -> None:
    name = "--flow-id" if option else "GENESYS_FLOW_ID" if variable else None
    if name is not None and len(paths) > 1:
        raise UsageError(
            f"{name} names one flow, but there are {len(paths)} files. Give one file, or give each file's id under"
            " `flows` in config/publisher.yaml."
        )


def _webhook_url(config: Config, settings: Settings) -> str | None:
    return settings.webhook_url or (config.receiver.webhook_url if config.receiver else None)


def _webhook_secret(config: Config) -> str:
    return config.receiver.secret if config.receiver else WEBHOOK_SECRET


def _receiver_token(config: Config) -> str:
    return (config.receiver.token if config.receiver else None) or RECEIVER_TOKEN


def _text(path: Path) -> str:
    try:
        return text_of(path)
    except (OSError, UnicodeDecodeError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else "it is not UTF-8 text"
        raise UsageError(f"{path}: cannot be read: {reason}.", code="config") from exc
