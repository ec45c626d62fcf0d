"""Durations, sizes and networks as people write them in the config."""

import re
from ipaddress import ip_network

DURATION = r"^[0-9]+(\.[0-9]+)?(ms|s|m|h|d)$"
SIZE = r"^[0-9]+(B|KiB|MiB)$"

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_BYTES = {"B": 1, "KiB": 1024, "MiB": 1024 * 1024}
_LONGEST_S = 366 * 86400.0
_NETWORKS = {
    "loopback": ("127.0.0.0/8", "::1/128"),
    "private": ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"),
}


def read_duration(text: object) -> float:
    """The seconds in `10s`, `1.5h` or `250ms`."""
    found = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|s|m|h|d)", text) if isinstance(text, str) else None
    seconds = float(found[1]) * _SECONDS[found[2]] if found else 0.0
    if not 0 < seconds <= _LONGEST_S:
        raise ValueError("give a number with ms, s, m, h or d, such as '30s' or '1h', of at most 366d")
    return seconds


def read_size(text: object) -> int:
    """The bytes in `64KiB` or `1MiB`."""
    found = re.fullmatch(r"([0-9]{1,9})(B|KiB|MiB)", text) if isinstance(text, str) else None
    size = int(found[1]) * _BYTES[found[2]] if found else 0
    if not 1024 <= size <= 64 * _BYTES["MiB"]:
        raise ValueError("give a number with B, KiB or MiB, from '1KiB' to '64MiB'")
    return size


def read_networks(text: str) -> tuple[str, ...]:
    """The networks that `private`, `loopback` or `10.0.0.0/8` stands for."""
    if text in _NETWORKS:
        return _NETWORKS[text]
    try:
        return (str(ip_network(text, strict=False)),)
    except ValueError as exc:
        raise ValueError("give 'private', 'loopback' or a network such as '10.0.0.0/8'") from exc
