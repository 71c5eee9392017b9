"""What a wiki answered to the request for a page: its HTML, or why there is none."""

from __future__ import annotations

import json
import re
from html import escape
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from footnoted.domain import Json
from footnoted.ingest.fetching.responses import Response
from footnoted.ingest.normalise import normalise_line
from footnoted.ingest.wikipedia.names import WikiPage, clean_title, page_url

_ETAG = re.compile(r'(?:W/)?"([1-9]\d*)[/"]')
_IN_PAGE = re.compile(
    r"\babout=[\"'][^\"']*/revision/([1-9]\d*)"
    r"|property=[\"']mw:revisionId[\"'] content=[\"']([1-9]\d*)"
)
_VERSION_OF = re.compile(r"<link\b[^>]*?rel=[\"']dc:isVersionOf[\"'][^>]*?href=[\"']([^\"']+)")
_REDIRECT = re.compile(
    r"<link\b[^>]*?rel=[\"']mw:PageProp/redirect[\"'][^>]*?href=[\"']\.?/?([^\"'#]+)"
)
_LANGUAGE = re.compile(r"<(?:html|body|div)\b[^>]*?\slang=[\"']([A-Za-z][\w-]*)")
_TAG = re.compile(r"<[^>]*>")
_HEAD = 65_536  # characters; what a page says of itself stands at its beginning
_BUSY = frozenset({"maxlag", "ratelimited"})
_MISSING = frozenset({"missingtitle", "nosuchpageid", "nosuchrevid", "invalidtitle"})
_NO_PAGE = re.compile(r"rest-(?:nonexistent|no-revision|invalid-title)")
# Editions whose code is not the BCP 47 tag of their language.
_TAGS = {"simple": "en", "no": "nb", "zh-yue": "yue", "zh-classical": "lzh", "zh-min-nan": "nan"}
_TAGS |= {"als": "gsw", "bat-smg": "sgs", "fiu-vro": "vro", "roa-rup": "rup", "be-x-old": "be"}


class Answer(NamedTuple):
    """A page: HTML in UTF-8, and what the answer says of it."""

    body: bytes
    title: str
    language: str
    revision: str | None
    redirect: str | None = None


class NoAnswer(NamedTuple):
    """Why there is no page in a response; ``final`` when nothing else needs to be asked."""

    reason: str
    missing: bool = False
    final: bool = False


def read_answer(response: Response, page: WikiPage) -> Answer | NoAnswer:
    """The page that ``response`` holds, in whichever interface's terms."""
    if response.status == 429 or (response.status == 503 and response.header("retry-after")):
        return NoAnswer(f"the wiki is too busy (status {response.status})", final=True)
    if response.status != 200:
        told = _json(response)
        missing = bool(_NO_PAGE.match(str(told.get("errorKey", "")))) if told else False
        # A wiki without this interface answers 404, too.
        perhaps = missing or response.status == 404
        return NoAnswer(f"status {response.status}", missing=perhaps, final=missing)
    answer = _of_action_api(response, page) if _is_json(response) else _of_rest(response, page)
    if isinstance(answer, Answer) and page.revision and answer.revision != page.revision:
        return NoAnswer(f"it gave revision {answer.revision or 'unknown'} instead")
    return answer


def is_busy(response: Response) -> bool:
    """Whether the action API says, with status 200, that it should be asked again later."""
    if response.status != 200 or not _is_json(response):
        return False
    return _error(_json(response)).get("code") in _BUSY


def _of_rest(response: Response, page: WikiPage) -> Answer | NoAnswer:
    """A whole page of Parsoid's."""
    head = response.body[:_HEAD].decode("utf-8", "replace")
    if "html" not in response.media_type.lower() or "<html" not in head.lower():
        return NoAnswer(f"it gave {response.media_type or 'something unnamed'} instead of a page")
    redirect = _REDIRECT.search(head) if page.revision is None else None
    version_of = _VERSION_OF.search(head)
    path = urlsplit(version_of[1]).path if version_of else ""
    language = _LANGUAGE.search(head)
    return Answer(
        body=response.body,
        title=clean_title(unquote(path.partition("/wiki/")[2])) or page.title,
        language=language[1] if language else _tag(page),
        revision=_revision(response, head),
        redirect=clean_title(unquote(redirect[1])) if redirect else None,
    )


def _revision(response: Response, head: str) -> str | None:
    said = response.header("content-revision-id") or ""
    if said.isdecimal():
        return said
    if etag := _ETAG.match(response.header("etag") or ""):
        return etag[1]
    found = _IN_PAGE.search(head)
    return found[1] or found[2] if found else None


def _of_action_api(response: Response, page: WikiPage) -> Answer | NoAnswer:
    """The HTML in a JSON answer of ``action=parse``, as a page that ``mediawiki_html`` knows."""
    told = _json(response)
    error = _error(told)
    if error:
        code, info = str(error.get("code", "unknown")), normalise_line(str(error.get("info", "")))
        missing = code in _MISSING
        return NoAnswer(f"the wiki says {code} ({info})", missing, final=missing or code in _BUSY)
    parse = told.get("parse")
    html = parse.get("text") if isinstance(parse, dict) else None
    if not isinstance(parse, dict) or not isinstance(html, str):
        return NoAnswer("it gave JSON that holds no page")
    title = clean_title(str(parse.get("title") or page.title))
    revision = str(parse["revid"]) if parse.get("revid") else None
    language = _LANGUAGE.search(html[:_HEAD])
    tag = language[1] if language else _tag(page)
    shown = normalise_line(_TAG.sub("", str(parse.get("displaytitle") or "")))
    body = _page(html, shown or escape(title), page_url(page.site, title), tag, revision)
    return Answer(body.encode(), title, tag, revision)


def _page(html: str, heading: str, url: str, language: str, revision: str | None) -> str:
    """``html`` in the frame of a MediaWiki page; ``heading`` is HTML."""
    said = f'<meta property="mw:revisionId" content="{revision}">' if revision else ""
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(language)}"><head><meta charset="utf-8">{said}'
        f'<link rel="canonical" href="{escape(url)}"><title>{heading}</title></head>\n'
        f'<body class="mediawiki"><h1 id="firstHeading">{heading}</h1>\n'
        f'<div id="mw-content-text" lang="{escape(language)}">{html}</div></body></html>\n'
    )


def _tag(page: WikiPage) -> str:
    return _TAGS.get(page.language, page.language)


def _is_json(response: Response) -> bool:
    return "json" in response.media_type.lower()


def _json(response: Response) -> Json:
    """The JSON object that was answered; empty when it is none, which holds no page either."""
    try:
        value = json.loads(response.body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _error(told: Json) -> Json:
    """The action API's error; its newer formats make a list of errors."""
    error = told.get("error")
    if isinstance(error, dict):
        return error
    errors = told.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    return first if isinstance(first, dict) else {}
