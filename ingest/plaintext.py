"""Articles as plain text with numbered ``^`` footnotes: a reader app's export, a browser's paste.

The page is: title, other names and infobox, body, lists of footnotes (``  1. ^ …``), and what the
exporting app adds behind them, which is dropped. A footnote's number is the one printed before
it, or else its place in its list.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from footnoted import ids
from footnoted.domain import Article, Reference
from footnoted.errors import NoReferences
from footnoted.ingest.apparatus import lists_links, without_apparatus
from footnoted.ingest.claims import Block, Heading, Page, Prose, build_article
from footnoted.ingest.infobox import labelled, read_rows
from footnoted.ingest.language import detect_language
from footnoted.ingest.markers import Line, note_group, take_out
from footnoted.ingest.normalise import normalise, normalise_line
from footnoted.ingest.references import parse_reference

NAME = "plain_text"
_OTHER_FORMS = re.compile(
    r"\A\s*(?:<[!?a-zA-Z]|WARC/|[{\[]\s*[\"{\[])|<ref[ >/]|\{\{(?:cite|reflist|infobox)",
    re.IGNORECASE,
)
_CITE_ERROR = re.compile(r"^Cite error:.*$", re.MULTILINE)
_BACKLINKS = r"(?:(?:\^?(?:[a-z]{1,2}|\d+\.\d+)(?=\s)|[,\s])+(?=\s))?"
_ENTRY = re.compile(
    r"(?:(?P<label>\d{1,4}|[a-z]{1,2}|[ivxlc]{1,6}|(?:note|nb|n) \d+)[.)]\s+"
    r"|\[(?P<boxed>\w{1,8})\]\s*)?"
    rf"(?:Jump up(?: to:?)?\s*)?[\^↑](?:\s*Jump up to:?)?(?!\[){_BACKLINKS}\s*(?P<text>\S.*)?"
)
_EDIT = re.compile(r"\s?\[\s?edit\s?\]$")
_EXPORTER = re.compile(
    r"From Wikipedia, the free encyclopedia.*|.*View on Wikipedia|Developed by .{1,60}"
    r"|Cite error:.*|Contents(?:\s*\[\s?hide\s?\])?"
    r"|(?:See also|Main articles?|Further information|For other uses):?\s.*"
    r"|Retrieved from \".*|Categor(?:y|ies): .*",
    re.IGNORECASE,
)
_CONTENTS_ENTRY = re.compile(r"\d+(?:\.\d+)*\s+\S.{0,100}")
_SENTENCE_END = re.compile(r"[.!?…؟。۔][\"'”’»)\]]*(?:\^?\[[^\]]{1,20}\])*$")
_BULLET = re.compile(r"[•*·●–-]\s+")
_WORDY = 80  # characters; a longer line is prose, whatever it ends with


class _Entry(NamedTuple):
    label: str
    group: str
    text: str


@dataclass(frozen=True, slots=True)
class _Lists:
    """The footnotes, and the lines of the page that are not theirs."""

    entries: tuple[_Entry, ...]
    body: tuple[str, ...]


def recognises(text: str) -> bool:
    """Whether ``text`` is prose rather than markup, a web archive or JSON."""
    # MediaWiki's error messages speak of wikitext.
    return _OTHER_FORMS.search(_CITE_ERROR.sub("", text[:200_000])) is None


def parse(text: str, *, name: str, url: str | None, retrieved_at: str | None) -> Article:
    """The article in ``text``; ``NoReferences`` when no line is a footnote."""
    lists = _split(normalise(text).split("\n"))
    if not lists.entries:
        raise NoReferences(
            f"{name} has no list of references: no line begins with `1. ^` or `^`.",
            about=name,
            hint="Export the article with its references, or give its HTML (a saved page).",
        )
    references = _references(lists.entries)
    lines = [line for line in lists.body if not _EXPORTER.fullmatch(line)]
    title = next((line for line in lines if line), name)
    labels = {reference.label for reference in references}
    return build_article(
        Page(
            title=take_out(title, labels).words,
            url=url,
            language=detect_language("\n".join(lines)),
            form=NAME,
            blocks=_blocks(lines, labels),
            references=references,
            footnotes={r.label: r.reference_id for r in reversed(references)},
            retrieved_at=retrieved_at,
        )
    )


def _split(lines: Sequence[str]) -> _Lists:
    """Tell footnotes from body; what follows the last footnote is not the article's."""
    entries: list[_Entry] = []
    body: list[str] = []
    open_entry = False
    behind: list[str] = []
    for line in lines:
        match = _ENTRY.fullmatch(line)
        if match is not None:
            if not open_entry:
                _drop_list_heading(behind)
                body += behind
                behind = []
            entries.append(_entry(match, len(entries) + 1))
            open_entry = True
        elif line and open_entry:
            last = entries[-1]  # a wrapped footnote
            entries[-1] = last._replace(text=f"{last.text} {line}".strip())
        else:
            open_entry = False
            behind.append(line)
    return _Lists(tuple(entries), tuple(body))


