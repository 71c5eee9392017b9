"""Whether two titles name one work, and whether two addresses name one page or one site.

Everything here leans to "cannot tell": a title may be cited in translation or cut short, and an
address may be a resolver's, which says nothing of where the work lies.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from footnoted.ingest.states.syndication import folded_words

_TRACKING = re.compile(
    r"utm_\w+|fbclid|gclid|dclid|msclkid|yclid|igshid|mc_[ce]id|ref_src|cmpid?|ocid|smid|xtor|_ga"
)
_ARCHIVED = re.compile(r"^[^?#]*?/(?:web/)?\d{4,14}\*?(?:[a-z]{2}_)?/((?:https?:/{1,2})?[^/].*)$")
_ANY_SCHEME = re.compile(r"^https?:/{1,2}", re.IGNORECASE)
_RESOLVERS = frozenset(
    {
        "doi.org",
        "dx.doi.org",
        "hdl.handle.net",
        "purl.org",
        "n2t.net",
        "w3id.org",
        "perma.cc",
        "bit.ly",
        "t.co",
        "goo.gl",
        "ow.ly",
        "tinyurl.com",
        "youtu.be",
        "is.gd",
        "buff.ly",
    }
)
_HOME = re.compile(
    r"(?:index|default|home|main|start|startseite|accueil|inicio|welcome)(?:\.\w{2,5})?"
    r"|[a-z]{2}(?:[-_][a-z]{2})?",
    re.IGNORECASE,
)
_HOST_PREFIX = re.compile(r"(?:www\d?|m|mobile|amp)\.")
# Names under which anybody gets a site of his own; two of them are two sites.
_SHARED = frozenset(
    {
        "github.io",
        "gitlab.io",
        "blogspot.com",
        "wordpress.com",
        "tumblr.com",
        "substack.com",
        "livejournal.com",
        "typepad.com",
        "weebly.com",
        "wixsite.com",
        "netlify.app",
        "vercel.app",
        "pages.dev",
        "web.app",
        "herokuapp.com",
        "readthedocs.io",
        "altervista.org",
        "over-blog.com",
        "free.fr",
        "narod.ru",
        "fandom.com",
        "amazonaws.com",
        "cloudfront.net",
        "azurewebsites.net",
        "appspot.com",
        "medium.com",
    }
)
_REGISTRIES = frozenset(
    {"gouv", "asso", "info", "name", "presse", "press", "tourism", "parliament", "police"}
)
_ARABIC_ARTICLE = re.compile(r"^[وبفك]?ال(?=\w{3})|^لل(?=\w{3})")
_DENSE = re.compile(r"[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


def telling_words(text: str) -> frozenset[str]:
    """The folded words of ``text`` that are long enough to tell one title from another.

    All of its words when none is.
    """
    words = [_ARABIC_ARTICLE.sub("", word) for word in folded_words(text)]
    return frozenset(filter(_telling, words)) or frozenset(words)


def _telling(word: str) -> bool:
    if word.isascii():
        return len(word) >= 4 or (word.isdecimal() and len(word) >= 2)
    return len(word) >= 3 or _DENSE.match(word) is not None


def share(wanted: frozenset[str], held: frozenset[str]) -> float:
    """How much of ``wanted`` is in ``held``, from 0 to 1; 1 when nothing is wanted."""
    return len(wanted & held) / len(wanted) if wanted else 1.0


def titles_agree(cited: str, found: str) -> bool:
    """Whether most telling words of one title are in the other: sites add their name, citers cut.

    A found title of a single word is too little to contain.
    """
    one, other = telling_words(cited), telling_words(found)
    if not one or not other:
        return False
    return share(one, other) >= 0.6 or (len(other) >= 2 and share(other, one) >= 0.75)


class Address(NamedTuple):
    """An address in a form in which equal ones mean one page: no scheme, no tracking."""

    host: str
    path: str
    query: str

    @property
    def segments(self) -> list[str]:
        return [segment for segment in self.path.split("/") if segment]

    @property
    def is_home(self) -> bool:
        """Whether the path leads to the front page of a site or of one of its languages."""
        return not self.query and all(_HOME.fullmatch(segment) for segment in self.segments)

    @property
    def is_resolver(self) -> bool:
        """Whether it is made to lead to another site: a DOI, a handle, a short link."""
        return self.host in _RESOLVERS


def address(url: str) -> Address | None:
    """``url`` for comparison; ``None`` for what is no web address.

    Case of the host, ``www.`` and its like, default ports, a trailing slash, percent-encoding,
    fragments and tracking parameters make no difference.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        return None
    host = _HOST_PREFIX.sub("", _ascii_host(parts.hostname))
    if port not in (None, 80, 443):
        host = f"{host}:{port}"
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    query = urlencode([pair for pair in pairs if not _TRACKING.fullmatch(pair[0].lower())])
    return Address(host, unquote(parts.path).rstrip("/"), query)


def original_url(archived: str) -> str:
    """The address of which ``archived`` names a copy; ``archived`` itself when it does not say."""
    rest = _ANY_SCHEME.sub("", archived)
    match = _ARCHIVED.match(rest)
    if match is None:
        return archived
    return "http://" + _ANY_SCHEME.sub("", match[1])


def same_site(one: Address, other: Address) -> bool:
    """Whether two hosts belong to one owner, as far as their names show it.

    Without the public suffix list: the hosts are equal, or one is above the other, or they share
    their last two names (three where the last two may be a registry's or a shared host's). Where
    that is wrong it mostly says no, which costs a caveat and never vouches for a stranger's site.
    """
    if one.host == other.host:
        return True
    if _is_number(one.host) or _is_number(other.host):
        return False
    a, b = one.host.split("."), other.host.split(".")
    common = 0
    while common < min(len(a), len(b)) and a[-1 - common] == b[-1 - common]:
        common += 1
    if common < 2 or (common == 2 and ".".join(a[-2:]) in _SHARED):
        return False
    is_above = common == min(len(a), len(b))
    return is_above or common > 2 or not _may_be_registry(a[-2], a[-1])


def _may_be_registry(second: str, top: str) -> bool:
    """Whether strangers register names below ``second.top``, as below co.uk, com.au, gouv.fr."""
    return len(top) == 2 and (len(second) <= 3 or second in _REGISTRIES)


def _is_number(host: str) -> bool:
    try:
        ip_address(host.partition(":")[0])
    except ValueError:
        return False
    return True


def _ascii_host(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError:  # a label that DNS would not have; compared as it is written
        return host.lower()
