"""Articles as wikitext, the source that MediaWiki pages are written in (Help:Wikitext).

Nothing is expanded that would need the wiki: citation, footnote and infobox templates are read
from their parameters, well-known inline templates are reduced to their words, others are left out.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from footnoted import ids
from footnoted.domain import Article, Reference
from footnoted.errors import NoReferences
from footnoted.ingest.apparatus import without_apparatus
from footnoted.ingest.claims import Page, Prose, Row, build_article
from footnoted.ingest.cross_references import citing, detail_of
from footnoted.ingest.language import detect_language
from footnoted.ingest.markers import Sign
from footnoted.ingest.normalise import normalise_line
from footnoted.ingest.wikitext.balance import balance
from footnoted.ingest.wikitext.body import Reader
from footnoted.ingest.wikitext.footnotes import Footnote, Footnotes, read_footnotes
from footnoted.ingest.wikitext.harvard import (
    FOOTNOTES,
    SHORT,
    Short,
    anchors_of,
    first_of,
    read_short,
)
from footnoted.ingest.wikitext.sources import cited_works, printed_note, read_reference
from footnoted.ingest.wikitext.words import name_of

if TYPE_CHECKING:
    from mwparserfromhell.nodes import Node, Template

NAME = "wikitext"
_ELSEWHERE = re.compile(
    r"\A\s*(?:[{\[]\s*[\"\d]|WARC/)|<!doctype|<html\b|<head\b|<body\b|<a\s[^<>]*href="
    r"|mw-parser-output|\bdata-mw=|\bid=[\"']cite_(?:note|ref)",
    re.IGNORECASE,
)
_CITE_ERROR = re.compile(r"^Cite error:.*$", re.MULTILINE)
_CERTAIN = re.compile(
    r"<ref(?:\s+(?:name|group)\s*=[^<>]*)?/?>|<references\b|&lt;ref(?:&gt;|\s+name=)"
    r"|\{\{\s*(?:cite|citation|sfn|reflist|infobox|efn|harv|notelist|taxobox)\b",
    re.IGNORECASE,
)
_LIKELY = re.compile(
    r"\[\[[^\[\]\n\d][^\[\]\n]{0,200}\]\](?!\()|\{\{[^{}\n]{1,200}[|}]|^={2,5}[^=\n]+={2,5}\s*$|'''[^'\n]+'''"
    r"|^#REDIRECT\b|^\{\|",
    re.MULTILINE | re.IGNORECASE,
)
_ESCAPED = re.compile(r"&lt;ref(?:&gt;|\s)", re.IGNORECASE)
_DISPLAYED = re.compile(r"\{\{\s*DISPLAYTITLE\s*:\s*([^{}|]+)", re.IGNORECASE)
_MARKUP = re.compile(r"<[^<>]*>|'{2,}")
_WIKI_HOST = re.compile(r"([a-z]{2,3}(?:-[a-z]+)*)\.(?:m\.)?wiki[a-z]+\.org", re.IGNORECASE)
_OLDID = re.compile(r"[?&]oldid=(\d+)")


def recognises(text: str) -> bool:
    """Whether ``text`` is the source of a wiki page."""
    text = _CITE_ERROR.sub("", text)  # a printed message that speaks of wikitext
    if _ELSEWHERE.search(text) is not None:
        return False
    if _CERTAIN.search(text) is not None:
        return True
    return sum(1 for _, _ in zip(range(3), _LIKELY.finditer(text), strict=False)) == 3


def parse(text: str, *, name: str, url: str | None, retrieved_at: str | None) -> Article:
    """The article in the wikitext ``text``; ``NoReferences`` when it has no footnote."""
    nodes = _nodes(text)
    works = first_of((anchor, work) for work in cited_works(nodes) for anchor in anchors_of(work))
    footnotes = read_footnotes(nodes)
    _cite_in_brackets(footnotes, nodes, works)
    references, targets = _references(footnotes, works)
    if not references:
        raise NoReferences(
            f"{name} has no footnotes: no `<ref>`, no `{{{{sfn}}}}`, no `{{{{efn}}}}`.",
            about=name,
            hint="Save the whole page's wikitext, or its HTML if a template makes the footnotes.",
        )
    blocks = without_apparatus(Reader(footnotes.signs).read(nodes))
    words = [b.line.words for b in blocks if isinstance(b, Prose)]
    words += [value.words for b in blocks if isinstance(b, Row) for value in b.values]
    return build_article(
        Page(
            title=_title(text, name, url),
            url=url,
            language=_language(url, words),
            form=NAME,
            blocks=blocks,
            references=references,
            footnotes=targets,
            revision_id=found[1] if (found := _OLDID.search(url or "")) else None,
            retrieved_at=retrieved_at,
        )
    )


def _nodes(text: str) -> list[Node]:
    import mwparserfromhell  # noqa: PLC0415 - only this form needs it

    if _ESCAPED.search(text) and "<ref" not in text:
        text = html.unescape(text)  # as an XML dump holds it
    parsed = mwparserfromhell.parse(balance(text), skip_style_tags=True)
    return list(parsed.nodes)


def _cite_in_brackets(
    footnotes: Footnotes, nodes: Sequence[Node], works: dict[str, Template]
) -> None:
    """Give ``{{harv}}`` in the text its sign: what it cites stands in the bibliography."""
    cited: dict[str, Footnote] = {}
    for template in _in_text(nodes):
        for short in read_short(template):
            if short.anchor in works:
                note = cited.setdefault(short.anchor, _work_note(short, works[short.anchor]))
                sign = Sign(f"{short.who} {short.year}".strip(), "", (short.anchor,),
                            short.page or None)  # fmt: skip
                footnotes.signs.setdefault(id(template), []).append(sign)
                note.target = short.anchor
    footnotes.notes += cited.values()


def _in_text(nodes: Sequence[Node]) -> Iterator[Template]:
    """The short citations outside of footnotes."""
    from mwparserfromhell import nodes as kinds  # noqa: PLC0415 - only this form needs it
    from mwparserfromhell.wikicode import Wikicode  # noqa: PLC0415

    noted = {
        id(inner)
        for tag in Wikicode(list(nodes)).ifilter_tags(matches=_is_note)
        for inner in tag.contents.filter(recursive=True)
    }
    for template in Wikicode(list(nodes)).ifilter(forcetype=kinds.Template):
        name = name_of(template)
        if id(template) not in noted and name in SHORT and name not in FOOTNOTES:
            yield template


def _is_note(tag: Node) -> bool:
    return str(getattr(tag, "tag", "")).strip().lower() in ("ref", "references")


def _work_note(short: Short, work: Template) -> Footnote:
    from mwparserfromhell.wikicode import Wikicode  # noqa: PLC0415 - only this form needs it

    label = f"{short.who} {short.year}".strip()
    return Footnote("", "", 0, body=Wikicode([work]), label=label)


def _references(
    footnotes: Footnotes, works: dict[str, Template]
) -> tuple[list[Reference], dict[str, str]]:
    """The references, group by group, and for each footnote's target which one it is."""
    groups = list(dict.fromkeys(note.group for note in footnotes.notes))
    ordered = sorted(footnotes.notes, key=lambda note: groups.index(note.group))
    reference_ids = ids.reference_ids([printed_note(note, works) for note in ordered])
    pairs = list(zip(ordered, reference_ids, strict=True))
    targets = {note.target: reference_id for note, reference_id in pairs}
    read = {note.target: read_reference(note, works, i) for note, i in pairs}
    for note in ordered:
        if note.main is not None and note.main.target in read:
            read[note.target] = detail_of(read[note.main.target], read[note.target])
    references = [
        citing(read[note.target], (targets[target] for target in _cited_within(note, footnotes)))
        for note in ordered
    ]
    return references, targets


def _cited_within(note: Footnote, footnotes: Footnotes) -> Iterator[str]:
    """The targets of the signs that stand in ``note`` itself."""
    for node in note.body.filter(recursive=True) if note.body is not None else ():
        for sign in footnotes.signs.get(id(node), ()):
            yield from sign.targets


def _title(text: str, name: str, url: str | None) -> str:
    if displayed := _DISPLAYED.search(text[:200_000]):
        words = normalise_line(_MARKUP.sub("", displayed[1]))
        if words:
            return words
    if url and (last := unquote(urlsplit(url).path.rpartition("/")[2])):
        return normalise_line(last.replace("_", " "))
    return normalise_line(PurePath(name).stem.replace("_", " ")) or name


def _language(url: str | None, words: Sequence[str]) -> str:
    if url and (host := _WIKI_HOST.fullmatch(urlsplit(url).hostname or "")):
        return host[1].lower()
    return detect_language("\n".join(words))
