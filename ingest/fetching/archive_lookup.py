"""Asks the Wayback Machine which of its copies of a page is nearest to a date, and trusts little.

Two interfaces answer that: *availability* (one capture, quick, at times empty for pages that are
archived) and the *CDX server* (a list of captures, slower). Each is known to answer with error
pages, cut JSON, or captures of something else; whatever is not plainly a copy of the page that
was asked for, in the archive that was asked, counts as no answer, and is said to be so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from footnoted.domain import Access
from footnoted.ids import canonical_url
from footnoted.ingest.fetching.archives import (
    Snapshot,
    is_archive,
    iso_of_stamp,
    same_page,
    snapshot_of,
)
from footnoted.ingest.fetching.responses import Get, NoResponse, Response

_NAME = "Wayback Machine"
_LIMIT = 10  # captures nearest to the date; enough to pass over images and copies of other pages
_NEAR = timedelta(days=31)  # a copy as near as this is taken without asking a second interface
_FIELDS = ("timestamp", "original", "mimetype", "statuscode")
_TEXT = re.compile(r"text/|application/(?:xhtml\+xml|xml|pdf|json)|unk$|warc/revisit|$")
_DATE = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?")
_EXCLUDED = re.compile(rb"AccessControlException|Blocked Site", re.IGNORECASE)
_SUPPLY = "If you have the page, name its file with --source."
_LATER = "Run the ingest again later with --refresh."


class _Capture(NamedTuple):
    stamp: str
    original: str
    at: datetime
    media_type: str


class _Wanted(NamedTuple):
    """The middle of the period that a date names, and how far from it a copy is near."""

    middle: datetime
    near: timedelta


class WaybackMachine:
    """The web archive of the Internet Archive, or one that speaks like it.

    ``base`` serves the copies (``/web/…``) and the CDX server, ``api`` the availability interface.
    Pacing, retries and the safety of the addresses are the business of ``get``.
    """

    def __init__(
        self,
        get: Get,
        *,
        base: str = "https://web.archive.org",
        api: str = "https://archive.org",
    ) -> None:
        self._get = get
        self._base = base.rstrip("/")
        self._api = api.rstrip("/")

    async def nearest(self, url: str, when: str | None) -> Snapshot | NoResponse:
        """The copy of the page ``url`` nearest to ``when``, or why there is none to be had.

        ``when`` is an ISO 8601 date, as precise as it is known (the day the source was read, else
        the day it was published); ``None``, or what is no date, asks for the newest copy. Among
        copies that were answered with 200, text (or PDF) goes before other media. A
        ``NoResponse`` speaks of the archive, not of the page, and is ``transient`` when an
        interface could not be asked or understood, so that asking later may find a copy.
        """
        if not re.match(r"https?://[^/?#\s]", url, re.IGNORECASE):
            reason = f"{url!r} is no web address, so no archive was asked for it."
            return NoResponse(url, Access.URL_UNKNOWN, reason)
        if "@" in urlsplit(url).netloc:
            reason = "Its address holds a name or password, so no archive was told of it."
            return NoResponse(url, Access.UNSAFE, reason)
        wanted = _wanted(when)
        found: list[_Capture] = []
        failures: list[NoResponse] = []
        for ask in (self._available, self._listed):
            answer = await ask(url, wanted)
            if isinstance(answer, NoResponse):
                failures.append(answer)
                continue
            found += answer
            if any(wanted is None or abs(c.at - wanted.middle) <= wanted.near for c in answer):
                break
        if found:
            return self._snapshot(min(found, key=lambda capture: _rank(capture, wanted)))
        return _failure(url, failures)

    async def _available(self, url: str, wanted: _Wanted | None) -> list[_Capture] | NoResponse:
        """What https://archive.org/help/wayback_api.php describes: one capture, or none."""
        query = {"url": url} | ({"timestamp": _stamp(wanted.middle)} if wanted else {})
        asked = f"{self._api}/wayback/available?{urlencode(query, errors='replace')}"
        answer = await self._json(url, asked)
        match answer:
            case NoResponse():
                return answer
            case {
                "archived_snapshots": {
                    "closest": {
                        "available": True,
                        "status": "200" | 200,
                        "url": str(address),
                        "timestamp": str(stamp),
                    }
                }
            }:
                copy = snapshot_of(address)
            case {}:  # none, or none that can be read: at times untrue, so the list is asked too
                return []
            case _:
                return _not_understood(url, asked)
        if copy is None or _place(address) != _place(self._base):
            return _lie(url, asked, f"an address outside it ({_shown(address)})")
        return self._checked(url, asked, [(stamp, str(copy.original), "", "200")])

    async def _listed(self, url: str, wanted: _Wanted | None) -> list[_Capture] | NoResponse:
        """The captures nearest to the date, or the last ones, from the CDX server.

        https://github.com/internetarchive/wayback/tree/master/wayback-cdx-server documents it;
        without ``sort=closest`` it quietly ignores ``closest``.
        """
        query = {"url": url, "output": "json", "fl": ",".join(_FIELDS), "filter": "statuscode:200"}
        if wanted is None:
            query |= {"limit": str(-_LIMIT), "fastLatest": "true"}
        else:
            query |= {"sort": "closest", "closest": _stamp(wanted.middle), "limit": str(_LIMIT)}
        asked = f"{self._base}/cdx/search/cdx?{urlencode(query, errors='replace')}"
        answer = await self._json(url, asked)
        if isinstance(answer, NoResponse):
            return answer
        if answer == []:
            return []
        rows = answer if isinstance(answer, list) else []
        if not rows or not all(isinstance(row, list) for row in rows):
            return _not_understood(url, asked)
        if not set(_FIELDS) <= {name for name in rows[0] if isinstance(name, str)}:
            return _not_understood(url, asked)
        columns = [rows[0].index(name) for name in _FIELDS]
        whole = [[str(cell) for cell in row] for row in rows[1:] if len(row) == len(rows[0])]
        return self._checked(url, asked, [tuple(row[i] for i in columns) for row in whole])

    async def _json(self, url: str, asked: str) -> Any:
        """What ``asked`` answers, parsed; a ``NoResponse`` about ``url`` where that is not JSON."""
        import json  # noqa: PLC0415 - only a lookup needs it

        response = await self._get(asked)
        host = _place(asked)
        if isinstance(response, NoResponse):
            reason = f"{host} could not be asked for an archived copy: {response.reason}"
            return NoResponse(url, response.access, reason, response.transient)
        if response.status != 200:
            return _refused(url, host, response)
        try:
            return json.loads(response.body)
        except (ValueError, RecursionError):  # an error page, cut JSON, brackets without end
            return _not_understood(url, asked)

    def _checked(
        self, url: str, asked: str, rows: Sequence[tuple[str, ...]]
    ) -> list[_Capture] | NoResponse:
        """The rows that are captures of ``url``; a complaint when there are rows but none is."""
        captures: list[_Capture] = []
        problem = "what is no capture"
        for stamp, original, media_type, status in rows:
            at = iso_of_stamp(stamp) if re.fullmatch(r"[0-9]{14}", stamp) else None
            if at is None:
                problem = f"a time that is none ({_shown(stamp)})"
            elif not same_page(original, url):
                problem = f"a copy of another page ({_shown(original)})"
            elif status == "200":
                moment = datetime.fromisoformat(at)
                captures.append(_Capture(stamp, original, moment, media_type.strip().lower()))
        return captures if captures or not rows else _lie(url, asked, problem)

    def _snapshot(self, capture: _Capture) -> Snapshot:
        """Built from our own ``base``: what an archive answers never says where to go."""
        return Snapshot(
            f"{self._base}/web/{capture.stamp}/{capture.original}",
            capture.original,
            iso_of_stamp(capture.stamp),
            _NAME,
            f"{self._base}/web/{capture.stamp}id_/{capture.original}",
        )


