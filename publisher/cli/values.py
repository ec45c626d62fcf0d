"""Where the values for placeholders come from: the command line, files, the config; the nearest counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path
from typing import Annotated, Self

import typer

from publisher.archy import NO_VALUES, UNSAID, Values, parse_setting, parse_values
from publisher.cli.project import entries_of, read_environments, values_of
from publisher.config import ENVIRONMENT, Config, FlowEntry
from publisher.environments import choose_environment
from publisher.loader import read_text

SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="The value of an Archy file's {{NAME}}. May be repeated."),
]
ValuesOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--values",
        metavar="FILE",
        help="Values for the {{placeholders}} of Archy files, YAML or JSON. May be repeated.",
    ),
]


@dataclass(frozen=True, kw_only=True, slots=True)
class ValueSources:
    """All values that a command was given, and those that the config has for each file."""

    given: Values
    entries: Mapping[Path, Sequence[FlowEntry]]
    environment: str | None
    _read: dict[tuple[Path, ...], Values] = field(default_factory=dict)

    @classmethod
    def of(
        cls, settings: Sequence[str] | None, files: Sequence[Path] | None, config: Config, *, env: str | None
    ) -> Self:
        """What the options and the config say together."""
        given = given_values(settings, files)
        return cls(given=given, entries=entries_of(config), environment=environment_of(config, env))

    def values_for(self, file: Path) -> Values:
        """The values for a flow file."""
        if not self.entries:
            return self.given
        entries = self.entries.get(file.resolve(), ())
        files = values_of(entries, self.environment)
        if files not in self._read:
            self._read[files] = values_in(files)
        return self.given.over(self._read[files])


def given_values(settings: Sequence[str] | None, files: Sequence[Path] | None) -> Values:
    """The values of the command line."""
    return layered([values_in(files or ()), *(parse_setting(setting) for setting in settings or ())])


def said_again(settings: Sequence[str] | None, files: Sequence[Path] | None) -> tuple[str, ...]:
    """The options of the command line, as the next command needs them; what --set gave may be for no log."""
    names = (setting.partition("=")[0].strip() for setting in settings or ())
    by_name = (word for name in names for word in ("--set", f"{name}={UNSAID}"))
    return (*(word for file in files or () for word in ("--values", str(file))), *by_name)


def values_in(files: Sequence[Path]) -> Values:
    """The values of files, later ones before earlier ones."""
    return layered([parse_values(read_text(file), file=str(file)) for file in files])


def layered(layers: Sequence[Values]) -> Values:
    """All layers together, later ones before earlier ones."""
    return reduce(lambda below, above: above.over(below), layers, NO_VALUES)


def environment_of(config: Config, env: str | None) -> str | None:
    """The environment whose values count: the one that is named, or the only one; looked for where it matters."""
    if env is None and not any(ENVIRONMENT in path for entry in config.flows for path in entry.values):
        return None
    known = read_environments()
    return choose_environment(known, env).name if env is not None or len(known) == 1 else None
