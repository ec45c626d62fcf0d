"""Durations and sizes as people write them."""

import pytest

from receiver.config.amounts import read_duration, read_networks, read_size


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("250ms", 0.25), ("10s", 10), ("1.5m", 90), ("1h", 3600), ("7d", 604800)],
)
def test_durations_are_read(text: str, seconds: float) -> None:
    assert read_duration(text) == seconds


@pytest.mark.parametrize(
    "value", ["", "10", "s", "-1s", "0s", "1w", "1 s", "1h30m", "9999d", "1s\n", "\u0661s", 10, None, True]
)
def test_what_is_no_duration_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="give a number"):
        read_duration(value)


@pytest.mark.parametrize(("text", "size"), [("2048B", 2048), ("64KiB", 65536), ("1MiB", 1048576)])
def test_sizes_are_read(text: str, size: int) -> None:
    assert read_size(text) == size


@pytest.mark.parametrize("value", ["", "1", "1KB", "1B", "1GiB", "65MiB", 1024, None])
def test_what_is_no_size_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="from '1KiB' to '64MiB'"):
        read_size(value)


def test_a_word_stands_for_networks() -> None:
    assert "192.168.0.0/16" in read_networks("private")
    assert read_networks("10.9.8.7/8") == ("10.0.0.0/8",)
