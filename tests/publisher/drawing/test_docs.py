"""The pictures of docs/drawing.md show what `publisher draw` draws."""

import io
from pathlib import Path
from xml.etree import ElementTree

import pytest

from publisher.cli import main
from publisher.cli.surroundings import Surroundings
from tests.publisher.drawing.pictures import words
from tests.publisher.test_docs import options_of

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "drawing.md").read_text(encoding="utf-8")
SERVICE_LINE = "config/flows/service-line.yaml"
NEXT = "tests/samples/flows/service-line-next.yaml"


# Only the words: where things stand is up to the version of the layout library.
@pytest.mark.parametrize(
    ("picture", "arguments"),
    [("service-line.svg", [SERVICE_LINE]), ("service-line-changes.svg", [NEXT, "--against", SERVICE_LINE])],
    ids=["flow", "changes"],
)
def test_the_pictures_are_up_to_date(picture: str, arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    kept = (ROOT / "docs" / "pictures" / picture).read_text(encoding="utf-8")

    drawn = io.StringIO()
    main(["draw", *arguments], Surroundings(environ={}, out=drawn, err=io.StringIO()))

    assert f"pictures/{picture}" in PAGE
    assert sorted(words_of(kept)) == sorted(words_of(drawn.getvalue()))


def words_of(picture: str) -> list[str]:
    return words(ElementTree.fromstring(picture))  # noqa: S314  # our own text


@pytest.mark.parametrize("option", options_of("draw"))
def test_every_option_is_in_the_docs(option: str) -> None:
    assert f"`{option}`" in PAGE
