"""The colours, read from the stylesheet: text must be easy to tell from what it stands on (WCAG 2.2 AA)."""

import re
from itertools import product

import pytest

from receiver.web.assets import assets
from receiver.web.wording import Tone

Colour = tuple[float, float, float]

SHEET = assets()["app.css"].content.decode()
LIGHT, DARK = (
    dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))
    for block in re.findall(r":root \{(.*?)\n *\}", SHEET, re.DOTALL)
)
THEMES = {"light": LIGHT, "dark": LIGHT | DARK}
WORDS = ("ink", "soft", "accent", *Tone)
GROUNDS = ("paper", "card", "code")


def colour(text: str) -> Colour:
    red, green, blue = (int(text[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def mixed(over: Colour, under: Colour, share: float) -> Colour:
    red, green, blue = (share * a + (1 - share) * b for a, b in zip(over, under, strict=True))
    return red, green, blue


def contrast(one: Colour, other: Colour) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(shade: Colour) -> float:
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in shade]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(("theme", "word", "ground"), [*product(THEMES, WORDS, GROUNDS)])
def test_words_are_easy_to_read(theme: str, word: str, ground: str) -> None:
    shades = THEMES[theme]

    assert contrast(colour(shades[word]), colour(shades[ground])) >= 4.5


@pytest.mark.parametrize(("theme", "tone", "ground"), [*product(THEMES, Tone, ("paper", "card"))])
def test_a_status_is_easy_to_read_on_its_own_tint(theme: str, tone: str, ground: str) -> None:
    shades = THEMES[theme]
    tint = mixed(colour(shades[tone]), colour(shades[ground]), 0.14)

    assert contrast(colour(shades[tone]), tint) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_fields_and_the_focus_are_easy_to_see(theme: str) -> None:
    shades = {name: colour(shade) for name, shade in THEMES[theme].items()}

    assert contrast(shades["field"], shades["card"]) >= 3
    assert contrast(shades["accent"], shades["paper"]) >= 3
    assert contrast(shades["accent-ink"], shades["accent"]) >= 4.5


def test_nothing_is_fetched_from_elsewhere() -> None:
    assert re.findall(r"@import|url\(|https?:", SHEET) == []