def memento_date(response: Response) -> str | None:
    """When what an archive answered was captured, in ISO 8601; ``None`` where it does not say.

    The ``Memento-Datetime`` header (RFC 7089, 2.1.1), else the timestamp in the final address.
    """
    try:
        moment = parsedate_to_datetime(response.header("memento-datetime") or "")
        stamp = _stamp(moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC))
    except (ValueError, OverflowError):  # no header, or words that are no date
        stamp = ""
    copy = snapshot_of(response.final_url)
    return iso_of_stamp(stamp) or (None if copy is None else copy.at)


def is_replay_error(response: Response) -> bool:
    """Whether an archive was asked and something else than one of its copies came back.

    The archive's own error page ("not archived", excluded, overloaded), a captcha (archive.today
    sends 429 or 403 with it), or a redirect that left the archive for the live web. An error that
    was *captured* is none of these: it carries ``Memento-Datetime`` (RFC 7089, 2.1.1).
    """
    if not is_archive(response.final_url):
        return is_archive(response.url)
    return response.status >= 400 and response.header("memento-datetime") is None


def _wanted(when: str | None) -> _Wanted | None:
    """The period that an ISO date names: an instant, a day, a month or a year."""
    if when is None:
        return None
    text = when.strip()
    try:
        if _DATE.fullmatch(text) is None:
            moment = datetime.fromisoformat(text)
            return _Wanted(moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC), _NEAR)
        half = {4: timedelta(days=182), 7: timedelta(days=15), 10: timedelta(hours=12)}[len(text)]
        start = datetime.fromisoformat(text + "0000-01-01"[len(text) :]).replace(tzinfo=UTC)
        return _Wanted(start + half, half + _NEAR)
    except (ValueError, OverflowError):  # "c. 2010", a 31st of June: the reader's words, no date
        return None


