"""Times Archy files: a long one, read and checked, and many of them against a bare parse."""

import gc
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from io import StringIO
from pathlib import Path
from statistics import median
from typing import TypeVar

import yaml
from rich.console import Console
from rich.table import Table

from bench.checks import a_table, duration
from publisher.archy import Values, check_archy, parse_archy
from publisher.cli import main
from publisher.cli.surroundings import Surroundings
from publisher.errors import ExitCode

FILES = 500
LINES = 5_000
RUNS = 9
PROMISE = "ratio < 2.5"
VALUES = Values(texts={"company": "ACME", "region": "EU"})
OPTIONS = [f"--set={name}={text}" for name, text in VALUES.texts.items()]
BARE_PARSE = f"""
import re, sys, yaml
values = {dict(VALUES.texts)!r}
for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as file:
        text = re.sub(r"\\{{\\{{(\\w+)\\}}\\}}", lambda match: values[match.group(1)], file.read())
    yaml.load(text, Loader=yaml.CSafeLoader)
"""
Input = TypeVar("Input")
HEAD = """\
inboundCall:
  name: "{{company}} Line %(number)d"
  description: ""
  division: Home
  startUpRef: "/inboundCall/menus/menu[Menu_0]"
  defaultLanguage: en-us
  supportedLanguages:
    en-us:
      defaultLanguageSkill:
        noValue: true
      textToSpeech:
        defaultEngine:
          voice: Jill
  initialGreeting:
    tts: "Welcome to {{company}}."
  settingsErrorHandling:
    errorHandling:
      disconnect:
        none: true
    preHandlingAudio:
      tts: Sorry, an error occurred. Please try your call again.
  settingsMenu:
    extensionDialingMaxDelay:
      lit:
        seconds: 1
    listenForExtensionDialing:
      lit: true
    menuSelectionTimeout:
      lit:
        seconds: 10
    repeatCount:
      lit: 3
  menus:
"""
MENU = """\
    - menu:
        name: Menu %(at)d
        refId: Menu_%(at)d
        audio:
          tts: Press 1 for sales, 2 for the next menu, 9 to hang up.
        settingsMenu:
          extensionDialingMaxDelay:
            noValue: true
          listenForExtensionDialing:
            noValue: true
          menuSelectionTimeout:
            noValue: true
          repeatCount:
            noValue: true
        choices:
          - menuTask:
              name: Sales
              dtmf: digit_1
              globalDtmf: false
              globalSpeechRecTerms: true
              task:
                actions:
                  - decision:
                      name: Known Caller?
                      condition:
                        exp: 'Call.Ani == "tel:+13175550100"'
                      outputs:
                        yes:
                          actions:
                            - playAudio:
                                name: Hello Again
                                audio:
                                  exp: AudioPlaybackOptions(ToAudioTTS("Hello again"), true)
                  - transferToAcd:
                      name: To Sales
                      targetQueue:
                        lit:
                          name: Sales {{region}}
                      priority:
                        lit: 0
                      preferredAgents:
                        noValue: true
                      outputs:
                        failure:
                          actions:
                            - playAudio:
                                name: Busy
                                audio:
                                  tts: All agents are busy.
                  - disconnect:
                      name: Hang Up
          - menuJumpToMenu:
              name: Next Menu
              dtmf: digit_2
              targetMenuRef: "/inboundCall/menus/menu[Menu_%(next)d]"
          - menuDisconnect:
              name: Bye
              dtmf: digit_9
"""


def run(console: Console) -> None:
    """Print how long Archy files take."""
    title = "Archy files, medians of runs one after the other"
    table = a_table(title, "what", "lines", "bare parse", "ours", "ratio", "promised")
    long = [a_flow(LINES // MENU.count("\n"))]
    add_row(table, "one file, read and checked", long, pairs(parse_barely, read_and_check, long), "< 0.7 s")
    for menus in (1, 4):
        many = [a_flow(menus, number=number) for number in range(FILES)]
        with files(many) as paths:
            add_row(table, f"{FILES} files, `publisher validate`", many, pairs(parse_files, validate, paths), PROMISE)
            what = f"{FILES} files, the same with starting Python"
            add_row(table, what, many, pairs(start_bare_parse, start_validate, paths), PROMISE)
    console.print(table)


def add_row(table: Table, what: str, texts: Sequence[str], times: Sequence[tuple[float, float]], promise: str) -> None:
    """A row with the medians, and the median of the ratios."""
    bare_s, ours_s = (median(column) for column in zip(*times, strict=True))
    ratio = median(ours / bare for bare, ours in times)
    table.add_row(what, lines(texts), duration(bare_s), duration(ours_s), f"{ratio:.2f}", promise)


def pairs(bare: Callable[[Input], None], ours: Callable[[Input], None], given: Input) -> list[tuple[float, float]]:
    """How long each took, one after the other and several times: what else the machine does falls on both."""
    return [(time_once(partial(bare, given)), time_once(partial(ours, given))) for _ in range(RUNS)]


def time_once(work: Callable[[], None]) -> float:
    """How long it takes, without the rubbish of before."""
    gc.collect()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def a_flow(menus: int, *, number: int = 0) -> str:
    """The text of a flow of menus, each of which leads to the next one and the last one to the first."""
    parts = (MENU % {"at": at, "next": (at + 1) % menus} for at in range(menus))
    return "".join((HEAD % {"number": number}, *parts))


def lines(texts: Sequence[str]) -> str:
    """How many lines texts have in all."""
    return f"{sum(text.count(chr(10)) for text in texts):,}"


def parse_barely(texts: Sequence[str]) -> None:
    """Put the values in, and parse; no more."""
    for text in texts:
        bare = re.sub(r"\{\{(\w+)\}\}", lambda match: VALUES.texts[match.group(1)], text)
        yaml.load(bare, Loader=yaml.CSafeLoader)  # it is a safe loader


def read_and_check(texts: Sequence[str]) -> None:
    """Read and check each text."""
    for text in texts:
        problems = check_archy(parse_archy(text, file="benchmark", values=VALUES))
        assert not problems, problems[:3]


@contextmanager
def files(texts: Sequence[str]) -> Iterator[list[str]]:
    """Files with these texts, for as long as the block runs."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, f"{number}.yaml") for number in range(len(texts))]
        for path, text in zip(paths, texts, strict=True):
            path.write_text(text, encoding="utf-8")
        yield [str(path) for path in paths]


def parse_files(paths: Sequence[str]) -> None:
    """Read and parse each file; no more."""
    parse_barely([Path(path).read_text(encoding="utf-8") for path in paths])


def validate(paths: Sequence[str]) -> None:
    """Run the command."""
    around = Surroundings(environ={}, out=StringIO(), err=StringIO())
    assert main(["validate", *OPTIONS, *paths], around) == ExitCode.OK, around.out


def start_bare_parse(paths: Sequence[str]) -> None:
    """Parse the files in a process of its own."""
    subprocess.run([sys.executable, "-c", BARE_PARSE, *paths], check=True)


def start_validate(paths: Sequence[str]) -> None:
    """Run the command in a process of its own."""
    command = [str(Path(sys.executable).with_name("publisher")), "validate", *OPTIONS, *paths]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
