"""Which addresses of the network may be asked at all: pure rules, nothing is looked up here.

An article names whatever it likes as its sources, so an address is asked only when it is http or
https, on port 80 or 443, without user info, and when every number that its host stands for is a
public one. Hosts are read as browsers read them (WHATWG URL, UTS 46), so that no spelling of a
number passes for a name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from footnoted.domain import Access
from footnoted.errors import UsageError
from footnoted.ingest.fetching.special_addresses import Address, Network, embedded, what_instead

_PORTS = frozenset({80, 443})
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_AUTHORITY = re.compile(r"(?P<host>\[[^\[\]]*\]|[^\[\]:]*)(?::(?P<port>[0-9]{0,5}))?")
_NAME = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_ALLOWED = re.compile(r"(?P<host>.+):(?P<port>[0-9]{1,5})")
_HINT = (
    "Write host:port or network/prefix:port, separated by commas, such as "
    "127.0.0.1:8081,10.0.0.0/8:443,[::1]:80."
)


class Unanswered(Exception):
    """Ends the reading of an address; carried up to the client, and never past it.

    ``why`` is what follows "was not read:" in the reason; ``transient`` when asking again may
    help.
    """

    def __init__(self, access: Access, why: str, *, transient: bool = False) -> None:
        super().__init__(why)
        self.access = access
        self.why = why
        self.transient = transient


@dataclass(frozen=True, slots=True)
class Target:
    """An address that may be asked, as far as its words can tell.

    ``url`` is normalised and without fragment; ``host`` is an ASCII name or a number in its one
    usual spelling, IPv6 without brackets.
    """

    url: str
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class AddressRules:
    """The rules, and the exact exceptions from them that a user made."""

    names: frozenset[tuple[str, int]] = frozenset()
    networks: tuple[tuple[Network, int], ...] = ()

    @classmethod
    def parse(cls, allow: str) -> AddressRules:
        """The rules with the exceptions of ``FOOTNOTED_FETCH_ALLOW``; empty makes none.

        Raises ``UsageError`` for an entry that is not ``host:port`` or ``network/prefix:port``.
        """
        names: set[tuple[str, int]] = set()
        networks: list[tuple[Network, int]] = []
        for entry in filter(None, (part.strip() for part in allow.split(","))):
            host, port = _exception(entry)
            if isinstance(host, str):
                names.add((host, port))
            else:
                networks.append((host, port))
        return cls(frozenset(names), tuple(networks))

    def check_url(self, url: str) -> Target:
        """What ``url`` asks for; the numbers behind a name are checked when they are known.

        Raises ``Unanswered`` for what is no web address or may not be asked.
        """
        if _CONTROL.search(url):
            raise Unanswered(Access.URL_UNKNOWN, "its address holds control characters.")
        text = url.strip()
        scheme = _SCHEME.match(text)
        if scheme is None or not text.startswith("//", scheme.end()):
            raise _not_web(scheme[1] if scheme else None)
        if scheme[1].lower() not in {"http", "https"}:
            raise _not_web(scheme[1])
        authority, rest = _split(text[scheme.end() + 2 :])
        if "@" in authority or "\\" in authority:
            raise Unanswered(
                Access.UNSAFE,
                "a name or password stands before its host, which hides where it leads. "
                "Give the address without it.",
            )
        found = _AUTHORITY.fullmatch(authority)
        if found is None or not found["host"]:
            raise Unanswered(Access.URL_UNKNOWN, "its address has no host that can be read.")
        host = read_host(found["host"])
        standard = 443 if scheme[1].lower() == "https" else 80
        port = int(found["port"] or standard)
        self._check_port(host, port)
        if is_number(host):
            self.check_address(host, host, port)
        place = f"[{host}]" if ":" in host else host
        suffix = "" if port == standard else f":{port}"
        return _target(f"{scheme[1].lower()}://{place}{suffix}{rest}", host, port)

    def check_address(self, address: str, host: str, port: int) -> None:
        """Raise ``Unanswered`` unless ``host`` on ``port`` may be reached at ``address``.

        ``address`` is a number, ``host`` the name that leads to it, or the same number. IPv4
        addresses inside an IPv6 one are checked as well.
        """
        if (host, port) in self.names:
            return
        number = ip_address(address)
        for form in (number, *embedded(number)):
            if self._exempt(form, port):
                continue
            if (what := what_instead(form)) is not None:
                leads = "" if host == address else f"the name {host} leads to {address}; "
                raise Unanswered(
                    Access.UNSAFE,
                    f"{leads}{form} is {what}, not a public web server. If it is a server of "
                    f"yours, name it in FOOTNOTED_FETCH_ALLOW.",
                )
            if port not in _PORTS:
                raise _wrong_port(port)

    def _check_port(self, host: str, port: int) -> None:
        """Refuse a port that no exception can allow; a name's numbers are not known yet."""
        if not 0 < port < 65536:
            raise Unanswered(Access.URL_UNKNOWN, f"there is no port {port}.")
        exceptions = {allowed for _, allowed in self.networks}
        if port not in _PORTS | exceptions and (host, port) not in self.names:
            raise _wrong_port(port)

    def _exempt(self, number: Address, port: int) -> bool:
        return any(
            port == allowed and number.version == network.version and number in network
            for network, allowed in self.networks
        )


