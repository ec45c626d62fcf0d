"""Times Archy files: a long one, read and checked, and many of them against a bare parse."""

import re
import tempfile
from functools import partial
from io import StringIO
from pathlib import Path

import yaml
from rich.console import Console

from bench.checks import a_table, duration, time_of
from publisher.archy import Values, check_archy, parse_archy
from publisher.cli import main
from publisher.cli.surroundings import Surroundings
from publisher.errors import ExitCode

FILES = 500
LINES = 5_000
VALUES = Values(texts={"company": "ACME", "region": "EU"})
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
    table = a_table("Archy files, median", "what", "lines", "bare parse", "ours", "ratio", "promised")
    long = a_flow(LINES // MENU.count("\n"))
    bare_s, ours_s = time_of(partial(parse_barely, [long])), time_of(partial(read_and_check, [long]))
    ratio = f"{ours_s / bare_s:.2f}"
    table.add_row("one file, read and checked", lines([long]), duration(bare_s), duration(ours_s), ratio, "< 0.7 s")
    for menus in (1, 4):
        many = [a_flow(menus, number=number) for number in range(FILES)]
        bare_s, ours_s = time_of(partial(parse_barely, many)), time_of_command(many)
        ratio = f"{ours_s / bare_s:.2f}"
        what = f"{FILES} files, `publisher validate`"
        table.add_row(what, lines(many), duration(bare_s), duration(ours_s), ratio, "ratio < 2.5")
    console.print(table)


def a_flow(menus: int, *, number: int = 0) -> str:
    """The text of a flow of menus, each of which leads to the next one and the last one to the first."""
    parts = (MENU % {"at": at, "next": (at + 1) % menus} for at in range(menus))
    return "".join((HEAD % {"number": number}, *parts))


def lines(texts: list[str]) -> str:
    """How many lines texts have in all."""
    return f"{sum(text.count(chr(10)) for text in texts):,}"


def parse_barely(texts: list[str]) -> None:
    """Put the values in, and parse; no more."""
    for text in texts:
        bare = re.sub(r"\{\{(\w+)\}\}", lambda match: VALUES.texts[match.group(1)], text)
        yaml.load(bare, Loader=yaml.CSafeLoader)  # it is a safe loader


def read_and_check(texts: list[str]) -> None:
    """Read and check each text."""
    for text in texts:
        problems = check_archy(parse_archy(text, file="benchmark", values=VALUES))
        assert not problems, problems[:3]


def time_of_command(texts: list[str]) -> float:
    """How long the command takes for files with these texts; starting Python is not counted."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, f"{number}.yaml") for number in range(len(texts))]
        for path, text in zip(paths, texts, strict=True):
            path.write_text(text, encoding="utf-8")
        options = [f"--set={name}={text}" for name, text in VALUES.texts.items()]
        return time_of(partial(validate, [*options, *map(str, paths)]))


def validate(arguments: list[str]) -> None:
    """Run the command."""
    around = Surroundings(environ={}, out=StringIO(), err=StringIO())
    assert main(["validate", *arguments], around) == ExitCode.OK, around.out
