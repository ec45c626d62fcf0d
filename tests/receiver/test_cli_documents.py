from io import BytesIO
from pathlib import Path

import pytest

from receiver.cli import documents
from receiver.cli.documents import documents_of
from receiver.cli.exits import CommandError


def read(content: bytes) -> list[tuple[int, str]]:
    """Every document: where it begins, and its text or its fault."""
    return [(each.line, each.fault or each.text) for each in documents_of(BytesIO(content))]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        pytest.param(b'{"a": 1}\n\n{"b": 2}\r\n', [(1, '{"a": 1}'), (3, '{"b": 2}')], id="one a line"),
        pytest.param(b'{"a": 1}', [(1, '{"a": 1}')], id="no line end"),
        pytest.param(b'{\n  "a": {\n  }\n}\n{"b": 2}\n', [(1, '{\n  "a": {\n  }\n}'), (5, '{"b": 2}')], id="spread"),
        pytest.param(b'{\n  "a": 1\n{"b": 2}\n}\n', [(1, "it does not end"), (3, '{"b": 2}\n}')], id="cut off"),
        pytest.param(b'{\n  "a": 1\n', [(1, "it does not end")], id="cut off at the end"),
        pytest.param(b'\xff\n{"b": 2}\n', [(1, "it is not UTF-8"), (2, '{"b": 2}')], id="no text"),
        pytest.param(b'{"a": \n{"b": 2}\n', [(1, '{"a": '), (2, '{"b": 2}')], id="broken line"),
        pytest.param(b'\xef\xbb\xbf{"a": 1}\n', [(1, '{"a": 1}')], id="byte order mark"),
        pytest.param(b"", [], id="nothing"),
    ],
)
def test_documents_are_told_apart(content: bytes, found: list[tuple[int, str]]) -> None:
    assert read(content) == found


def test_a_line_that_never_ends_ends_the_reading() -> None:
    with Path("/dev/zero").open("rb") as zeros:
        found = documents_of(zeros)
        first = next(found)

        with pytest.raises(CommandError, match="Line 1 is longer than 64 MiB and may never end"):
            next(found)

    assert first.fault == f"it is longer than {documents.LONGEST} bytes"


def test_a_line_that_is_too_long_takes_no_other_with_it() -> None:
    content = b'"' + b"x" * (2 * documents.LONGEST) + b'"\n{"b": 2}\n'

    assert read(content) == [(1, f"it is longer than {documents.LONGEST} bytes"), (2, '{"b": 2}')]
