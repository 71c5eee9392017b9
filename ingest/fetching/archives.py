"""Copies in web archives: which page an archive's address is a copy of, and of which moment.

Everything here only reads addresses, and asks nobody. Most archives follow the Wayback Machine
and put a timestamp (year to second, UTC) and then the original address in the path, which RFC
7089 calls a URI-M; ``id_`` behind the timestamp asks for the bytes as they were captured, without
the archive's own toolbar and rewritten links.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

from footnoted.ids import canonical_url

_ADDRESS = re.compile(
    r"(?P<root>https?://[^/?#@\\\s\x00-\x1f\x7f]+)(?P<rest>[^\s\x00-\x1f\x7f]*)", re.IGNORECASE
)
_STAMP = r"[0-9]{0,14}\*|[0-9]{1,14}|[0-9]{4}\.[0-9]{2}\.[0-9]{2}-[0-9]{6}|(?:[0-9]{4}-){3}[0-9]{2}"
_MEGALODON_STAMP = re.compile(r"(?:[0-9]{4}-){3}[0-9]{2}")
_SCHEMED = r"https?(?::|%3a)(?:/|%2f){1,2}[^/].*"
_BARE = r"(?:[\w-]+\.)+[^\W\d_][\w-]+(?::[0-9]+)?(?:[/?#].*)?"
_BEFORE = r"(?P<before>(?:/[^/?#]*)*?)"
# The leftmost timestamp counts: what stands behind it is the page's, another archive included.
_PATH = (
    _BEFORE + rf"/(?:(?P<stamp>{_STAMP})(?P<modifier>[a-z]{{2}}_)?/(?P<copied>{_SCHEMED}{{bare}})"
    rf"|(?P<named>{_SCHEMED}))"
)
_ARCHIVE_PATH = re.compile(_PATH.replace("{bare}", rf"|{_BARE}"), re.IGNORECASE | re.DOTALL)
_ANY_PATH = re.compile(_PATH.replace("{bare}", ""), re.IGNORECASE | re.DOTALL)
_REPLAYS_BYTES = re.compile(r"wayback|/(?:web|all|replay)$")
_URL_PARAMETER = re.compile(
    r"[?&]url=(?P<page>https?.+?)(?:&(?:date|id|title|author|refdoi|run)=.*)?$", re.IGNORECASE
)
_TODAY_ID = re.compile(r"/(?!(?:search|submit|post|blog|faq|wip)\b)[A-Za-z0-9]{4,6}(?:[/#?]|$)")
_GHOST_ID = re.compile(r"/(?P<video>v?)archive/(?:youtube/)?(?:(?P<day>[0-9]{8})/)?(?P<id>[\w-]+)")
_PERMA_ID = re.compile(r"/(?:[0-9A-Za-z]{2,4}(?:-[0-9A-Za-z]{2,4})+|0[0-9A-Za-z]{8,10})/?$")
_WEBCITE_ID = re.compile(r"^/(?P<id>[0-9A-Za-z]{9})(?:[/?#]|$)|[?&]id=(?P<micros>[0-9]{16})\b")
_WEBCITE_DATE = re.compile(r"[?&]date=(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})")
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_FIRST, _LAST = 1990, 2099  # years; "9999" and "1" are ways to ask for the newest and the oldest
_DEEPEST = 5  # copies of copies of …; nobody means more
_TOKYO = timezone(timedelta(hours=9))  # Megalodon's clock


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One archive's copy of a page, as its address ``url`` describes it.

    ``original`` is the page's own address (of a copy of another archive's copy: the page's), and
    ``None`` where a short id hides it. ``at`` is ISO 8601, as precise as the address says, and
    ``None`` where it does not say. ``service`` is the archive's name, for an unknown one its host.
    ``raw_url`` gives the bytes as they were captured, where the archive offers them. A ``listing``
    names a page but no single copy of it, so nothing can be read there.
    """

    url: str
    original: str | None
    at: str | None
    service: str
    raw_url: str | None = None
    listing: bool = False


def is_archive(url: str) -> bool:
    """Whether ``url`` is an address in a web archive: a copy, a listing, or a page of its own."""
    address = _address(url)
    return address is not None and (_service(address) is not None or _read(address) is not None)


def original_of(archive: str) -> str | None:
    """The address of which ``archive`` is a copy, where its own address says so.

    Never an address in an archive. Whether that page is still what it was when it was cited
    (``url-status=usurped``) is not visible here.
    """
    snapshot = snapshot_of(archive)
    return None if snapshot is None else snapshot.original


