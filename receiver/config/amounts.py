"""Durations, sizes, rates and networks as people write them in the config."""

import re
from dataclasses import dataclass
from ipaddress import ip_network

DURATION = r"^[0-9]+(\.[0-9]+)?(ms|s|m|h|d)$"
SIZE = r"^[0-9]+(B|KiB|MiB)$"
AGE = r"^([0-9]+(\.[0-9]+)?(h|d)|forever)$"
VOLUME = r"^([0-9]+(\.[0-9]+)?(MB|GB|TB|MiB|GiB|TiB)|unlimited)$"
RATE = r"^[0-9]+/(s|m|h)$"

LARGEST_SIZE = 64 * 1024**2
SHORTEST_PACE_S = 1.0
LONGEST_PACE_S = 3600.0

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_BYTES = {"B": 1, "KiB": 1024, "MiB": 1024 * 1024}
_LONGEST_S = 366 * 86400.0
_OLDEST_S = 36_600 * 86400.0
_VOLUMES = {"MB": 10**6, "GB": 10**9, "TB": 10**12, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
_NETWORKS = {
    "loopback": ("127.0.0.0/8", "::1/128"),
    "private": ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Rate:
    """How many in how long."""

    number: int
    seconds: float


def read_duration(text: object) -> float:
    """The seconds in `10s`, `1.5h` or `250ms`."""
    found = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|s|m|h|d)", text) if isinstance(text, str) else None
    seconds = float(found[1]) * _SECONDS[found[2]] if found else 0.0
    if not 0 < seconds <= _LONGEST_S:
        raise ValueError("give a number with ms, s, m, h or d, such as '30s' or '1h', of at most 366d")
    return seconds


def read_pace(text: object) -> float:
    """The seconds from one time to the next, where somebody else is asked each time."""
    seconds = read_duration(text)
    if not SHORTEST_PACE_S <= seconds <= LONGEST_PACE_S:
        raise ValueError("give from '1s' to '1h'")
    return seconds


def read_size(text: object) -> int:
    """The bytes in `64KiB` or `1MiB`."""
    found = re.fullmatch(r"([0-9]{1,9})(B|KiB|MiB)", text) if isinstance(text, str) else None
    size = int(found[1]) * _BYTES[found[2]] if found else 0
    if not 1024 <= size <= LARGEST_SIZE:
        raise ValueError("give a number with B, KiB or MiB, from '1KiB' to '64MiB'")
    return size


def read_age(text: object) -> float | None:
    """The seconds in `400d` or `12h`; None for `forever`."""
    if text == "forever":
        return None
    found = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(h|d)", text) if isinstance(text, str) else None
    seconds = float(found[1]) * _SECONDS[found[2]] if found else 0.0
    if not 3600 <= seconds <= _OLDEST_S:
        raise ValueError("give a number with h or d, such as '400d', of at least 1h, or 'forever'")
    return seconds


def read_volume(text: object) -> int | None:
    """The bytes in `5GB` or `800MiB`; None for `unlimited`."""
    if text == "unlimited":
        return None
    found = (
        re.fullmatch(r"([0-9]{1,6}(?:\.[0-9]{1,3})?)(MB|GB|TB|MiB|GiB|TiB)", text) if isinstance(text, str) else None
    )
    size = round(float(found[1]) * _VOLUMES[found[2]]) if found else 0
    if size < 10**6:
        raise ValueError("give a number with MB, GB, TB, MiB, GiB or TiB, such as '5GB', or 'unlimited'")
    return size


def read_rate(text: object) -> Rate:
    """The rate in `60/m`."""
    found = re.fullmatch(r"([0-9]{1,6})/([smh])", text) if isinstance(text, str) else None
    if not found or int(found[1]) == 0:
        raise ValueError("give a number a second, minute or hour, such as '10/s' or '60/m'")
    return Rate(number=int(found[1]), seconds=_SECONDS[found[2]])


def read_networks(text: str) -> tuple[str, ...]:
    """The networks that `private`, `loopback` or `10.0.0.0/8` stands for."""
    if text in _NETWORKS:
        return _NETWORKS[text]
    try:
        return (str(ip_network(text, strict=False)),)
    except ValueError as exc:
        raise ValueError("give 'private', 'loopback' or a network such as '10.0.0.0/8'") from exc
