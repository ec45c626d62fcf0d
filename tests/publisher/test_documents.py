import json

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from publisher.genesys.documents import Document, DocumentError, Place, read_document

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=20,
)

NESTED = """\
flow:
  - name: Main
    steps: [one, two]
"""


def at(line: int, column: int) -> Place:
    return Place(line=line, column=column)


def the_error_of(text: str) -> DocumentError:
    with pytest.raises(DocumentError) as caught:
        read_document(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"),
        ("yes", "yes"),
        ("Off", "Off"),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("2026-01-31", "2026-01-31"),
        ("'5'", "5"),
        ("!!str 5", "5"),
        ("16.0", 16.0),
        ("007", 7),
        ("0o17", 15),
        ("0x1F", 31),
        ("-12e3", -12000.0),
        ("~", None),
        ("null", None),
        ("TRUE", True),
        ("!!int 5", 5),
        ("", None),
    ],
)
def test_unquoted_text_means_what_yaml_1_2_says(text: str, value: object) -> None:
    assert read_document(f"value: {text}").data == {"value": value}


def test_keys_are_always_text() -> None:
    assert read_document("on: 1\n1: 2\nnull: 3").data == {"on": 1, "1": 2, "null": 3}


def test_empty_text_is_null() -> None:
    assert read_document("").data is None


def test_yaml_in_brackets_is_not_mistaken_for_json() -> None:
    assert read_document("{name: Main, steps: [one]}").data == {"name": "Main", "steps": ["one"]}


def test_a_byte_order_mark_is_passed_over() -> None:
    assert read_document('\ufeff{"a": 1}').data == {"a": 1}


def test_an_alias_repeats_what_its_anchor_names() -> None:
    assert read_document("a: &x [1]\nb: *x").data == {"a": [1], "b": [1]}


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ([], at(1, 1)),
        (["flow"], at(2, 3)),
        (["flow", 0, "name"], at(2, 11)),
        (["flow", 0, "steps", 1], at(3, 18)),
        (["flow", 0, "absent"], at(2, 5)),
        (["flow", 7, "name"], at(2, 3)),
        (["flow", 0, "name", "deeper"], at(2, 11)),
    ],
)
def test_every_value_has_a_place(path: list[str | int], place: Place) -> None:
    assert read_document(NESTED).place(path) == place


def test_a_place_counts_characters_not_bytes() -> None:
    assert read_document("ä: 1\r\nb: {😀: x, c: y}").place(["b", "c"]) == at(2, 14)


def test_every_key_has_a_place() -> None:
    assert read_document(NESTED).place(["flow", 0, "steps"], key=True) == at(3, 5)


def test_json_has_the_same_places_as_the_same_text_read_as_yaml() -> None:
    text = json.dumps({"a": [1, {"b": "c"}], "d": None}, indent=2)
    path: list[str | int] = ["a", 1, "b"]

    assert read_document(text).place(path) == at(5, 12)
    assert read_document("---\n" + text).place(path) == at(6, 12)


@pytest.mark.parametrize(
    ("text", "place", "part"),
    [
        ("a: 1\nb: 2\na: 3", at(3, 1), "'a' is given twice; the first one is in line 1"),
        ('{"a": 1, "a": 2}', at(1, 10), "'a' is given twice"),
        ("a:\n\tb: 1", at(2, 1), "a tab stands where YAML wants spaces"),
        ("a: b: c", at(1, 5), "this is not YAML: mapping values are not allowed"),
        ("a: [1, 2", at(1, 9), "this is not YAML"),
        ('{"a" 1}', at(1, 6), "found '1' where JSON wants ':'"),
        ('{"a": 1', at(1, 8), "the text ends where JSON wants ',' or '}'"),
        ('["a"]]', at(1, 6), "found ']' where JSON wants nothing more"),
        ('["a]', at(1, 2), "this text has no closing quote in its line"),
        ('{"a": tru}', at(1, 7), "found 't' where JSON wants a value"),
        ('{"a": 01}', at(1, 7), "found '0' where JSON wants a value"),
        ('{"a": 1\n "b": 2}', at(2, 2), "found '\"' where JSON wants ',' or '}'"),
        ('["\\x"]]', at(1, 2), "escape that JSON does not know"),
        ("x: .nan", at(1, 4), ".nan cannot be written as JSON"),
        ("[1e999]", at(1, 2), "this number is too large"),
        ("[" + "9" * 5000 + "]", at(1, 2), "a number of 5,000 digits is too long"),
        ('["\\ud800"]', at(1, 2), "half a character"),
        ("a: \ud800", at(1, 4), "half a character"),
        ("a: *x", at(1, 4), "the alias *x stands for nothing"),
        ("a: &x [*x]", at(1, 8), "stands inside of what it repeats"),
        ("<<: {a: 1}", at(1, 1), "merge keys (<<) are not part of YAML 1.2"),
        ("? [1]\n: 2", at(1, 3), "keys are text"),
        ("&x a: 1\n? *x\n: 2", at(2, 3), "an alias cannot be a key"),
        ("a: !secret x", at(1, 4), "the tag '!secret' is not known here"),
        ("a: !secret {}", at(1, 4), "the tag '!secret' is not known here"),
        ("a: !!int true", at(1, 4), "does not fit 'true'"),
        ("a: 1\n---\nb: 2", at(2, 1), "a second document begins here"),
        ("é: \x07", at(1, 4), "control characters are not allowed"),
        ("[" * 65, at(1, 65), "deeper than 64 levels"),
        ("a: " + "[" * 900, at(1, 67), "deeper than 64 levels"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(text: str, place: Place, part: str) -> None:
    error = the_error_of(text)

    assert part in error.message
    assert error.place == place


def test_nesting_by_aliases_counts_as_nesting() -> None:
    deeper = "\n".join(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 80))

    assert "deeper than 64 levels" in the_error_of(f"a0: &a0 []\n{deeper}").message


def test_aliases_cannot_blow_a_document_up() -> None:
    more = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9))

    assert "aliases repeat more than 100,000 values" in the_error_of(f"a0: &a0 lol\n{more}").message


@given(json_values)
def test_json_is_read_as_the_standard_library_reads_it(value: object) -> None:
    assert read_document(json.dumps(value)).data == value


@given(json_values)
def test_yaml_that_was_written_is_read_as_it_was(value: object) -> None:
    text = json.dumps(value, ensure_ascii=False)

    assert read_document(yaml.safe_dump(text)).data == text


@given(st.text())
@example("{" * 1000)
@example("%YAML 9.9\n---\na")
def test_no_text_leads_to_anything_but_a_document_or_its_error(text: str) -> None:
    assert isinstance(outcome_of(text), Document | DocumentError)


def outcome_of(text: str) -> Document | DocumentError:
    try:
        return read_document(text)
    except DocumentError as exc:
        return exc
