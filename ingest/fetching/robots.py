"""Whether a site's robots.txt lets this program read an address (RFC 9309), and at what pace."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple, TypeAlias
from urllib.parse import urlsplit

from footnoted.domain import Access
from footnoted.ingest.fetching.responses import Get, NoResponse, Response

if TYPE_CHECKING:
    from protego import Protego

_LIMIT = 500 * 1024  # bytes; RFC 9309, 2.5 lets a crawler stop reading there
_LONGEST_DELAY = 30.0  # seconds; some sites name days, which would be a refusal in other words
_DEFAULT_PORTS = {"http": 80, "https": 443}
# A product token (RFC 9309, 2.2.1), and every spelling of an agent's line that Protego accepts.
_TOKEN = re.compile(r"[a-z_-]*")
_AGENT_LINE = re.compile(r"\s*user(?:-|\s*)agent\s*(?::|\s)\s*([^#]*)", re.IGNORECASE)
_NOBODY = "0"  # no product token has a digit in it


class Site(NamedTuple):
    """Where a robots.txt applies; ``host`` includes the port unless it is the scheme's own."""

    scheme: str
    host: str


_Rules: TypeAlias = "Protego | NoResponse | None"
"""A site's rules, or why they could not be read and nothing else may be; none: no rules."""


def site_of(url: str) -> Site | None:
    """The site of an http or https address; ``None`` for any other, and for a malformed one."""
    try:
        url.encode()
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not host:
        return None
    host = f"[{host}]" if ":" in host else host
    usual = port is None or port == _DEFAULT_PORTS[parts.scheme]
    return Site(parts.scheme, host if usual else f"{host}:{port}")


class Robots:
    """Asks each site for its robots.txt once, whoever waits for it, and keeps it for the run.

    A site without one (any 4xx), or whose robots.txt redirects without end, allows everything
    (RFC 9309, 2.3.1.2 and 2.3.1.3). A site that answers 5xx, or nothing, or whose robots.txt lies
    where it cannot be read, allows nothing for the time being (2.3.1.4). Only the address given
    is judged: whoever follows a redirect asks about its target too.
    """

    def __init__(self, get: Get, user_agent: str) -> None:
        """``get`` follows redirects; ``user_agent`` begins with the token that sites name."""
        self._get = get
        self._token = _product_token(user_agent)
        self._known: dict[Site, _Rules] = {}
        self._locks: defaultdict[Site, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def allows(self, url: str) -> NoResponse | None:
        """``None`` when ``url`` may be read, else why not.

        An address that has no site is allowed: the client that is asked for it says what is wrong.
        """
        site = site_of(url)
        if site is None:
            return None
        rules = await self._rules(site)
        if rules is None:
            return None
        if isinstance(rules, NoResponse):
            return replace(rules, url=url)
        if rules.can_fetch(url, self._token):
            return None
        return NoResponse(
            url,
            Access.BLOCKED_BY_ROBOTS,
            f"Not read: the robots.txt of {site.host} asks programs not to read {url}. "
            "Open the page yourself and supply it with --source.",
        )

    async def delay(self, url: str) -> float | None:
        """The seconds that the site wants between two requests, at most 30; ``None`` if unsaid."""
        site = site_of(url)
        rules = None if site is None else await self._rules(site)
        if rules is None or isinstance(rules, NoResponse):
            return None
        asked = rules.crawl_delay(self._token)
        return None if asked is None else min(asked, _LONGEST_DELAY)

    async def _rules(self, site: Site) -> _Rules:
        # A lock, not a shared task: when the first to ask is cancelled, the next one asks.
        async with self._locks[site]:
            if site not in self._known:
                answer = await self._get(f"{site.scheme}://{site.host}/robots.txt")
                self._known[site] = _read(answer, site, self._token)
            return self._known[site]


def _read(answer: Response | NoResponse, site: Site, token: str) -> _Rules:
    """What an answer to the request for robots.txt means (RFC 9309, 2.3.1)."""
    if isinstance(answer, NoResponse):
        return _unreachable(answer, site)
    if 200 <= answer.status < 300:
        return _parse(answer.body, token)
    if answer.status < 500:
        return None
    return _closed(answer.url, site, f"answered {_status(answer.status)}")


def _unreachable(answer: NoResponse, site: Site) -> NoResponse | None:
    """Why nothing of a site may be read whose robots.txt was not; ``None`` where it may."""
    if answer.endless or (answer.access is Access.UNSAFE and not answer.hops):
        return None  # an unsafe site's pages are refused by the client as well, in better words
    if answer.access is Access.DEAD and not answer.hops:
        return answer  # and so is the site
    can = "could not" if answer.transient else "cannot"
    why = _closed(answer.url, site, f"{can} be read ({answer.reason.rstrip('.')})")
    return replace(why, transient=answer.transient)


def _closed(url: str, site: Site, what: str) -> NoResponse:
    return NoResponse(
        url,
        Access.BLOCKED_BY_SITE,
        f"Not read: {url} {what}, so that nobody can tell what {site.host} allows. "
        "Run the ingest again later with --refresh, or supply the page with --source.",
        transient=True,
    )


def _status(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _parse(body: bytes, token: str) -> Protego:
    from protego import Protego  # noqa: PLC0415 - only a fetching command needs it

    if len(body) > _LIMIT:
        # Half a line may forbid much more than the whole of it.
        body = body[:_LIMIT].rpartition(b"\n")[0]
    lines = body.decode("utf-8-sig", "replace").splitlines()
    return Protego.parse("\n".join(_without_others(lines, token)))


def _without_others(lines: list[str], token: str) -> Iterator[str]:
    """The lines, with every agent that is neither ``token`` nor ``*`` renamed to nobody.

    Groups keep their limits. Protego makes a rule set for each agent of a group, so 500 KiB that
    name thousands of agents before thousands of rules would take it many minutes and gigabytes;
    and it takes any beginning of our name for ours, where RFC 9309, 2.2.1 means the whole token.
    """
    for line in lines:
        found = _AGENT_LINE.match(line)
        if found is None or not (name := found[1].strip()):
            yield line
        elif name == "*":
            yield "User-agent: *"
        else:
            ours = token and _product_token(name) == token
            yield f"User-agent: {token if ours else _NOBODY}"


def _product_token(user_agent: str) -> str:
    found = _TOKEN.match(user_agent.strip().lower())
    return found[0] if found else ""
