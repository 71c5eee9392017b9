"""From a footnote's wikitext to a reference: its words, its CSL item and its addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from footnoted.domain import Json, Reference, UrlStatus
from footnoted.ingest.fetching.archives import is_archive, original_of
from footnoted.ingest.markers import slug
from footnoted.ingest.normalise import normalise_line
from footnoted.ingest.references import parse_reference
from footnoted.ingest.wikitext.citations import Cited, is_citation, read_citation
from footnoted.ingest.wikitext.footnotes import Footnote
from footnoted.ingest.wikitext.harvard import SHORT, print_short, read_short
from footnoted.ingest.wikitext.remarks import remark
from footnoted.ingest.wikitext.words import flow, listed, name_of, parameters, plain

if TYPE_CHECKING:
    from mwparserfromhell.nodes import ExternalLink, Node, Template
    from mwparserfromhell.wikicode import Wikicode

_HTTP = re.compile(r"(?:https?:)?//", re.IGNORECASE)
_ARCHIVES = frozenset({"webarchive", "wayback", "web archive", "webarchiv", "wikiwix"})


@dataclass(slots=True)
class _Body:
    """What a footnote holds, as it is read."""

    words: list[str] = field(default_factory=list)
    cited: list[Cited] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    archive: str | None = None
    title: str | None = None
    dead: bool = False
    page: str = ""


def read_reference(note: Footnote, works: Mapping[str, Template], reference_id: str) -> Reference:
    """The reference that ``note`` is; ``works`` are the full citations by their anchors."""
    body = _read(note, works)
    text = normalise_line("".join(body.words))
    csl = _csl(body, text)
    urls = [url for cited in body.cited for url in cited.urls] + body.links
    if "DOI" in csl:
        urls.append(f"https://doi.org/{csl['DOI']}")
    if not urls and "URL" in csl:
        urls.append(str(csl["URL"]))
    status = _status(body)
    quotes = (cited.quote for cited in body.cited if cited.quote)
    quote = next(quotes, None) or csl.get("custom", {}).get("quote")
    return Reference(
        reference_id=reference_id,
        label=note.label,
        group=note.group,
        text=text,
        csl=csl,
        urls=tuple(dict.fromkeys(urls)),
        archive_url=next((c.archive_url for c in body.cited if c.archive_url), body.archive),
        url_status=status,
        quote=quote,
    )


def printed_note(note: Footnote, works: Mapping[str, Template]) -> str:
    """The words of ``note``, from which its id is made."""
    return normalise_line("".join(_read(note, works).words))


def _read(note: Footnote, works: Mapping[str, Template]) -> _Body:
    body = _Body()
    if note.short is not None:
        _add_short(body, note.short, works)
    if note.body is not None:
        _add(body, note.body.nodes, works)
        if not "".join(body.words).strip():
            _add_unknown(body, note.body)
    return body


def _add(body: _Body, nodes: Iterable[Node], works: Mapping[str, Template]) -> None:
    from mwparserfromhell import nodes as kinds  # noqa: PLC0415 - heavy

    for node in nodes:
        if isinstance(node, kinds.ExternalLink):
            _add_link(body, node)
    for part in flow(nodes):
        if isinstance(part, str):
            body.words.append(part)
        elif isinstance(part, kinds.Template):
            _add_template(body, part, works)
        elif isinstance(part, kinds.Tag) and str(part.tag) not in ("ref", "references"):
            body.words.append(" ")
            if part.contents is not None:
                _add(body, part.contents.nodes, works)


def _add_link(body: _Body, link: ExternalLink) -> None:
    url = str(link.url).strip()
    if not _HTTP.match(url):
        return
    url = f"https:{url}" if url.startswith("//") else url
    if is_archive(url):
        body.archive = body.archive or url
        if (original := original_of(url)) and not body.links:
            body.links.append(original)
    else:
        body.links.append(url)
    body.title = body.title or plain(link.title).strip(' "“”«».') or None


def _add_template(body: _Body, template: Template, works: Mapping[str, Template]) -> None:
    name = name_of(template)
    if name in SHORT:
        _add_short(body, template, works)
    elif is_citation(template):
        cited = read_citation(template)
        body.words.append(cited.text)
        body.cited.append(cited)
    elif name in _ARCHIVES:
        given = parameters(template)
        link = plain(given.get("url")) or plain(given.get("1"))
        body.archive = body.archive or (link if is_archive(link) else None)
    elif flag := remark(template):
        body.dead = body.dead or flag == "dead_link"
    else:
        for value in parameters(template).values():
            for found in value.filter_external_links():
                _add_link(body, found)


def _add_short(body: _Body, template: Template, works: Mapping[str, Template]) -> None:
    body.words.append(print_short(template))
    for short in read_short(template):
        work = works.get(short.anchor)
        if work is not None:
            body.cited.append(read_citation(work))
            body.page = body.page or short.page


def _add_unknown(body: _Body, code: Wikicode) -> None:
    """A footnote of nothing but a template that we do not know: its parameters are its words."""
    for template in code.filter_templates(recursive=False):
        given = parameters(template)
        values = [plain(value) for value in (listed(given) or given.values())]
        name = slug(name_of(template)).replace("_", " ")
        body.words.append(f"{name}: {', '.join(v for v in values if v)}. ")
    if not "".join(body.words).strip() and body.links:
        body.words.append(" ".join(body.links))


def _csl(body: _Body, text: str) -> Json:
    """The first citation's item; the further ones of a bundle are under ``custom.bundled``."""
    if body.cited:
        first, *others = (cited.csl for cited in body.cited)
        csl = {**first, **({"page": body.page} if body.page else {})}
        if others:
            csl["custom"] = {**csl.get("custom", {}), "bundled": others}
        return csl
    csl = parse_reference(text)
    if body.links and csl["type"] == "document":
        csl["type"] = "webpage"
        csl.pop("note", None)
    if body.title:
        csl.setdefault("title", body.title)
    if body.links:
        csl["URL"] = body.links[0]
    return csl


def _status(body: _Body) -> UrlStatus:
    """The state of the first original; nobody vouches for one that the article calls dead."""
    stated = (c.url_status for c in body.cited if c.url_status is not UrlStatus.UNKNOWN)
    said = next(stated, UrlStatus.UNKNOWN)
    overrides = body.dead and said in (UrlStatus.UNKNOWN, UrlStatus.LIVE)
    return UrlStatus.DEAD if overrides else said


def cited_works(nodes: Sequence[Node]) -> Iterator[Template]:
    """Every citation template of the page, however deep it lies."""
    from mwparserfromhell.wikicode import Wikicode  # noqa: PLC0415 - heavy

    for template in Wikicode(list(nodes)).ifilter_templates():
        if is_citation(template):
            yield template
