"""Printed citations, as footnotes show them, to CSL-JSON.

The parser follows the order of Wikipedia's citation templates (Help:Citation Style 1): authors,
date in brackets, title in quotation marks, container, publisher, details; and it lets other
styles through with what they share. What it cannot place is never lost: a reference keeps its
text as printed beside the CSL item.
"""

from __future__ import annotations

import re

from footnoted.domain import Json
from footnoted.ingest.csl_coins import read_name
from footnoted.ingest.csl_dates import DATE, csl_date
from footnoted.ingest.csl_details import take_details
from footnoted.ingest.normalise import normalise_line

_DATE = f"(?:{DATE.pattern})"
_I = re.IGNORECASE
_QUOTES = {'"': '"', "“": "”", "„": "“”", "«": "»", "「": "」", "『": "』", "《": "》", "‘": "’"}
_AFTER_TITLE = re.compile(r"\s*(?:[.,;:?!]|[(\[–—-]|$|\s)")
_DATED_HEAD = re.compile(rf"(?P<names>.*?)\s*\((?P<date>{_DATE}|n\.d\.)\)\s*[.,:]?\s*", _I)
_SURNAME = r"(?:(?:de|van|von|der|al|et al\.?|and|&|y|und)[ -])*[^\W\d_a-z][\w'’.-]+,?"
_SHORT = re.compile(
    rf"(?P<names>{_SURNAME}(?: {_SURNAME}| et al\.?){{0,6}}) \(?(?P<date>1[0-9]{{3}}|20[0-9]{{2}})"
    r"(?P<letter>[a-z]?)\)?(?:[.,:;]\s*|$)"
)
_PAGES = r"(?P<page>[\w–-]+(?:, ?[\d–-]+)*)"
_ISSUE = r"(?: ?\((?P<issue>[^()]{1,20})\))?"
_VOLUME = re.compile(
    rf"(?P<volume>\d{{1,4}}|[IVXLC]+)(?:{_ISSUE}[:,] ?{_PAGES}| ?\([^()]{{1,20}}\))"
)
_JOURNAL = re.compile(
    rf"\W*(?P<name>[^\d\W][^\d():]{{2,80}}?)[.,]? (?P<volume>\d{{1,4}}){_ISSUE}: ?{_PAGES}"
    r"\.?(?=\s|$)"
)
_CONTAINED = re.compile(r"^(?:In|in|sur|auf|en|in:|In:)\s+(?=\S)")
_VANCOUVER = re.compile(r"[^\W\d_a-z][\w'’-]+(?: [\w'’-]{2,})* [A-Z]{1,3}")
_LANGUAGE_TAG = re.compile(r"\(\w{2,3}\)")
_TRANSLATED = re.compile(r"\s*\[(?P<it>[^\[\]]{2,})\]")
_SEGMENT_END = re.compile(r"\.(?:\s+|$)|;\s+")
_ABBREVIATED = re.compile(
    r"(?:^|[\s(.&])(?:[A-Z]|St|Mr|Mrs|Dr|Inc|Ltd|Co|Jr|Sr|Vol|No|vs|ed|eds|Univ|Dept|Prof|Gen|trans)$"
)
_EDITORS = re.compile(r"^\W*(?:In )?(?P<names>[^()\"]{3,200}?),? \((?:eds?|Hrsg)\.\)[.,:]?")
_TITLE_WITHIN = 1000  # characters; explanatory notes run to pages
_NOT_IN_TITLES = " .,;:"


def parse_reference(text: str) -> Json:
    """The CSL-JSON item of a printed citation.

    ``type`` is ``webpage`` where nothing shows another. Details without a CSL field of their
    own (the date of an archived copy, other identifiers) are under ``custom``. An explanatory
    note that cites nothing is a ``document`` with its words as ``note``.
    """
    text = normalise_line(text)
    item, rest = _take_details(text)
    cites = True
    quoted = _quoted_title(rest)
    if quoted is not None:
        head, title, tail = quoted
        _read_head(item, head)
        item["title"] = title
        _read_tail(item, tail, part=True)
    elif dated := _dated_head(rest):
        names, date, tail = dated
        _read_head(item, f"{names} ({date})")
        _read_tail(item, tail, part=False)
    else:
        cites = _read_loose(item, rest)
    item["type"] = _type(item, cites=cites)
    if not cites and "title" not in item:
        item["note"] = text
    return item


