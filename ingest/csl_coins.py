"""Bibliographic data that a page hides in COinS spans, to CSL-JSON.

A COinS span's title is an OpenURL context object in key/value form (ANSI/NISO Z39.88-2004), of
the formats ``journal``, ``book``, ``dissertation``, ``patent`` and Dublin Core.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qs

from footnoted.domain import Json
from footnoted.ingest.csl_dates import csl_date
from footnoted.ingest.normalise import normalise_line

_PLAIN = {
    "rft.pub": "publisher",
    "rft.place": "publisher-place",
    "rft.volume": "volume",
    "rft.issue": "issue",
    "rft.edition": "edition",
    "rft.series": "collection-title",
    "rft.isbn": "ISBN",
    "rft.issn": "ISSN",
    "rft.language": "language",
}
_GENRES = {
    "article": "article-journal",
    "preprint": "article",
    "proceeding": "paper-conference",
    "conference": "paper-conference",
    "bookitem": "chapter",
    "book": "book",
    "report": "report",
    "dissertation": "thesis",
    "patent": "patent",
}
_INFO = {"info:doi/": "DOI", "info:pmid/": "PMID", "info:pmc/": "PMCID"}
_TEMPLATE_TYPES = {
    "news": "article-newspaper",
    "newspaper": "article-newspaper",
    "magazine": "article-magazine",
    "journal": "article-journal",
    "book": "book",
    "report": "report",
    "techreport": "report",
    "thesis": "thesis",
    "conference": "paper-conference",
    "encyclopaedia": "entry-encyclopedia",
    "encyclopedia": "entry-encyclopedia",
    "web": "webpage",
    "pressrelease": "webpage",
    "press": "webpage",
    "av": "motion_picture",
    "audio-visual": "motion_picture",
    "episode": "broadcast",
    "podcast": "broadcast",
    "interview": "interview",
    "map": "map",
    "speech": "speech",
    "arxiv": "article",
    "preprint": "article",
    "court": "legal_case",
    "mailinglist": "post",
    "newsgroup": "post",
}


def read_coins(title: str, template: str = "") -> Json:
    """The CSL item of a COinS span's ``title``; ``template`` is the class of its ``<cite>``.

    Empty for a title that is no context object.
    """
    fields = {
        key: [value for value in map(normalise_line, values) if value]
        for key, values in parse_qs(title, keep_blank_values=False).items()
    }
    first = {key: values[0] for key, values in fields.items() if values}
    if not any(key.startswith("rft") for key in first):
        return {}
    kind = _type(first, template)
    item: Json = {"type": kind, **_titles(first)}
    item |= {name: first[key] for key, name in _PLAIN.items() if key in first}
    if authors := _authors(fields):
        item["author"] = authors
    if pages := _pages(first):
        item["page"] = pages
    if issued := csl_date(first.get("rft.date", "")):
        item["issued"] = issued
    return item | _identifiers(fields.get("rft_id", []))


def _type(first: Json, template: str) -> str:
    genre = str(first.get("rft.genre", ""))
    if genre == "bookitem" and "book" in template.split():
        return "chapter"
    for word in template.split():
        if word in _TEMPLATE_TYPES:
            return _TEMPLATE_TYPES[word]
    if str(first.get("rft_val_fmt", "")).endswith("dissertation"):
        return "thesis"
    return _GENRES.get(genre, "webpage")


def _titles(first: Json) -> Json:
    """The title and its container. The KEV formats name them by what the container is."""
    part = first.get("rft.atitle")
    whole = first.get("rft.jtitle") or first.get("rft.btitle") or first.get("rft.title")
    if part is None:
        return {"title": whole} if whole else {}
    return {"title": part, "container-title": whole} if whole else {"title": part}


def _authors(fields: dict[str, list[str]]) -> list[Json]:
    """``aulast`` and ``aufirst`` are the first author, ``au`` the others, or all of them."""
    last, first = fields.get("rft.aulast", [""])[:1], fields.get("rft.aufirst", [""])[:1]
    names = []
    if last and last[0]:
        given = "".join(first)
        names.append({"family": last[0]} | ({"given": given} if given else {}))
    for printed in fields.get("rft.au", []):
        name = read_name(printed)
        if name not in names:
            names.append(name)
    corporate = [{"literal": name} for name in fields.get("rft.aucorp", [])]
    return names + corporate


def read_name(printed: str) -> dict[str, str]:
    """A printed name as CSL: only a comma tells the family name from the given one."""
    family, comma, given = (part.strip() for part in printed.partition(","))
    if comma and family and given:
        return {"family": family, "given": given}
    return {"literal": printed.strip(" ,")}


def _pages(first: Json) -> str | None:
    if pages := first.get("rft.pages"):
        return str(pages)
    start, end = first.get("rft.spage"), first.get("rft.epage")
    return f"{start}–{end}" if start and end else start


_ARXIV = re.compile(r"(?:info:arxiv/|https?://arxiv\.org/abs/)(.+)", re.IGNORECASE)


def _identifiers(values: list[str]) -> Json:
    item: Json = {}
    for value in values:
        for prefix, name in _INFO.items():
            if value.startswith(prefix):
                item.setdefault(name, value.removeprefix(prefix))
        if arxiv := _ARXIV.match(value):
            item.setdefault("number", f"arXiv:{arxiv[1]}")
        if value.startswith(("http://", "https://")):
            item.setdefault("URL", value)
    return item
