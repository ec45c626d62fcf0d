"""What is wrong with the fields of a flow: its name, its start, its languages, its refIds and keys."""

import re
from collections.abc import Iterator

from publisher.archy.archy_file import ArchyFlow
from publisher.archy.bundle import Bundle
from publisher.archy.data import Location
from publisher.archy.references import ref_id_of
from publisher.archy.structure import START_UP, Part, key_of
from publisher.archy.substitution import is_open
from publisher.archy.vocabulary import NEEDS_START
from publisher.problems import Problem, quoted

MAX_NAME_CHARS = 200
DEBUG = "-debug"
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
NO_KEY = frozenset({"", "none"})


def check_fields(flow: ArchyFlow) -> Iterator[Problem]:
    """Everything that is wrong with fields."""
    yield from check_name(flow.bundle)
    yield from check_start(flow.bundle)
    yield from check_languages(flow.bundle)
    yield from check_ref_ids(flow)
    for part in flow.structure.parts:
        if part.choices:
            yield from check_keys(flow.bundle, part)


def check_name(bundle: Bundle) -> Iterator[Problem]:
    """The name has to be there, and to be one that the platform takes."""
    name, at = bundle.flow.get("name"), (bundle.root, "name")
    if name is None or name == "":
        hint = "Add name: the platform tells flows by it."
        yield bundle.problem("archy.missing-field", "The flow has no 'name'.", at=at, key=True, hint=hint)
        return
    if is_open(name):
        return
    text = str(name)
    faults = {
        f"is longer than {MAX_NAME_CHARS} characters": len(text) > MAX_NAME_CHARS,
        "has a '/'": "/" in text,
        f"ends with '{DEBUG}', which the platform keeps for itself": text.endswith(DEBUG),
    }
    for fault in (fault for fault, is_there in faults.items() if is_there):
        yield bundle.problem("archy.bad-name", f"The flow's name {quoted(text)} {fault}.", at=at, hint="Rename it.")


def check_start(bundle: Bundle) -> Iterator[Problem]:
    """A flow of most types says where it begins."""
    if bundle.root in NEEDS_START and not bundle.flow.get("startUpRef") and START_UP not in bundle.flow:
        yield bundle.problem(
            "archy.missing-field",
            "The flow has no 'startUpRef': nothing says where it begins.",
            at=(bundle.root, "startUpRef"),
            key=True,
            hint=f"Add one, such as startUpRef: /{bundle.root}/tasks/task[refId].",
        )


def check_languages(bundle: Bundle) -> Iterator[Problem]:
    """Languages are tags such as en-us."""
    default = bundle.flow.get("defaultLanguage")
    if default is not None:
        yield from check_language(bundle, default, (bundle.root, "defaultLanguage"), key=False)
    supported = bundle.flow.get("supportedLanguages")
    at = (bundle.root, "supportedLanguages")
    if isinstance(supported, dict):
        for tag in supported:
            yield from check_language(bundle, tag, (*at, tag), key=True)
    elif isinstance(supported, list):
        for number, tag in enumerate(supported):
            if not isinstance(tag, dict):
                yield from check_language(bundle, tag, (*at, number), key=False)


def check_language(bundle: Bundle, tag: object, at: Location, *, key: bool) -> Iterator[Problem]:
    """One language."""
    if not is_open(tag) and not LANGUAGE.fullmatch(str(tag)):
        message = f"{quoted(str(tag))} is no language tag."
        yield bundle.problem("archy.bad-language", message, at=at, key=key, hint="Tags look like en-us or de.")


def check_ref_ids(flow: ArchyFlow) -> Iterator[Problem]:
    """A refId belongs to one item of its list and kind."""
    first: dict[tuple[Location, str, str], Part] = {}
    for part in flow.structure.parts:
        ref_id = ref_id_of(part.body)
        if ref_id is None or is_open(ref_id):
            continue
        other = first.setdefault((part.location[:-2], part.kind, ref_id), part)
        if other is not part:
            line = flow.bundle.place((*other.location, "refId")).line
            yield flow.bundle.problem(
                "archy.duplicate-ref-id",
                f"refId {quoted(ref_id)} is used twice for a {part.kind}; the first one is in line {line}.",
                at=(*part.location, "refId"),
                hint="Give one of them another refId, and let the references to it follow.",
            )


def check_keys(bundle: Bundle, menu: Part) -> Iterator[Problem]:
    """A key of the telephone belongs to one choice of a menu."""
    first: dict[str, Part] = {}
    for choice in menu.choices:
        key = key_of(choice.body)
        if key in NO_KEY or is_open(choice.body.get("dtmf")):
            continue
        other = first.setdefault(key, choice)
        if other is not choice:
            yield bundle.problem(
                "archy.duplicate-dtmf",
                f"Key {key} of menu {quoted(menu.name)} is taken twice: by {quoted(other.name)}"
                f" and by {quoted(choice.name)}.",
                at=(*choice.location, "dtmf"),
                hint="Give each choice of a menu a key of its own.",
            )
