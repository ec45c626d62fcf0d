"""Whether an address lies in one of some networks, however it is written."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network


@lru_cache(maxsize=4096)
def is_within(address: str, networks: tuple[str, ...]) -> bool:
    """Whether the address lies in one of the networks; what is no address lies in none.

    A socket of IPv6 writes an address of IPv4 as `::ffff:10.0.0.1`, and a link-local one with its interface.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        found = found.ipv4_mapped or found
    return any(found in network for network in _read(networks))


@lru_cache(maxsize=256)
def _read(networks: tuple[str, ...]) -> Sequence[IPv4Network | IPv6Network]:
    return [_unmapped(ip_network(network)) for network in networks]


def _unmapped(network: IPv4Network | IPv6Network) -> IPv4Network | IPv6Network:
    """A network of IPv4 as such, also where it is written as one of IPv6."""
    mapped = network.network_address.ipv4_mapped if isinstance(network, IPv6Network) else None
    return network if mapped is None else IPv4Network((mapped, network.prefixlen - 96))
