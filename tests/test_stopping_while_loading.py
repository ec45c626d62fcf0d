"""Ctrl-C before a command has even loaded what it works with."""

import sys
import threading
from collections.abc import Callable
from importlib.machinery import ModuleSpec

import pytest

import publisher.__main__
import receiver.__main__
from publisher.errors import ExitCode


@pytest.fixture(autouse=True)
def _threads_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is said of threads that fail stays with the tests."""
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)


class PressCtrlC:
    """Where Python looks for modules: Ctrl-C comes as soon as it looks for this one."""

    def __init__(self, module: str) -> None:
        self._module = module

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        if name == self._module:
            raise KeyboardInterrupt
        return None


class Failing:
    """What a thread does that fails."""

    def __init__(self, words: str) -> None:
        self._words = words

    def __call__(self) -> None:
        raise RuntimeError(self._words)


@pytest.mark.parametrize(
    ("main", "module", "said"),
    [
        (publisher.__main__.main, "publisher.cli", "error: stopped.\n"),
        (receiver.__main__.main, "receiver.cli", "Stopped.\n"),
    ],
    ids=["publisher", "receiver"],
)
def test_ctrl_c_while_the_command_loads_ends_it_in_one_line(
    main: Callable[[], int], module: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setattr(sys, "meta_path", [PressCtrlC(module), *sys.meta_path])

    code = main()

    assert code == ExitCode.INTERRUPTED
    assert capsys.readouterr().err == said


@pytest.mark.parametrize("main", [publisher.__main__.main, receiver.__main__.main], ids=["publisher", "receiver"])
def test_once_loaded_the_command_runs(
    main: Callable[[], int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["command", "--help"])

    assert main() == ExitCode.OK
    assert "Usage:" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "told"), [("Event loop is closed", False), ("something else", True)], ids=["too late", "a fault"]
)
def test_only_a_thread_that_answers_too_late_says_nothing(
    words: str, told: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    threading.excepthook = receiver.__main__.told_too_late
    thread = threading.Thread(target=Failing(words), name="late")

    thread.start()
    thread.join()

    assert ("RuntimeError" in capsys.readouterr().err) is told
