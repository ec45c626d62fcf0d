"""`receiver config check` and `receiver config schema`."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from receiver.cli.config_file import read_environments
from receiver.cli.surroundings import Surroundings, around
from receiver.config import DEFAULT_CONFIG, Config, ConfigFault, Poll, Source, examine_config
from receiver.config.schema import config_schema
from receiver.doubts import doubts
from receiver.errors import ConfigError
from receiver.settings import DEFAULT_CONFIG_FILE, read_secret
from receiver.text_file import text_of
from receiver.verify import secret_fault

WRONG_USE = 2

FileArgument = Annotated[
    Path | None,
    typer.Argument(metavar="FILE", help="The config; unless given, RECEIVER_CONFIG, else config/receiver.yaml."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
OutputArgument = Annotated[Path | None, typer.Argument(metavar="FILE", help="Where to write it; unless given, stdout.")]


config = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Check the config.")


@config.command()
def check(context: typer.Context, file: FileArgument = None, *, as_json: JsonOption = False) -> None:
    """Check the config: every fault, and where it stands.

    Secrets that are not set are warnings, and so are rules that no event is likely to fit.
    """
    here = around(context)
    path = file or Path(here.environ.get("RECEIVER_CONFIG") or DEFAULT_CONFIG_FILE)
    if file is None and path == DEFAULT_CONFIG_FILE and not path.exists():
        default = replace(DEFAULT_CONFIG, file=str(path))
        _report_fine(here, default, f"{path} does not exist, which is fine", as_json=as_json)
        return
    examined = examine_config(_text_of(path, here), file=str(path), environments=read_environments(path))
    if examined.config is None:
        _report_faults(here, examined.faults, str(path), as_json=as_json)
        raise typer.Exit(WRONG_USE)
    _report_fine(here, examined.config, f"{path} is fine", as_json=as_json)


@config.command()
def schema(context: typer.Context, output: OutputArgument = None) -> None:
    """Print the JSON Schema of the config, for editors."""
    if output is None:
        around(context).out.write(config_schema())
        return
    try:
        output.write_text(config_schema(), encoding="utf-8")
    except OSError as exc:
        raise ConfigError([f"{output} cannot be written: {exc.strerror}."]) from exc


def unset(config: Config, environ: Mapping[str, str]) -> Iterator[str]:
    """What the config names and the environment lacks, in sentences."""
    values: dict[str, str | None] = {}
    for name in config.variables:
        try:
            values[name] = read_secret(environ, name)
        except ConfigError as exc:
            values[name] = ""  # set, and wrong, which is a sentence of its own
            yield from exc.faults
    for source in config.sources:
        yield from _unfit(source, values)
        if all(values[name] is None for name in source.secrets):
            yield (
                f"source {source.name!r} has no secret, and the receiver will not start without: "
                f"set {' or '.join(source.secrets)}, or one of them with _FILE."
            )
    for poll in config.polls:
        yield from _without_credentials(poll, values)
    for rule in config.secrets:
        if values[rule.name] is None:
            yield f"secret {rule.name} is not set, and steps need it: set {rule.name} or {rule.name}_FILE."


def _without_credentials(poll: Poll, values: Mapping[str, str | None]) -> Iterator[str]:
    for names in (poll.environment.client_id, poll.environment.client_secret):
        if all(values[name] is None for name in names):
            yield (
                f"source {poll.name!r} has no credentials of environment {poll.environment.name!r}, and the receiver"
                f" will not start without: set {names[0]} or {names[0]}_FILE."
            )


def _unfit(source: Source, values: Mapping[str, str | None]) -> Iterator[str]:
    for name in source.secrets:
        if (value := values[name]) and (fault := secret_fault(value, scheme=source.scheme)):
            yield f"source {source.name!r} is verified by {source.scheme}, and its secret {name} {fault}."


def _text_of(path: Path, here: Surroundings) -> str:
    try:
        return text_of(path)
    except FileNotFoundError:
        reason = "does not exist"
    except UnicodeDecodeError:
        reason = "is not UTF-8"
    except OSError as exc:
        reason = f"cannot be read: {exc.strerror}"
    here.err.write(f"{path} {reason}.\n")
    raise typer.Exit(WRONG_USE)


def _report_fine(here: Surroundings, config: Config, sentence: str, *, as_json: bool) -> None:
    warnings = [*doubts(config), *unset(config, here.environ)]
    if as_json:
        _print_json(
            here,
            {
                "file": config.file,
                "ok": True,
                "digest": config.digest,
                "sources": list(config.source_names),
                "targets": [target.name for target in config.targets],
                "secrets": [rule.name for rule in config.secrets],
                "pipelines": [pipeline.name for pipeline in config.pipelines],
                "warnings": warnings,
            },
        )
        return
    here.out.write(f"{sentence}: {_summary(config)}.\n")
    for warning in warnings:
        here.err.write(f"warning: {warning}\n")


def _report_faults(here: Surroundings, faults: tuple[ConfigFault, ...], file: str, *, as_json: bool) -> None:
    if as_json:
        listed = [
            {"line": fault.place.line, "column": fault.place.column, "message": fault.message} for fault in faults
        ]
        _print_json(here, {"file": file, "ok": False, "faults": listed})
        return
    for fault in faults:
        here.err.write(f"{fault.line(file)}\n")
    here.err.write(f"{_count(len(faults), 'fault')}.\n")


def _summary(config: Config) -> str:
    steps = sum(len(pipeline.steps) for pipeline in config.pipelines)
    parts = [_count(len(config.source_names), "source"), _count(len(config.pipelines), "pipeline")]
    parts += [_count(steps, "step")] if steps else []
    return ", ".join(parts + ([_count(len(config.secrets), "secret")] if config.secrets else []))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number or 'no'} {noun}s"


def _print_json(here: Surroundings, value: object) -> None:
    here.out.write(json.dumps(value, ensure_ascii=False) + "\n")
