"""Citation templates, from their parameters to CSL-JSON, addresses and printed words.

The names are those of Wikipedia's Citation Style 1; other languages' templates are read through
a table of their names for the same things.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from footnoted.domain import Json, UrlStatus
from footnoted.ingest.csl_dates import csl_date
from footnoted.ingest.fetching.archives import is_archive, original_of
from footnoted.ingest.wikitext.parameters import authors_of, editors_of, known_parameters
from footnoted.ingest.wikitext.words import Parameters, name_of, parameters, plain

if TYPE_CHECKING:
    from mwparserfromhell.nodes import Template

_CITES = re.compile(
    r"(?:cite|citation|cita|citar|vcite|cytuj|citeer|kilde|citace|hivatkozás)\b.*|internetquelle"
    r"|literatur|lien web|ouvrage|article|chapitre|lien brisé|webbref|bokref|tidskriftsref"
    r"|vancite .*|harvard reference|استشهاد.*|مرجع (?:ويب|كتاب)|книга|статья|cita web|navedi .*"
)
_NO_CITATION = re.compile(r"cit(?:e|ation) (?:needed|quote|check|style|required|not found|bundle)")
_TYPES = {
    "news": "article-newspaper", "newspaper": "article-newspaper", "noticia": "article-newspaper",
    "press release": "webpage", "magazine": "article-magazine", "journal": "article-journal",
    "publicación": "article-journal", "periódico": "article-newspaper",
    "article": "article-journal",
    "book": "book", "libro": "book", "livro": "book", "ouvrage": "book", "literatur": "book",
    "encyclopedia": "entry-encyclopedia", "encyclopaedia": "entry-encyclopedia",
    "thesis": "thesis", "report": "report", "techreport": "report", "tech report": "report",
    "conference": "paper-conference", "arxiv": "article", "biorxiv": "article",
    "av media": "motion_picture", "episode": "broadcast", "podcast": "broadcast",
    "interview": "interview", "map": "map", "speech": "speech", "court": "legal_case",
    "mailing list": "post", "newsgroup": "post", "tweet": "post", "social media": "post",
}  # fmt: skip
_PLAIN = {"publisher": "publisher", "location": "publisher-place", "volume": "volume",
          "issue": "issue", "edition": "edition", "isbn": "ISBN", "issn": "ISSN", "doi": "DOI",
          "pmid": "PMID", "language": "language", "series": "collection-title",
          "pages": "page"}  # fmt: skip
_CUSTOM = {"trans_title": "translated_title", "via": "via", "quote": "quote"}
_CATALOGUES = {"pmc": "https://www.ncbi.nlm.nih.gov/pmc/articles/PMC{}/",
               "arxiv": "https://arxiv.org/abs/{}", "eprint": "https://arxiv.org/abs/{}",
               "jstor": "https://www.jstor.org/stable/{}",
               "pmid": "https://pubmed.ncbi.nlm.nih.gov/{}/",
               "hdl": "https://hdl.handle.net/{}", "ssrn": "https://ssrn.com/abstract={}",
               "bibcode": "https://ui.adsabs.harvard.edu/abs/{}"}  # fmt: skip
_ADDRESS = re.compile(r"(?:https?:)?//[^\s<>\"|\[\]{}]+", re.IGNORECASE)
_NEVER_OFFERED = frozenset({UrlStatus.USURPED, UrlStatus.UNFIT})


@dataclass(frozen=True, slots=True)
class Cited:
    """What one citation template says."""

    csl: Json
    text: str
    urls: tuple[str, ...]
    archive_url: str | None
    url_status: UrlStatus
    quote: str | None


def is_citation(template: Template) -> bool:
    """Whether ``template`` describes a work."""
    return names_citation(name_of(template))


def names_citation(name: str) -> bool:
    """Whether the template called ``name`` (in small letters) describes a work."""
    return _CITES.fullmatch(name) is not None and _NO_CITATION.match(name) is None


def read_citation(template: Template) -> Cited:
    """The work that ``template`` describes; an original that others took over is not offered."""
    return cited_work(name_of(template), parameters(template))


def cited_work(name: str, written: Parameters) -> Cited:
    """The work that the template called ``name`` describes with the parameters ``written``."""
    given = known_parameters(written)
    words = {key: plain(value) for key, value in given.items()}
    words = {key: value for key, value in words.items() if value}
    addresses = {key: _address(given, key) for key in ("url", "chapter_url", "archive_url")}
    original, archive = addresses["url"], addresses["archive_url"]
    if original and is_archive(original):
        original, archive = original_of(original), archive or original
    status = _status(words, archived=archive is not None and original is not None)
    cited = [u for u in (addresses["chapter_url"], original) if u]
    if not cited and archive and (copied := original_of(archive)):
        cited.append(copied)
    if status in _NEVER_OFFERED:
        cited = []
    csl = _csl(name, words, authors_of(given))
    if editors := editors_of(given):
        csl["editor"] = editors
    if cited:
        csl["URL"] = cited[0]
    doi = [f"https://doi.org/{words['doi']}"] if "doi" in words else []
    catalogues = [
        form.format(words[key].removeprefix("PMC")) for key, form in _CATALOGUES.items()
        if key in words
    ]  # fmt: skip
    urls = tuple(dict.fromkeys([*cited, *doi, *catalogues]))
    return Cited(csl, _printed(words, csl), urls, archive, status, words.get("quote"))


def _address(given: Parameters, key: str) -> str | None:
    if key not in given:
        return None
    found = _ADDRESS.search(str(given[key]).replace("&#61;", "=").replace("{{=}}", "="))
    if found is None:
        return None
    return f"https:{found[0]}" if found[0].startswith("//") else found[0]


def _status(words: Mapping[str, str], *, archived: bool) -> UrlStatus:
    said = words.get("url_status", words.get("dead_url", "")).lower()
    said = {"yes": "dead", "true": "dead", "y": "dead", "no": "live", "n": "live"}.get(said, said)
    if said in ("live", "dead", "unfit", "usurped", "deviated"):
        return UrlStatus(said)
    # Citation Style 1 links the copy first unless it is told that the page lives.
    return UrlStatus.DEAD if archived else UrlStatus.UNKNOWN


def _csl(name: str, words: Mapping[str, str], authors: list[Json]) -> Json:
    item: Json = {"type": _type(name, words)}
    part, title, work = words.get("chapter"), words.get("title"), words.get("work")
    if part and part != title:
        item["title"] = part
        item |= {"container-title": title or work} if title or work else {}
    elif title or part:
        item["title"] = title or part
        item |= {"container-title": work} if work else {}
    elif work:
        item["title"] = work
    if authors:
        item["author"] = authors
    item |= {field: words[key] for key, field in _PLAIN.items() if key in words}
    if "pmc" in words:
        item["PMCID"] = words["pmc"] if words["pmc"].startswith("PMC") else f"PMC{words['pmc']}"
    if "arxiv" in words or "eprint" in words:
        item["number"] = f"arXiv:{words.get('arxiv') or words['eprint']}"
    if issued := csl_date(words.get("date", "")) or csl_date(words.get("year", "")):
        item["issued"] = issued
    if accessed := csl_date(words.get("access_date", "")):
        item["accessed"] = accessed
    custom = {field: words[key] for key, field in _CUSTOM.items() if key in words}
    if "archive_date" in words:
        custom["archived_on"] = words["archive_date"]
    return item | {"custom": custom} if custom else item


def _type(name: str, words: Mapping[str, str]) -> str:
    kind = re.sub(r"^(?:v?cite|cita|citar|citation|cytuj|vancite)\s+", "", name)
    if found := _TYPES.get(kind):
        return "chapter" if found == "book" and "chapter" in words else found
    if name == "citation":
        if "journal" in words or {"work", "volume"} <= words.keys():
            return "article-journal"
        if "newspaper" in words:
            return "article-newspaper"
        if "isbn" in words or ("publisher" in words and "url" not in words):
            return "chapter" if "chapter" in words else "book"
    return "webpage"


def _printed(words: Mapping[str, str], csl: Json) -> str:
    """The citation in words, in the order of Citation Style 1."""
    date = words.get("date") or words.get("year")
    people = "; ".join(_name(p) for p in csl.get("author", ()))
    head = f"{people} ({date})" if people and date else people
    title = csl.get("title")
    quoted = csl["type"] != "book"
    volume = words.get("volume", "") + (f" ({words['issue']})" if "issue" in words else "")
    pages = words.get("pages")
    numbered = "volume" in words and csl["type"] == "article-journal"
    container = csl.get("container-title", "")
    if numbered:
        container = f"{container} {volume}" + (f": {pages}" if pages else "")
    publisher = ": ".join(words[k] for k in ("location", "publisher") if k in words)
    parts = [
        head,
        (f'"{title}"' if quoted else str(title)) if title else "",
        f"[{words['trans_title']}]" if "trans_title" in words else "",
        container.strip(),
        f"Vol. {words['volume']}" if "volume" in words and not numbered else "",
        publisher,
        date if date and not people else "",
        f"pp. {pages}" if pages and not numbered else "",
        f"doi:{words['doi']}" if "doi" in words else "",
        f"ISBN {words['isbn']}" if "isbn" in words else "",
        f"via {words['via']}" if "via" in words else "",
        f"Retrieved {words['access_date']}" if "access_date" in words else "",
        f'"{words["quote"]}"' if "quote" in words else "",
    ]
    return " ".join(part if part.endswith(".") else f"{part}." for part in parts if part)


def _name(person: Json) -> str:
    return str(person.get("literal") or f"{person['family']}, {person['given']}")
