"""What `publisher validate` prints of its findings, and the reports that it writes for CI systems."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Generic, TypeVar

from publisher.cli.surroundings import Surroundings
from publisher.errors import UsageError
from publisher.loader import Flow
from publisher.problems import Problem
from publisher.reports import Findings, Format, counted, render, summary
from publisher.whole_file import write_whole

CHECKOUTS = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR", "BUILD_SOURCESDIRECTORY", "WORKSPACE")
"""Where GitHub, GitLab, Azure Pipelines and Jenkins say that the checkout is."""


AnyFormat = TypeVar("AnyFormat", bound=StrEnum)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportFile(Generic[AnyFormat]):
    """A report to be written beside what is printed."""

    format: AnyFormat
    path: Path

    @classmethod
    def of(cls, text: str, formats: type[AnyFormat], *, example: str) -> "ReportFile[AnyFormat]":
        """What `--report FORMAT=PATH` asks for."""
        name, separator, path = text.partition("=")
        if name not in set(formats) or not separator or not path:
            names = ", ".join(formats)
            raise UsageError(f"--report is {text!r}; give FORMAT=PATH, such as {example}. Formats: {names}.")
        return cls(format=formats(name), path=Path(path))

    def write(self, text: str) -> None:
        """Write it, whole or not at all."""
        try:
            write_whole(self.path, text)
        except OSError as exc:
            raise UsageError(f"--report {self.format}={self.path}: cannot be written: {exc.strerror}.") from exc


class Reporter:
    """Prints findings as they come, or all at once where the format is one document; keeps them for the reports."""

    def __init__(self, around: Surroundings, *, output: Format, files: Sequence[ReportFile[Format]]) -> None:
        self._around = around
        self._output = output
        self._files = files
        self._findings: list[Findings] = []
        self._here = Path.cwd()
        self._root = checkout_of(around.environ, self._here)

    def unread(self, file: Path, reason: str) -> None:
        """Say that a file could not be read."""
        self._around.console(as_json=False).fail(reason)
        self._findings.append(Findings(file=str(file), unread=reason))

    def found(self, flow: Flow, problems: tuple[Problem, ...]) -> None:
        """Say what was found in a file; people also want to read that nothing is wrong."""
        findings = Findings(file=flow.file, problems=problems)
        self._findings.append(findings)
        if self._output.is_document:
            return
        shown = self._as_wanted(findings, self._output).problems
        self._print(render(shown, self._output, coloured=self._around.wants_colours))
        if self._output is Format.TEXT:
            self._print([f"{flow.file}: {summary(problems)}{size_of(flow)}"])

    def end(self) -> None:
        """Print what is printed as a whole, and write the reports."""
        if self._output.is_document:
            self._print([self._document(self._output)])
        for file in self._files:
            file.write(f"{self._document(file.format)}\n")

    def _document(self, output: Format) -> str:
        # Loading these takes longer than checking most files, and most calls do without them.
        from importlib.metadata import version  # noqa: PLC0415

        from publisher.reports.documents import document  # noqa: PLC0415

        findings = [self._as_wanted(found, output) for found in self._findings]
        return document(findings, output, version=version("flow-relay"))

    def _as_wanted(self, found: Findings, output: Format) -> Findings:
        """The findings, with the files named as the reader knows them."""
        if not output.is_for_ci:
            return found
        name = self._from_root
        problems = tuple(replace(problem, file=name(problem.file)) for problem in found.problems)
        return replace(found, file=name(found.file), problems=problems)

    def _from_root(self, file: str) -> str:
        """A file's path from the root of the checkout on; the absolute one where the file is not in it."""
        path = os.path.normpath(self._here / file)
        return os.path.relpath(path, self._root) if Path(path).is_relative_to(self._root) else path

    def _print(self, lines: Iterator[str] | Sequence[str]) -> None:
        self._around.out.writelines(f"{line}\n" for line in lines)
        self._around.out.flush()


def checkout_of(environ: Mapping[str, str], here: Path) -> Path:
    """The root of the checkout that a directory is in, as the CI system says; else the directory itself."""
    named = (Path(path).resolve() for name in CHECKOUTS if (path := environ.get(name)))
    return next((path for path in named if here.is_relative_to(path)), here)


def size_of(flow: Flow) -> str:
    """How large a flow is, in brackets."""
    if flow.graph is None:
        return ""
    return f" ({counted(len(flow.graph.ids), 'node')}, {counted(len(flow.graph.sources), 'connection')})"
