"""Whoever sits at the terminal."""

import io
from collections.abc import Callable

import pytest

from publisher.cli.person import DeclinedError, Person
from publisher.cli.surroundings import Surroundings
from publisher.errors import StoppedError
from tests.publisher.organization import Terminal


class Interrupted(Terminal):
    """A terminal on which somebody presses Ctrl-C."""

    def readline(self, _size: int | None = -1, /) -> str:  # type: ignore[override]  # its types are those of bytes
        raise KeyboardInterrupt


def a_person(
    answers: io.StringIO, *, err: io.StringIO | None = None, read_secret: Callable[[str], str] = lambda _: "s3cret"
) -> Person:
    return Person(Surroundings(answers=answers, err=err or Terminal(), read_secret=read_secret))


def raising(error: type[BaseException]) -> Callable[[str], str]:
    """Somebody who ends the question instead of answering it."""

    def read_secret(_: str) -> str:
        raise error

    return read_secret


@pytest.mark.parametrize(
    ("answers", "err", "is_there"),
    [(Terminal(), Terminal(), True), (io.StringIO(), Terminal(), False), (Terminal(), io.StringIO(), False)],
    ids=["both", "answers from a file", "questions into a file"],
)
def test_somebody_is_there_who_can_read_and_type(answers: io.StringIO, err: io.StringIO, is_there: bool) -> None:
    assert a_person(answers, err=err).is_there is is_there


def test_ctrl_c_stops_the_command() -> None:
    with pytest.raises(StoppedError):
        a_person(Interrupted()).ask("Name")


@pytest.mark.parametrize(("error", "becomes"), [(KeyboardInterrupt, StoppedError), (EOFError, DeclinedError)])
def test_a_secret_that_is_not_typed_ends_the_command(error: type[BaseException], becomes: type[Exception]) -> None:
    with pytest.raises(becomes):
        a_person(Terminal(), read_secret=raising(error)).ask_secret("Its secret")


def test_a_secret_loses_the_spaces_that_were_pasted_with_it() -> None:
    assert a_person(Terminal(), read_secret=lambda _: " s3cret\n").ask_secret("Its secret") == "s3cret"
