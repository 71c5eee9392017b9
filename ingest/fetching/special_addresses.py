"""Which numbers of the internet lead to no public web server, by the registries of IANA.

The special-purpose registries (RFC 6890 and its updates) are written out, because Python's
``is_global`` alone is not enough: 3.11 calls multicast, 6to4, NAT64 and others global. A number
must pass both.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

_FORBIDDEN: tuple[tuple[Network, str], ...] = tuple(
    (ip_network(network), words)
    for network, words in (
        ("0.0.0.0/8", "an address of this network only"),
        ("10.0.0.0/8", "a private address"),
        ("100.64.0.0/10", "an address inside a provider's network"),
        ("127.0.0.0/8", "this computer itself"),
        ("168.63.129.16/32", "a cloud provider's internal service"),
        ("169.254.0.0/16", "a link-local address"),
        ("172.16.0.0/12", "a private address"),
        ("192.0.0.0/24", "an address kept for protocols"),
        ("192.0.2.0/24", "an address kept for documentation"),
        ("192.88.99.0/24", "a retired 6to4 relay"),
        ("192.168.0.0/16", "a private address"),
        ("198.18.0.0/15", "an address kept for benchmarks"),
        ("198.51.100.0/24", "an address kept for documentation"),
        ("203.0.113.0/24", "an address kept for documentation"),
        ("224.0.0.0/4", "a multicast address"),
        ("240.0.0.0/4", "a reserved address"),
        ("::1/128", "this computer itself"),
        ("::/96", "an IPv4 address in IPv6 form"),
        ("::ffff:0:0/96", "an IPv4 address in IPv6 form"),
        ("::ffff:0:0:0/96", "an IPv4 address in IPv6 form"),
        ("64:ff9b::/96", "an IPv4 address behind a translator"),
        ("64:ff9b:1::/48", "an IPv4 address behind a translator"),
        ("100::/64", "an address that discards everything"),
        ("2001::/23", "an address kept for protocols"),
        ("2001:db8::/32", "an address kept for documentation"),
        ("2002::/16", "an IPv4 address in 6to4 form"),
        ("3fff::/20", "an address kept for documentation"),
        ("fc00::/7", "a private address"),
        ("fe80::/10", "a link-local address"),
        ("fec0::/10", "a private address"),
        ("ff00::/8", "a multicast address"),
    )
)
_UNICAST = IPv6Network("2000::/3")  # all that IANA has given out; the rest leads nowhere public


def what_instead(number: Address) -> str | None:
    """What ``number`` is instead of a public address; ``None`` for a public one."""
    for network, words in _FORBIDDEN:
        if number.version == network.version and number in network:
            return words
    if not number.is_global or (number.version == 6 and number not in _UNICAST):
        return "a special address"
    return None


def embedded(number: Address) -> Iterator[IPv4Address]:
    """The IPv4 addresses to which packets for an IPv6 address may go (RFC 4291, 6052, 3056).

    The unspecified and the loopback address (``::``, ``::1``) hold none.
    """
    if isinstance(number, IPv4Address):
        return
    bits = int(number)
    if bits > 1 and bits >> 32 in {0, 0xFFFF, 0xFFFF_0000, 0x64_FF9B << 64}:
        yield IPv4Address(bits & 0xFFFF_FFFF)
    if number.sixtofour is not None:
        yield number.sixtofour
    if number.teredo is not None:
        yield from number.teredo