def read_host(host: str) -> str:
    """The ASCII form of a host as it stands in an address (``[::1]``, ``Bücher.example``).

    Letters outside ASCII are mapped by UTS 46, so full-width digits become the number that they
    mean. Raises ``Unanswered`` for what is no host, and for a number in any but its usual
    spelling (``0x7f000001``, ``127.1``).
    """
    import idna  # noqa: PLC0415 - large tables, and most hosts need none of them

    seen = shown(host)
    if host.startswith("[") and host.endswith("]"):
        try:
            address = IPv6Address(host[1:-1])
        except ValueError as error:
            raise Unanswered(Access.URL_UNKNOWN, f"{seen} is no IPv6 address.") from error
        if address.scope_id is not None:
            raise Unanswered(Access.UNSAFE, f"{seen} is an address of this computer's own network.")
        return str(address)
    name = host.lower()
    if not host.isascii():
        try:
            name = idna.encode(host, uts46=True).decode("ascii")
        except idna.IDNAError as error:
            raise Unanswered(Access.URL_UNKNOWN, f"{seen} is no host name.") from error
    name = name.removesuffix(".")
    if _NUMBER.fullmatch(name.rpartition(".")[2]):
        try:
            return str(IPv4Address(name))
        except ValueError as error:
            raise Unanswered(
                Access.UNSAFE,
                f"its host {seen} is a number in an unusual spelling, which hides where it leads.",
            ) from error
    if "%" in name:
        raise Unanswered(
            Access.UNSAFE, f"its host {seen} is percent-encoded, which hides where it leads."
        )
    if len(name) > 253 or not _NAME.fullmatch(name):
        raise Unanswered(Access.URL_UNKNOWN, f"{seen} is no host name.")
    return name


def is_number(host: str) -> bool:
    """Whether ``host`` is an IP address rather than a name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def shown(url: str) -> str:
    """``url`` for a sentence: one line, no control characters, no password, not too long."""
    scheme, separator, after = url.partition("://")
    authority, rest = _split(after) if separator else ("", "")
    if "@" in authority:
        url = f"{scheme}://{authority.rpartition('@')[2]}{rest}"
    clean = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in url.strip())
    return clean if len(clean) <= 300 else f"{clean[:299]}…"


def _split(after_scheme: str) -> tuple[str, str]:
    """The authority, and all that follows it."""
    end = next((i for i, c in enumerate(after_scheme) if c in "/?#"), len(after_scheme))
    return after_scheme[:end], after_scheme[end:]


def _target(url: str, host: str, port: int) -> Target:
    import httpx2  # noqa: PLC0415 - a third of a second

    try:
        return Target(str(httpx2.URL(url).copy_with(fragment=None)), host, port)
    except httpx2.InvalidURL as error:
        raise Unanswered(Access.URL_UNKNOWN, f"its address cannot be read ({error}).") from error


def _not_web(scheme: str | None) -> Unanswered:
    if scheme is None or scheme.lower() in {"http", "https"}:
        return Unanswered(
            Access.URL_UNKNOWN,
            "it is not a whole web address. Supply one with --links that begins with https://.",
        )
    return Unanswered(
        Access.UNSAFE, f"it begins with {scheme}:, and only http and https addresses are read."
    )


def _wrong_port(port: int) -> Unanswered:
    return Unanswered(
        Access.UNSAFE,
        f"port {port} is not one of the web's (80 and 443). If it is a server of yours, name it "
        "in FOOTNOTED_FETCH_ALLOW.",
    )


def _exception(entry: str) -> tuple[str | Network, int]:
    """One entry of the allow-list: a host name or a network, and its port."""
    found = _ALLOWED.fullmatch(entry)
    if found is None or not 0 < int(found["port"]) < 65536:
        raise _nonsense(entry)
    host = found["host"]
    bare = re.sub(r"\[([^\[\]]*)\]", r"\1", host)
    if "/" in host or bare != host:
        try:
            return ip_network(bare), int(found["port"])
        except ValueError as error:
            raise _nonsense(entry) from error
    try:
        name = read_host(host)
    except Unanswered as error:
        raise _nonsense(entry) from error
    try:
        return ip_network(name), int(found["port"])
    except ValueError:  # a name, not a number
        return name, int(found["port"])


def _nonsense(entry: str) -> UsageError:
    return UsageError(
        f"FOOTNOTED_FETCH_ALLOW holds {entry!r}, which names no host and port.",
        about=entry,
        hint=_HINT,
    )