def _take_details(text: str) -> tuple[Json, str]:
    """The details that a fixed word announces, and the text without them.

    Titles are not searched: "No. 5" in a title is no issue.
    """
    quoted = _quoted_title(text)
    kept = text[: len(text) - len(quoted[2])] if quoted else ""
    item, rest = take_details(text[len(kept) :])
    return item, normalise_line(kept + rest)


def _quoted_title(text: str) -> tuple[str, str, str] | None:
    """What stands before the first title in quotation marks, the title, and what follows."""
    for start, character in enumerate(text[:_TITLE_WITHIN]):
        closers = _QUOTES.get(character)
        if closers is None or (start and text[start - 1].isalnum()):
            continue
        end = _closing(text, start, character, closers)
        if end is not None:
            title = text[start + 1 : end].strip(" ,;")
            return (text[:start], title, text[end + 1 :]) if title else None
    return None


def _closing(text: str, start: int, opener: str, closers: str) -> int | None:
    """Where the title that opens at ``start`` closes; quotations inside it are passed over."""
    depth = 0
    for end in range(start + 1, min(len(text), start + _TITLE_WITHIN)):
        character = text[end]
        if character == opener and opener not in closers:
            depth += 1
        elif character in closers:
            opens_inside = opener in closers and text[end - 1] == " "
            if depth == 0 and not opens_inside and _closes(text, end, opener, closers):
                return end
            depth = depth - 1 if depth and not opens_inside else depth + int(opens_inside)
    return None


def _closes(text: str, end: int, opener: str, closers: str) -> bool:
    if opener == "‘" and text[end + 1 : end + 2].isalnum():
        return False  # an apostrophe
    return opener not in closers or bool(_AFTER_TITLE.match(text, end + 1))


def _dated_head(text: str) -> tuple[str, str, str] | None:
    """Authors and year at the head of a citation without a quoted title (``Dask 1958, p. 3``)."""
    match = _DATED_HEAD.match(text)
    if match is None or not any(c.isalnum() for c in text[match.end() :]):
        match = _SHORT.match(text)
    if match is None or len(match["names"]) > 200 or not match["names"].strip():
        return None
    if ": " in match["names"]:
        return None  # a title with a colon, not authors
    return match["names"].rstrip(","), match["date"], text[match.end() :]


def _read_head(item: Json, head: str) -> None:
    head = head.strip()
    dated = _DATED_HEAD.search(head)
    names = head
    if dated is not None and dated.end() == len(head):
        names = dated["names"]
        if issued := csl_date(dated["date"]):
            item["issued"] = issued
    elif loose := re.fullmatch(rf"(?P<names>.*?)[.,]? ?(?P<date>{_DATE})[.,:]?", head, _I):
        names = loose["names"]
        item["issued"] = csl_date(loose["date"])
    editors = re.fullmatch(r"(?P<names>.+?),? ?\(?\beds?\.\)?,?", names.strip())
    field = "editor" if editors else "author"
    if people := _people(editors["names"] if editors else names):
        item[field] = people


def _people(printed: str) -> list[dict[str, str]]:
    """Names as CSL, from ``Family, Given; …``, ``Name; Name`` or ``Name, Name and Name``."""
    printed = re.sub(r"^(?:by|von|par)\s", "", printed.strip(" .,:;–—-"), flags=_I)
    if not any(c.isalpha() for c in printed):
        return []
    parts = re.split(r"\s*;\s*(?:and |& )?|\s+(?:&|and)\s+(?=[^;]*$)", printed)
    if len(parts) == 1 and all(map(_VANCOUVER.fullmatch, printed.split(", "))):
        pairs = [name.rpartition(" ") for name in printed.split(", ")]
        return [{"family": family, "given": initials} for family, _, initials in pairs]
    if len(parts) == 1 and printed.count(",") > 1:
        parts = printed.split(",")
    people = []
    for part in parts:
        name, others, _ = part.partition(" et al")
        if name.strip(" ,") and not _LANGUAGE_TAG.fullmatch(name.strip()):
            initial = part.strip().endswith(".") or re.search(
                r"(?:^|[\s.])[A-Z]$", name.strip(" ,.")
            )
            people.append(read_name(name.strip(" ,.") + ("." if initial and not others else "")))
        if others:
            people.append({"literal": "et al."})
    return people


