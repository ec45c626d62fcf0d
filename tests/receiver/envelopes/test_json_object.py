"""Which bodies are JSON objects."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.envelopes.json_object import digest_of, read_object
from receiver.errors import MalformedError

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)
OBJECTS = st.dictionaries(TEXT, VALUES, max_size=6)


@given(value=OBJECTS)
def test_every_json_object_is_read(value: dict[str, Any]) -> None:
    assert read_object(json.dumps(value).encode()) == value


@given(value=OBJECTS)
def test_white_space_and_the_order_of_keys_make_no_other_content(value: dict[str, Any]) -> None:
    spread = json.dumps(dict(reversed(value.items())), indent=3, ensure_ascii=False).encode()

    assert digest_of(read_object(spread)) == digest_of(value)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not JSON: line 1, column 1"),
        (b"{", "not JSON"),
        (b'{"a": 1} {"b": 2}', "not JSON"),
        (b'{"a": 1}x', "not JSON"),
        (b"{'a': 1}", "not JSON"),
        (b'{"a": 1} // why', "not JSON"),
        (b'{"a": "\0"}', "not JSON"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        ('{"a": 1}'.encode("utf-16"), "not UTF-8"),
        (b'{"a": "\xff"}', "not UTF-8"),
        (b'{"a": "\xed\xa0\x80"}', "not UTF-8"),
        (b"null", "no object"),
        (b"[]", "no object"),
        (b'"x"', "no object"),
        (b"1", "no object"),
        (b'{"a": NaN}', "NaN or Infinity"),
        (b'{"a": -Infinity}', "NaN or Infinity"),
        (b'{"flowId": "a", "flowId": "b"}', "'flowId' twice"),
        (b'{"data": {"versionId": "1.0", "versionId": "1.0"}}', "'versionId' twice"),
        (b'{"a":' * 64 + b"[]" + b"}" * 64, "deeper than 64"),
        (b'{"a":' + b"[" * 100_000, "deeper than 64"),
    ],
    ids=range(21),
)
def test_anything_else_is_refused_with_a_reason(body: bytes, reason: str) -> None:
    with pytest.raises(MalformedError, match=reason) as refused:
        read_object(body)

    assert refused.value.status == 400


def test_a_number_beyond_all_numbers_is_refused() -> None:
    with pytest.raises(MalformedError, match="a number that is too large"):
        digest_of(read_object(b'{"a": 1e999}'))


def test_sixty_four_levels_are_deep_enough() -> None:
    body = b'{"a":' * 63 + b"[]" + b"}" * 63

    assert read_object(body)["a"]


def test_a_wide_body_is_not_a_deep_one() -> None:
    body = json.dumps({"list": [{"n": [number]} for number in range(1000)]}).encode()

    assert len(read_object(body)["list"]) == 1000


def test_a_number_of_thousands_of_digits_is_kept_as_its_digits() -> None:
    digits = "9" * 5000

    assert read_object(b'{"a": %s, "b": 7}' % digits.encode()) == {"a": digits, "b": 7}


def test_of_a_key_that_identifies_nothing_the_last_one_counts() -> None:
    assert read_object(b'{"note": 1, "note": 2}') == {"note": 2}


@pytest.mark.parametrize("text", ["\\ud800", "\\u0000", "\u202e", "\U0001f600"], ids=ascii)
def test_odd_characters_in_text_are_content_like_any_other(text: str) -> None:
    value = read_object(f'{{"a": "{text}"}}'.encode())

    assert len(digest_of(value)) == 64
