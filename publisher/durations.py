"""Durations as people write them in a config or an option: `30s`, `10m`, `1.5h`."""

import re

SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
PATTERN = r"[0-9]{1,6}(\.[0-9]{1,3})?[smhd]"
LONGEST_S = 7 * SECONDS["d"]


def read_duration(text: object) -> float:
    """The seconds that a duration stands for; ValueError says what one looks like."""
    seconds = float(text[:-1]) * SECONDS[text[-1]] if isinstance(text, str) and re.fullmatch(PATTERN, text) else 0.0
    if not 0 < seconds <= LONGEST_S:
        raise ValueError("give a number with s, m, h or d, such as 30s or 10m, of at most 7d")
    return seconds
