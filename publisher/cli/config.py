"""`publisher config`: checks the publisher's config files, and prints their schemas for editors."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from publisher.cli.options import ConfigOption, JsonOption
from publisher.cli.project import CONFIG_FILE, ENVIRONMENTS_FILE, files_of, read_config, read_environments
from publisher.cli.surroundings import Surroundings
from publisher.config import Config, FlowEntry
from publisher.environments import Environment, settings_in
from publisher.errors import UsageError
from publisher.reports import counted
from publisher.schemas import schema_text
from publisher.whole_file import write_whole

config = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Check the config files.")


class File(StrEnum):
    """A config file that has a schema."""

    ENVIRONMENTS = "environments"
    PUBLISHER = "publisher"


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """A config file without faults: what is in it, and what in it leads nowhere."""

    file: Path
    sentence: str
    warnings: tuple[str, ...] = ()


@config.command()
def check(context: typer.Context, *, as_json: JsonOption = False, config: ConfigOption = None) -> None:
    """Check the config files: every fault, and where it stands.

    They are config/environments.yaml and config/publisher.yaml.

    What is not there, or not set, is a warning: it may well be there where the flows are published.

    Exit codes: 0 no faults (there may be warnings), 2 there are faults.
    """
    around: Surroundings = context.obj
    console = around.console(as_json=as_json)
    for checked in checked_files(around.environ, config):
        fields = {"result": "fine", "file": str(checked.file), "warnings": checked.warnings}
        console.row(fields, checked.sentence)
        for warning in checked.warnings:
            console.warn(f"{checked.file}: {warning}")


@config.command()
def schema(
    context: typer.Context,
    file: Annotated[File, typer.Argument(metavar="environments|publisher", help="Which config file.")],
    output: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="Where to write it; unless given, stdout.")
    ] = None,
) -> None:
    """Print the JSON Schema of a config file, for editors."""
    around: Surroundings = context.obj
    if output is None:
        around.out.write(schema_text(file))
        return
    try:
        write_whole(output, schema_text(file))
    except OSError as exc:
        raise UsageError(f"{output}: cannot be written: {exc.strerror}.") from exc


def checked_files(environ: Mapping[str, str], config_file: Path | None) -> list[Checked]:
    """Both config files, checked, or a UsageError with the faults of both."""
    faults: list[str] = []
    environments: Mapping[str, Environment] | None = None
    config = Config()
    try:
        environments = read_environments()
    except UsageError as exc:
        faults.append(str(exc))
    try:
        config = read_config(config_file, environments=environments)
    except UsageError as exc:
        faults.append(str(exc))
    if faults:
        raise UsageError("\n".join(faults), code="config")
    known = environments or {}
    return [_of_environments(known, environ), _of_config(config, config_file or CONFIG_FILE, known)]


def _of_environments(environments: Mapping[str, Environment], environ: Mapping[str, str]) -> Checked:
    if not ENVIRONMENTS_FILE.exists():
        return Checked(file=ENVIRONMENTS_FILE, sentence=f"{ENVIRONMENTS_FILE} does not exist, which is fine")
    names = f" ({', '.join(environments)})" if environments else ""
    return Checked(
        file=ENVIRONMENTS_FILE,
        sentence=f"{ENVIRONMENTS_FILE} is fine: {counted(len(environments), 'environment')}{names}",
        warnings=tuple(_unset(environments, environ)),
    )


def _unset(environments: Mapping[str, Environment], environ: Mapping[str, str]) -> Iterator[str]:
    for environment in environments.values():
        try:
            settings_in(environment, environ).credentials()
        except UsageError as exc:
            yield from (f"environment {environment.name!r}: {line}" for line in str(exc).splitlines())


def _of_config(config: Config, file: Path, environments: Mapping[str, Environment]) -> Checked:
    if not file.exists():
        return Checked(file=file, sentence=f"{file} does not exist, which is fine")
    found = {path for entry in config.flows for path in files_of(entry) if path.exists()}
    return Checked(
        file=file,
        sentence=f"{file} is fine: {counted(len(found), 'flow file')}",
        warnings=tuple(dict.fromkeys(leading_nowhere(config, environments))),
    )


def leading_nowhere(config: Config, environments: Collection[str]) -> Iterator[str]:
    """What the config names that is not there, for some environments."""
    for entry in config.flows:
        if not any(path.exists() for path in files_of(entry)):
            yield f"there is no flow file {entry.files}"
        for path in _values(entry, environments):
            if not path.exists():
                yield f"there is no file of values {path}, for {entry.files}"


def _values(entry: FlowEntry, environments: Collection[str]) -> list[Path]:
    names: list[str | None] = [*environments] or [None]
    return [Path(path) for name in names for path in entry.values_in(name)]
