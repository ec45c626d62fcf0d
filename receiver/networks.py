"""Addresses and the networks that they lie in, however they are written."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

_OF_ONE: Final = 64
"""How much of an address of IPv6 tells of one customer of a network: all with the same beginning may be one machine."""


@lru_cache(maxsize=4096)
def is_within(address: str, networks: tuple[str, ...]) -> bool:
    """Whether the address lies in one of the networks; what is no address lies in none.

    A socket of IPv6 writes an address of IPv4 as `::ffff:10.0.0.1`, and a link-local one with its interface.
    """
    try:
        found = _address(address)
    except ValueError:
        return False
    return any(found in network for network in _read(networks))


@lru_cache(maxsize=4096)
def neighbourhood(address: str) -> str:
    """Whom a limit counts for: an address of IPv4, or of IPv6 the network that it lies in; else the very text."""
    try:
        found = _address(address)
    except ValueError:
        return address
    return str(found) if isinstance(found, IPv4Address) else str(IPv6Network((int(found), _OF_ONE), strict=False))


def _address(text: str) -> IPv4Address | IPv6Address:
    found = ip_address(text)
    return found if isinstance(found, IPv4Address) else found.ipv4_mapped or found


@lru_cache(maxsize=256)
def _read(networks: tuple[str, ...]) -> Sequence[IPv4Network | IPv6Network]:
    return [_unmapped(ip_network(network)) for network in networks]


def _unmapped(network: IPv4Network | IPv6Network) -> IPv4Network | IPv6Network:
    """A network of IPv4 as such, also where it is written as one of IPv6."""
    mapped = network.network_address.ipv4_mapped if isinstance(network, IPv6Network) else None
    return network if mapped is None else IPv4Network((mapped, network.prefixlen - 96))