def _rank(capture: _Capture, wanted: _Wanted | None) -> tuple[bool, timedelta]:
    """Text first, then the nearest, or the newest where no date is known. Lower is better."""
    middle = wanted.middle if wanted else datetime.max.replace(tzinfo=UTC)
    return _TEXT.match(capture.media_type) is None, abs(capture.at - middle)


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y%m%d%H%M%S}".rjust(14, "0")


def _place(url: str) -> str:
    """Host and port, where http and https on their own ports are one place."""
    return urlsplit(canonical_url(url)).netloc


def _shown(words: str) -> str:
    """What a server sent, fit for a sentence."""
    line = re.sub(r"[\x00-\x20\x7f]+", " ", words)
    return line if len(line) <= 120 else f"{line[:119]}…"


def _refused(url: str, host: str, response: Response) -> NoResponse:
    """Why an interface that answered with a status of its own gave no captures."""
    status = response.status
    if status == 429:
        after = response.header("retry-after") or ""
        wait = f" for {after} seconds" if re.fullmatch(r"[0-9]{1,6}", after) else ""
        reason = f"{host} (the {_NAME}) asked us to wait{wait} (429 Too Many Requests). {_LATER}"
        return NoResponse(url, Access.BLOCKED_BY_SITE, reason, transient=True)
    if _EXCLUDED.search(response.body[:4096]):
        reason = f"The {_NAME} shows no copies of {url}: they are excluded from view. {_SUPPLY}"
        return NoResponse(url, Access.BLOCKED_BY_SITE, reason)
    if status in (401, 403):
        reason = f"{host} (the {_NAME}) refused to say whether it has a copy of {url} ({status})."
        return NoResponse(url, Access.BLOCKED_BY_SITE, f"{reason} {_SUPPLY}")
    reason = f"{host} (the {_NAME}) failed with {status} when asked for a copy of {url}. {_LATER}"
    return NoResponse(url, Access.DEAD, reason, transient=True)


def _not_understood(url: str, asked: str) -> NoResponse:
    reason = (
        f"{_place(asked)} (the {_NAME}) answered with something else than its interface promises "
        f"when asked for a copy of {url}. {_LATER}"
    )
    return NoResponse(url, Access.DEAD, reason, transient=True)


def _lie(url: str, asked: str, what: str) -> NoResponse:
    reason = f"Asked for a copy of {url}, {_place(asked)} (the {_NAME}) named {what}. {_SUPPLY}"
    return NoResponse(url, Access.DEAD, reason)


def _failure(url: str, failures: Sequence[NoResponse]) -> NoResponse:
    """Nothing found: what went wrong on the way, else that there is no copy.

    An interface that may answer later leaves the question open, whatever the other one said; and
    that we were asked to wait goes before all else.
    """
    if failures:
        return max(failures, key=lambda f: (f.transient, f.access is Access.BLOCKED_BY_SITE))
    reason = f"The {_NAME} holds no copy of {url} that was answered with 200 OK. {_SUPPLY}"
    return NoResponse(url, Access.DEAD, reason)