def snapshot_of(url: str) -> Snapshot | None:
    """What ``url`` says of itself; ``None`` when it is no copy (or list of copies) of a page."""
    address = _address(url)
    snapshot = None if address is None else _read(address)
    return None if snapshot is None else replace(snapshot, original=_innermost(snapshot.original))


def same_page(one: str, other: str) -> bool:
    """Whether two addresses name one page, as archives count.

    Scheme, default port, ``www.``, a last slash, the fragment and the spelling of
    percent-encodings make no difference; host, path and query do.
    """
    key = _page_key(one)
    return key is not None and key == _page_key(other)


def iso_of_stamp(stamp: str) -> str | None:
    """The timestamp in an archive's address in ISO 8601, as precise as it is; else ``None``."""
    digits = re.sub(r"[^0-9]", "", stamp)
    digits = digits[: len(digits) // 2 * 2]
    if not 4 <= len(digits) <= 14 or not _FIRST <= int(digits[:4]) <= _LAST:
        return None
    padded = digits + "00000101000000"[len(digits) :]
    try:
        moment = datetime.fromisoformat(f"{padded[:8]}T{padded[8:]}+00:00")
    except ValueError:  # a 13th month, a 30th of February
        return None
    if _MEGALODON_STAMP.fullmatch(stamp):
        moment = moment.replace(tzinfo=_TOKYO).astimezone(UTC)
    written = moment.strftime("%Y-%m-%dT%H:%M:%S")[: len(digits) + len(digits) // 2 - 2]
    return f"{written}Z" if len(digits) > 8 else written


class _Address(NamedTuple):
    """An http(s) address in parts; ``rest`` is all behind the host, as it is written."""

    url: str
    root: str
    host: str
    rest: str


class _Service(NamedTuple):
    """An archive. ``raw`` begins its ``id_`` addresses: "" as the copy's own, ``None`` for none.

    ``ids`` reads the addresses that do not hold the page's own in their path; without a ``name``
    the archive goes by its host.
    """

    name: str
    hosts: re.Pattern[str]
    raw: str | None = None
    ids: Callable[[_Address, str], Snapshot | None] | None = None


def _address(url: str) -> _Address | None:
    url = url.strip().replace(" ", "%20")
    found = _ADDRESS.fullmatch(url)
    if found is None:
        return None
    try:
        host = urlsplit(url).hostname
    except ValueError:  # a broken IPv6 host
        return None
    return None if not host else _Address(url, found["root"], host.rstrip("."), found["rest"])


def _service(address: _Address) -> _Service | None:
    return next((s for s in _SERVICES if s.hosts.search(address.host)), None)


def _read(address: _Address) -> Snapshot | None:
    """The snapshot at ``address``, its original as written, which may be in an archive again."""
    service = _service(address)
    if service is None:
        return _unknown(address)
    if found := _ARCHIVE_PATH.match(address.rest):
        return _copy(address, found, service.name or address.host, service.raw)
    return None if service.ids is None else service.ids(address, service.name)


def _innermost(original: str | None) -> str | None:
    for _ in range(_DEEPEST):
        if original is None or not is_archive(original):
            return original
        address = _address(original)
        snapshot = None if address is None else _read(address)
        original = None if snapshot is None else snapshot.original
    return None


def _unknown(address: _Address) -> Snapshot | None:
    """Any archive whose paths are those of a Memento: a year at least, and a whole address."""
    in_wayback = re.fullmatch(r"(?:.+\.)?archive\.org", address.host) is not None
    found = (_ARCHIVE_PATH if in_wayback else _ANY_PATH).match(address.rest)
    if found is None or len((found["stamp"] or "").rstrip("*")) < 4:
        return None
    if in_wayback:
        return _copy(address, found, _WAYBACK, _WAYBACK_RAW) if found["before"] == "/web" else None
    replays = found["modifier"] or _REPLAYS_BYTES.search(found["before"])
    return _copy(address, found, address.host, "" if replays else None)


def _copy(
    address: _Address, found: re.Match[str], service: str, raw: str | None
) -> Snapshot | None:
    """The copy, or the list of copies, that the path of an address names."""
    page = _page(found["copied"] or found["named"])
    if page is None:
        return None
    stamp = found["stamp"] or ""
    negotiated = found["before"].rpartition("/")[2] in ("newest", "oldest", "timegate")
    listing = stamp.endswith("*") or not (stamp or negotiated)
    raw_url = None
    if raw is not None and stamp and not listing:
        raw_url = f"{raw or address.root + found['before']}/{stamp}id_/{page}"
    return Snapshot(
        address.url,
        None if listing and page.endswith("*") else page,
        iso_of_stamp(stamp),
        service,
        raw_url,
        listing,
    )


def _archive_today(address: _Address, service: str) -> Snapshot | None:
    named = _TODAY_ID.match(address.rest)
    return None if named is None else Snapshot(address.url, None, None, service)


def _ghostarchive(address: _Address, service: str) -> Snapshot | None:
    named = _GHOST_ID.match(address.rest)
    if named is None:
        return None
    original = f"https://www.youtube.com/watch?v={named['id']}" if named["video"] else None
    return Snapshot(address.url, original, iso_of_stamp(named["day"] or ""), service)


def _webcite(address: _Address, service: str) -> Snapshot | None:
    """The page is in ``?url=``; WebCite's ids are the microseconds since 1970 in base 62."""
    named, dated = _WEBCITE_ID.search(address.rest), _WEBCITE_DATE.search(address.rest)
    original = _parameter(address)
    if named is None and original is None:
        return None
    micros = int((named and named["micros"]) or 0)
    for sign in (named and named["id"]) or "":
        micros = micros * 62 + _BASE62.index(sign)
    stamp = f"{datetime.fromtimestamp(micros // 10**6, UTC):%Y%m%d%H%M%S}" if named else ""
    at = iso_of_stamp(stamp) or iso_of_stamp(dated["date"] if dated else "")
    return Snapshot(address.url, original, at, service)


def _perma(address: _Address, service: str) -> Snapshot | None:
    named = _PERMA_ID.match(address.rest)
    return None if named is None else Snapshot(address.url, None, None, service)


def _parameter(address: _Address) -> str | None:
    """The page in ``?url=``, which people also write without encoding its own ``&``."""
    found = _URL_PARAMETER.search(address.rest)
    if found is None:
        return None
    encoded = re.match(r"https?%3a", found["page"], re.IGNORECASE)
    return _page(found["page"].partition("&")[0] if encoded else found["page"])


def _page(written: str) -> str | None:
    """The page's address, from what stands in an archive's: encoded, a slash lost, no scheme."""
    if re.match(r"https?%3a%2f", written, re.IGNORECASE):
        written = unquote(written)
    found = re.match(r"(https?)(?::|%3a)(?:/|%2f){1,2}", written, re.IGNORECASE)
    rest = written if found is None else written[found.end() :]
    address = _address(f"{'http' if found is None else found[1].lower()}://{rest}")
    return None if address is None else address.url


def _page_key(url: str) -> tuple[str, str, str] | None:
    try:
        parts = urlsplit(canonical_url(url))
        host = parts.netloc.removeprefix("www.").encode("idna").decode("ascii")
    except ValueError:  # no address at all, or a host that no name can be
        return None
    path, query = (_unescaped(part) for part in (parts.path, parts.query))
    return host, path.rstrip("/"), query


def _unescaped(part: str) -> str:
    """``part`` with only the escapes that it needs, in capitals (RFC 3986, 6.2.2)."""
    escaped = quote(part, safe="%/:?#[]@!$&'()*+,;=~", errors="replace")
    return re.sub(r"%[0-9a-fA-F]{2}", _plain, escaped)


def _plain(escape: re.Match[str]) -> str:
    sign = chr(int(escape[0][1:], 16))
    return sign if re.match(r"[A-Za-z0-9._~-]", sign) else escape[0].upper()


_WAYBACK, _WAYBACK_RAW = "Wayback Machine", "https://web.archive.org/web"
_SERVICES = tuple(
    _Service(name, re.compile(rf"(?:^|\.)(?:{hosts})$"), raw, ids)
    for name, hosts, raw, ids in (
        (_WAYBACK, r"(?:web(?:-\w+)?|liveweb|wayback)\.archive\.org", _WAYBACK_RAW, None),
        ("archive.today", r"archive\.(?:today|ph|is|li|vn|fo|md|ec)", None, _archive_today),
        ("Ghostarchive", r"ghostarchive\.org", None, _ghostarchive),
        ("WebCite", r"webcitation\.org", None, _webcite),
        ("Perma.cc", r"perma\.cc", None, _perma),
        ("Arquivo.pt", r"arquivo\.pt", "https://arquivo.pt/noFrame/replay", None),
        ("Archive-It", r"wayback\.archive-it\.org", "", None),
        ("Wikiwix", r"archive\.wikiwix\.com", None, _webcite),
        ("Megalodon", r"megalodon\.jp", None, None),
        ("", r"webarchive\.[\w.-]+", "", None),  # of a library, a parliament, a nation
    )
)
