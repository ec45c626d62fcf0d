"""Durations, sizes and rates as people write them."""

import pytest

from receiver.config.amounts import (
    Rate,
    read_age,
    read_duration,
    read_networks,
    read_rate,
    read_size,
    read_volume,
)


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


@pytest.mark.parametrize(
    ("text", "seconds"), [("12h", 43_200), ("400d", 34_560_000), ("1.5d", 129_600), ("forever", None)]
)
def test_ages_are_read(text: str, seconds: float | None) -> None:
    assert read_age(text) == seconds


@pytest.mark.parametrize("value", ["", "30", "30s", "0d", "0.5h", "40000d", "never", 30, None, True])
def test_what_is_no_age_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="give a number with h or d"):
        read_age(value)


@pytest.mark.parametrize(
    ("text", "size"),
    [("5GB", 5_000_000_000), ("800MiB", 838_860_800), ("1.5TB", 1_500_000_000_000), ("unlimited", None)],
)
def test_volumes_are_read(text: str, size: int | None) -> None:
    assert read_volume(text) == size


@pytest.mark.parametrize("value", ["", "5", "5gb", "0GB", "5KB", "none", 5, None])
def test_what_is_no_volume_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="give a number with MB"):
        read_volume(value)


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("10/s", Rate(number=10, seconds=1)),
        ("60/m", Rate(number=60, seconds=60)),
        ("1/h", Rate(number=1, seconds=3600)),
    ],
)
def test_rates_are_read(text: str, rate: Rate) -> None:
    assert read_rate(text) == rate


@pytest.mark.parametrize("value", ["", "60", "0/m", "-1/m", "60/d", "1.5/s", "60/", "60 /m", "1234567/s", 60, None])
def test_what_is_no_rate_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="such as '10/s' or '60/m'"):
        read_rate(value)