def _entry(match: re.Match[str], place: int) -> _Entry:
    label = match["label"] or match["boxed"] or str(place)
    group = "" if label.isdecimal() else note_group(label)
    return _Entry(label, group, match["text"] or "")


def _drop_list_heading(lines: list[str]) -> None:
    while lines and (not lines[-1] or lists_links(_EDIT.sub("", lines[-1]))):
        lines.pop()


def _references(entries: Sequence[_Entry]) -> list[Reference]:
    texts = [normalise_line(entry.text) for entry in entries]
    references = []
    for entry, text, reference_id in zip(entries, texts, ids.reference_ids(texts), strict=True):
        csl = parse_reference(text)
        quote = csl.get("custom", {}).get("quote")
        urls = [csl["URL"]] if "URL" in csl else []
        urls += [f"https://doi.org/{csl['DOI']}"] if "DOI" in csl else []
        references.append(
            Reference(reference_id, entry.label, entry.group, text, csl, tuple(urls), quote=quote)
        )
    return references


def _blocks(lines: Sequence[str], labels: set[str]) -> list[Block]:
    """Names and infobox first, then prose and headings."""
    paragraphs = _paragraphs(lines)
    blocks: list[Block] = []
    infobox = _infobox_at(paragraphs)
    head = [line for paragraph in paragraphs[: infobox + 1] for line in paragraph]
    if infobox >= 0:
        blocks += read_rows(list(dict.fromkeys(head)), lambda line: take_out(line, labels))
    for paragraph in paragraphs[infobox + 1 :]:
        blocks += _prose(paragraph, labels)
    return without_apparatus(_without_contents(blocks))


def _paragraphs(lines: Sequence[str]) -> list[list[str]]:
    paragraphs: list[list[str]] = [[]]
    for line in lines:
        if line:
            paragraphs[-1].append(line)
        elif paragraphs[-1]:
            paragraphs.append([])
    return [paragraph for paragraph in paragraphs if paragraph]


def _infobox_at(paragraphs: Sequence[Sequence[str]]) -> int:
    """Where the last block of the head is: the lines before the first prose.

    Without a single label among them they are a title alone, whose lines are names all the same.
    """
    last = -1
    for index, paragraph in enumerate(paragraphs):
        if any(_is_prose(line) for line in paragraph):
            break
        if index and not labelled(paragraph):
            break
        last = index
    return last


def _is_prose(line: str) -> bool:
    return len(line) > _WORDY or (bool(_SENTENCE_END.search(line)) and line.count(" ") >= 4)


def _prose(paragraph: Sequence[str], labels: set[str]) -> list[Block]:
    blocks: list[Block] = []
    for index, raw in enumerate(paragraph):
        bullet = _BULLET.match(raw)
        line = take_out(raw[bullet.end() :] if bullet else raw, labels)
        if not bullet and _is_heading(line, raw, alone=len(paragraph) == 1):
            blocks.append(Heading(line, 1))
        else:
            blocks.append(Prose(line, tight=index > 0))
    return blocks


def _is_heading(line: Line, raw: str, *, alone: bool) -> bool:
    """A short line with an edit link behind it, or alone between blank lines and no sentence."""
    if raw.endswith("[edit]"):
        return True
    words = line.words
    return (
        alone
        and not line.marks
        and 0 < len(words) <= _WORDY
        and not re.search(r"[.!?:;,…]$", words)
    )


def _without_contents(blocks: list[Block]) -> list[Block]:
    """Without a table of contents: three numbered short lines or more, one after the other."""
    kept: list[Block] = []
    run: list[Block] = []
    for block in [*blocks, Heading(Line(""), 1)]:
        entry = isinstance(block, Prose) and _CONTENTS_ENTRY.fullmatch(block.line.words)
        if entry and isinstance(block, Prose) and not _is_prose(block.line.words):
            run.append(block)
            continue
        kept += run if len(run) < 3 else []
        run = []
        kept.append(block)
    return kept[:-1]
