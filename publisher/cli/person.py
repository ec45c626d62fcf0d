"""Whoever sits at the terminal: is asked there, and agrees there to what needs it."""

from collections.abc import Callable
from typing import TypeVar

from publisher.cli.console import printable
from publisher.cli.surroundings import Surroundings
from publisher.environments import Environment
from publisher.errors import PublisherError, StoppedError, UsageError

Answer = TypeVar("Answer")


class DeclinedError(PublisherError):
    """Nobody agreed to the change."""

    default_code = "declined"


class Person:
    """Somebody who may be there to answer."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around

    @property
    def is_there(self) -> bool:
        """Whether there is a terminal to read from and to write to."""
        return self._around.answers.isatty() and self._around.err.isatty()

    def ask(self, question: str, *, default: str = "") -> str:
        """The answer to a question; the default is taken for an empty one."""
        shown = f"{question} [{default}]: " if default else f"{question}: "
        return self._line(shown).strip() or default

    def ask_until(self, question: str, read: Callable[[str], Answer], *, default: str = "") -> Answer:
        """The first answer that can be read; ValueError says why another cannot, and the question is put again."""
        while True:
            try:
                return read(self.ask(question, default=default))
            except ValueError as exc:
                self._write(f"{printable(str(exc))}\n")

    def ask_secret(self, question: str) -> str:
        """An answer that is not shown while it is typed."""
        try:
            return self._around.read_secret(f"{question} (not shown): ").strip()
        except KeyboardInterrupt:
            raise StoppedError from None
        except EOFError:
            raise DeclinedError("No answer came; nothing was done.") from None

    def _line(self, prompt: str) -> str:
        self._write(prompt)
        try:
            line = self._around.answers.readline()
        except KeyboardInterrupt:
            raise StoppedError from None
        if not line:  # Ctrl-D
            self._write("\n")
            raise DeclinedError("No answer came; nothing was done.")
        return line

    def _write(self, text: str) -> None:
        self._around.err.write(text)
        self._around.err.flush()


def agree(around: Surroundings, environment: Environment, doing: str, *, yes: bool) -> None:
    """Let a change of a protected environment happen only if somebody agrees to it; `doing` is what it is about.

    On a terminal a person is asked to type the environment's name; anywhere else `--yes` says it.
    """
    if not environment.protected or yes:
        return
    person = Person(around)
    if not person.is_there:
        raise UsageError(
            f"Environment {environment.name!r} is protected, and nobody is there to be asked. Give --yes to {doing}.",
            code="protected",
        )
    question = f"{environment.name} is protected. To {doing}, type its name"
    if person.ask(question) != environment.name:
        raise DeclinedError("Nobody agreed; nothing was sent.")
