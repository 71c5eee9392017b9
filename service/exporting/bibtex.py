"""Works as BibTeX entries that BibTeX itself, Biber and reference managers read.

Every value stands in braces, and BibTeX counts braces whether or not a backslash is before them:
one in a title is therefore written as a command. Other scripts stay as they are, in UTF-8.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from footnoted.domain import Json
from footnoted.service.exporting.plain import (
    date_parts,
    iso_date,
    one_line,
    percent_encoded,
    web_address,
)

_TYPES = {
    "article": "article",
    "article-journal": "article",
    "article-magazine": "article",
    "article-newspaper": "article",
    "book": "book",
    "chapter": "incollection",
    "entry-encyclopedia": "incollection",
    "paper-conference": "inproceedings",
    "report": "techreport",
    "thesis": "phdthesis",
}
_CONTAINER = {"article": "journal", "incollection": "booktitle", "inproceedings": "booktitle"}
_PUBLISHER = {"phdthesis": "school", "techreport": "institution"}
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_COMMANDS = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{character: f"\\{character}" for character in "&%$#_"},
    }
)
_AND = re.compile(r"\b(?:and|others)\b", re.IGNORECASE)
_PLAIN = {
    "volume": "volume",
    "number": "issue",
    "edition": "edition",
    "series": "collection-title",
    "address": "publisher-place",
    "isbn": "ISBN",
    "issn": "ISSN",
    "language": "language",
    "version": "version",
    "note": "note",
}


def bibtex(works: Sequence[Json]) -> str:
    """One entry a work; its key ends with the work's id, so that it stays from export to export."""
    return "\n".join(_entry(work) for work in works)


def _entry(work: Json) -> str:
    kind = _TYPES.get(str(work["type"]), "misc")
    fields = "".join(f"  {name} = {value},\n" for name, value in _fields(work, kind))
    return f"@{kind}{{{_key(work)},\n{fields}}}\n"


def _fields(work: Json, kind: str) -> Iterator[tuple[str, str]]:
    for role in ("author", "editor"):
        if names := " and ".join(_name(name) for name in work.get(role, ()) if _name(name)):
            yield role, f"{{{names}}}"
    yield "title", f"{{{{{escaped(work['title'])}}}}}"  # twice: its capitals are to stay
    for field, key in (
        (_CONTAINER.get(kind, "howpublished"), "container-title"),
        (_PUBLISHER.get(kind, "publisher"), "publisher"),
    ):
        if value := escaped(work.get(key, "")):
            yield field, f"{{{value}}}"
    yield from _dates(work)
    if pages := escaped(work.get("page", "")):
        yield "pages", f"{{{re.sub('[-–—]+', '--', pages)}}}"
    for field, key in _PLAIN.items():
        if value := escaped(work.get(key, "")):
            yield field, f"{{{value}}}"
    # These two are read as they stand: a command in them would be part of the address.
    if doi := _verbatim(work.get("DOI", "")):
        yield "doi", f"{{{doi}}}"
    if url := web_address(work.get("URL")):
        yield "url", f"{{{_verbatim(url)}}}"


def _dates(work: Json) -> Iterator[tuple[str, str]]:
    year, *rest = date_parts(work) or (None,)
    if year is not None:
        yield "year", f"{{{year}}}"
        if rest and 1 <= rest[0] <= 12:
            yield "month", _MONTHS[rest[0] - 1]
        yield "date", f"{{{iso_date(work)}}}"
    if read := iso_date(work, "accessed"):
        yield "urldate", f"{{{read}}}"


def escaped(value: object) -> str:
    """``value`` on one line, with what TeX would act upon written as commands."""
    return one_line(value).translate(_COMMANDS)


def _verbatim(value: object) -> str:
    """An address or a DOI, with what would end the field percent-encoded."""
    return re.sub(r"[\s{}\\]", percent_encoded, one_line(value))


def _name(name: Json) -> str:
    """A name as ``Family, Given``; in braces where BibTeX would take it apart at other places."""
    family = " ".join(
        str(name[key])
        for key in ("dropping-particle", "non-dropping-particle", "family")
        if name.get(key)
    )
    if family and name.get("given") and not name.get("literal"):
        parts = [family, *([name["suffix"]] if name.get("suffix") else []), name["given"]]
        return ", ".join(_guarded(part) for part in parts)
    whole = escaped(name.get("literal") or family or name.get("given", ""))
    return f"{{{whole}}}" if " " in whole or "," in whole or _AND.search(whole) else whole


def _guarded(part: object) -> str:
    text = escaped(part)
    return f"{{{text}}}" if "," in text or _AND.search(text) else text


def _key(work: Json) -> str:
    """``moss1931-0123456789abcdef``: letters and digits alone, which every program takes."""
    first: Json = next(iter(work.get("author", ())), {})
    name = str(first.get("family") or first.get("literal") or "")
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    word = re.sub("[^a-z]", "", ascii_name.lower())[:20]
    year = "".join(str(part) for part in date_parts(work)[:1])
    identity = re.sub("[^0-9A-Za-z-]", "", str(work["id"]))
    return f"{word}{year}-{identity}" if word or year else f"work-{identity}"
