"""How a Wikipedia page is named: ``wikipedia:Title``, ``wikipedia:ar:Title``, or an address."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, quote, unquote, urlsplit

from footnoted.errors import UsageError

# "de", "simple", "zh-min-nan": the shape of every edition's code, and of no title's beginning.
_CODE = r"(?:simple|[a-z]{2,3}(?:-[a-z]{2,9}){0,2})"
_NAME = re.compile(
    rf"wikipedia:(?:(?P<language>{_CODE}):(?=\S))?(?P<title>.*)", re.IGNORECASE | re.DOTALL
)
_HOST = re.compile(rf"(?:(?:(?!www|m\.)(?P<language>{_CODE})\.|www\.)?(?:m\.)?)wikipedia\.org")
# Chinese and Serbian wikis name the script variety instead of "wiki" (/zh-tw/…, /sr-ec/…).
_PATH = re.compile(r"/(?:wiki|(?:zh|sr|kk|ku|uz|shi|iu|tg|gan)(?:-[a-z]+)?)/(?P<title>.+)")
_SCRIPT = re.compile(r"/w/index\.php(?:/(?P<title>.+))?|/")
_PERMALINK = re.compile(r"[^:/]+:perma[^:/]*link/(?P<revision>\d+)", re.IGNORECASE)
_DIRECTION = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_REVISION = re.compile(r"[1-9]\d{0,15}")
_DEFAULT_PORTS = {"http": (None, 80), "https": (None, 443)}
_KEPT = "/:;@!$*(),~-._"  # what MediaWiki leaves as it is in the addresses of its pages


@dataclass(frozen=True, slots=True)
class WikiPage:
    """A page of one Wikipedia.

    ``language`` is the edition's code (``en``, ``simple``, ``zh-yue``); ``title`` has spaces, and
    is empty where only a revision is known; without ``revision`` the current one is meant.
    """

    language: str
    title: str
    revision: str | None = None

    @property
    def site(self) -> str:
        return f"https://{self.language}.wikipedia.org"

    @property
    def name(self) -> str:
        """The page in words, for messages."""
        page = f"“{self.title}”" if self.title else "the page"
        return f"{page} in revision {self.revision}" if self.revision else page


def parse_name(source: str) -> WikiPage | None:
    """The Wikipedia page that ``source`` names; ``None`` when it names none.

    Titles come percent-decoded (in addresses), with spaces for underscores, without the section
    behind ``#``. Raises ``UsageError`` for what clearly means Wikipedia but names no page or no
    one revision.
    """
    source = source.strip()
    if named := _NAME.fullmatch(source):
        title = clean_title(named["title"])
        if not title or re.fullmatch(rf"{_CODE}:", title, re.IGNORECASE):
            raise UsageError(
                f"{source!r} names no page.",
                about=source,
                hint="Write wikipedia:Title, or wikipedia:ar:Title for another language.",
            )
        return WikiPage((named["language"] or "en").lower(), title)
    try:
        parts = urlsplit(source)
        port = parts.port
    except ValueError:  # a broken port or IPv6 host: no address of Wikipedia
        return None
    host = _HOST.fullmatch((parts.hostname or "").rstrip("."))
    if host is None or parts.username or port not in _DEFAULT_PORTS.get(parts.scheme, ()):
        return None
    return _at(parts, host["language"] or "en", source)


def page_url(site: str, title: str) -> str:
    """The address of a page as MediaWiki writes it."""
    return f"{site}/wiki/{quote(title.replace(' ', '_'), safe=_KEPT)}"


def clean_title(title: str) -> str:
    """``title`` as MediaWiki shows it: one space for underscores and runs of spaces, in NFC."""
    title = _DIRECTION.sub("", title.partition("#")[0]).replace("_", " ")
    return unicodedata.normalize("NFC", " ".join(title.split())).lstrip(":").strip()


def checked_revision(revision: str, about: str) -> str:
    """``revision`` itself; ``UsageError`` when it is no revision id."""
    if _REVISION.fullmatch(revision) is None:
        raise UsageError(
            f"{revision!r} is no revision of a Wikipedia page.",
            about=about,
            hint="A revision is the number behind oldid= in the page's permanent link.",
        )
    return revision


def _at(parts: SplitResult, language: str, source: str) -> WikiPage | None:
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    path = _PATH.fullmatch(parts.path)
    script = None if path else _SCRIPT.fullmatch(parts.path)
    if path is None and script is None:
        return None
    if "diff" in query:
        raise UsageError(
            f"{source} compares two revisions.",
            about=source,
            hint="Name one of them: the page's address with oldid=NUMBER and without diff=.",
        )
    written = path["title"] if path else script["title"] if script else None
    title = clean_title(query.get("title") or unquote(written or ""))
    if permanent := _PERMALINK.fullmatch(title):
        return WikiPage(language, "", checked_revision(permanent["revision"], source))
    oldid = query.get("oldid", "")
    revision = checked_revision(oldid, source) if oldid not in ("", "0") else None
    return WikiPage(language, title, revision) if title or revision else None
