"""Addresses and the networks that they lie in, however either is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.networks import is_within, neighbourhood

OURS = ("10.0.0.0/8", "2001:db8::/32", "fe80::/10")


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("10.0.0.1", id="IPv4"),
        pytest.param("::ffff:10.0.0.1", id="IPv4 at a socket of IPv6"),
        pytest.param("::ffff:a00:1", id="the same, in hexadecimal"),
        pytest.param("2001:DB8::1", id="IPv6"),
        pytest.param("fe80::1%eth0", id="IPv6 with its interface"),
    ],
)
def test_an_address_lies_in_its_network(address: str) -> None:
    assert is_within(address, OURS)


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("11.0.0.1", id="another"),
        pytest.param("::ffff:11.0.0.1", id="another, at a socket of IPv6"),
        pytest.param("::10.0.0.1", id="IPv6 with the same end"),
        pytest.param("10.0.0.1%eth0", id="IPv4 has no interface"),
        pytest.param("fe80::1%", id="an interface without name"),
        pytest.param("10.0.0.1, 10.0.0.2", id="two"),
        pytest.param("010.0.0.1", id="a number that may be octal"),
        pytest.param("unknown", id="a word"),
        pytest.param("", id="nothing"),
    ],
)
def test_nothing_else_does(address: str) -> None:
    assert not is_within(address, OURS)


@pytest.mark.parametrize("network", ["10.0.0.0/8", "::ffff:10.0.0.0/104"])
@pytest.mark.parametrize("address", ["10.0.0.1", "::ffff:10.0.0.1"])
def test_a_network_of_ipv4_may_be_written_as_one_of_ipv6(address: str, network: str) -> None:
    assert is_within(address, (network,))


@pytest.mark.parametrize(
    ("address", "found"),
    [
        pytest.param("192.0.2.7", "192.0.2.7", id="IPv4"),
        pytest.param("::ffff:192.0.2.7", "192.0.2.7", id="IPv4 at a socket of IPv6"),
        pytest.param("2001:db8:1:2:3::4", "2001:db8:1:2::/64", id="IPv6"),
        pytest.param("fe80::1%eth0", "fe80::/64", id="IPv6 with its interface"),
        pytest.param("unknown", "unknown", id="a word"),
    ],
)
def test_a_limit_counts_for_an_address_or_for_the_network_of_one_customer(address: str, found: str) -> None:
    assert neighbourhood(address) == found


@given(st.text())
def test_no_text_is_a_fault(text: str) -> None:
    assert not is_within(text, ())
    assert isinstance(neighbourhood(text), str)