def _segments(tail: str) -> list[str]:
    """The parts of a citation between full stops; those of abbreviations do not part."""
    parts, start = [], 0
    for match in _SEGMENT_END.finditer(tail):
        piece = tail[start : match.start()]
        if (
            match[0][0] == "."
            and match.end() < len(tail)
            and _ABBREVIATED.search(piece[-12:])
            and not DATE.match(tail, match.end())
        ):
            continue
        parts.append(piece)
        start = match.end()
    parts.append(tail[start:])
    return [part for part in (p.strip(_NOT_IN_TITLES + "–—") for p in parts) if part]


def _read_tail(item: Json, tail: str, *, part: bool) -> None:
    """What follows the title (``part``) or holds it: container, publisher, place and date."""
    if part and (translated := _TRANSLATED.match(tail)):
        item.setdefault("custom", {})["translated_title"] = translated["it"]
        tail = tail[translated.end() :]
    if editors := _EDITORS.search(tail):
        item["editor"] = _people(editors["names"])
        tail = tail[editors.end() :]
    names = []
    if part and (journal := _JOURNAL.match(tail)):
        # A journal's name may hold full stops (Proc. Natl. Acad. Sci.); its volume ends it.
        names.append(_unread(item, journal["name"].strip(_NOT_IN_TITLES)))
        _read_volume(item, journal)
        tail = tail[journal.end() :]
    names += [_unread(item, segment) for segment in _segments(tail)]
    found = [name for name in names if name]
    if found:
        name = found.pop(0)
        item["container-title" if part else "title"] = _CONTAINED.sub("", name) if part else name
    if found:
        place, colon, publisher = found[0].partition(": ")
        item["publisher"] = publisher if colon else found[0]
        if colon:
            item["publisher-place"] = place


def _unread(item: Json, segment: str) -> str | None:
    """Read the volume, date or quotation of ``segment`` into ``item``; what is left is a name."""
    if volume := _VOLUME.fullmatch(segment):
        _read_volume(item, volume)
    elif issued := csl_date(segment):
        item.setdefault("issued", issued)
    elif segment[0] in _QUOTES and len(segment) > 12:
        item.setdefault("custom", {})["quote"] = segment.strip('"“”«»')
    elif any(character.isalnum() for character in segment):
        return _trailing_date(item, segment)
    return None


def _read_volume(item: Json, found: re.Match[str]) -> None:
    """``81 (6): 977–985``: volume, issue and pages."""
    for name in ("volume", "issue", "page"):
        if found[name]:
            item.setdefault(name, found[name])


def _trailing_date(item: Json, segment: str) -> str:
    """``segment`` without the date at its end, which becomes the date of the item."""
    match = re.search(rf"^(?P<name>.*?)(?:, ?| ?\()(?P<date>{_DATE})\)?$", segment, _I)
    if match is None or "issued" in item or not match["name"]:
        return segment
    item["issued"] = csl_date(match["date"])
    return match["name"].strip(_NOT_IN_TITLES)


def _read_loose(item: Json, text: str) -> bool:
    """A citation in no known order; false when nothing shows that it is a citation at all.

    Its first part is the title if it is short enough for one. Of a note without details or date
    only a single short part is a title: a remark of two sentences has no publisher.
    """
    segments = _segments(text)
    if not segments or len(segments[0]) > 120:
        return bool(item)
    read: Json = {}
    _read_tail(read, text, part=False)
    cites = bool(item) or "issued" in read or "volume" in read
    if cites or len(segments) == 1:
        item |= {**read, **item}
    return cites


def _type(item: Json, *, cites: bool) -> str:
    if "ISBN" in item:
        return "chapter" if "container-title" in item else "book"
    if "DOI" in item or "ISSN" in item or {"volume", "container-title"} <= item.keys():
        return "article-journal"
    if {"author", "page"} <= item.keys() and "title" not in item:
        return "book"  # a shortened footnote (Scullard 1970, p. 291)
    return "webpage" if cites else "document"
