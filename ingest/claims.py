"""From the blocks of an article to its text, its markers and its claims.

A form (``plaintext``, ``mediawiki``) reads its page into blocks; here the blocks become one
text, are split into sentences, and every sentence and infobox value gets its own markers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from footnoted import ids
from footnoted.domain import Article, Claim, Kind, Marker, Reference, Section, Span
from footnoted.ingest.cross_references import follow_ibid
from footnoted.ingest.markers import Flag, Line, Mark, Marked, Sign
from footnoted.ingest.sentences import sentence_spans


@dataclass(frozen=True, slots=True)
class Heading:
    line: Line
    level: int


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph, a list item, a table row or a caption.

    ``tight`` lines follow their predecessor without a blank line; the words of a ``whole`` line
    (a table row) are one claim, others are split into sentences; a ``silent`` line (a caption)
    is text without claims.
    """

    line: Line
    tight: bool = False
    whole: bool = False
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """An infobox row; its values are claims of their own."""

    label: Line
    values: tuple[Line, ...]


Block: TypeAlias = Heading | Prose | Row


@dataclass(frozen=True, slots=True)
class Page:
    """What a form reads from a page; ``footnotes`` maps a sign's target to a reference id."""

    title: str
    url: str | None
    language: str
    form: str
    blocks: Sequence[Block]
    references: Sequence[Reference]
    footnotes: Mapping[str, str]
    revision_id: str | None = None
    retrieved_at: str | None = None
    licence: str | None = None


@dataclass(frozen=True, slots=True)
class _Part:
    """A claim in the making: its place, its words, and the marks that belong to it."""

    span: Span
    text: str
    label: str | None
    marks: list[Marked]


@dataclass(slots=True)
class _Text:
    """The article's text as it grows."""

    language: str
    pieces: list[str] = field(default_factory=list)
    length: int = 0
    sections: list[Section] = field(default_factory=list)
    marks: list[Marked] = field(default_factory=list)
    parts: list[_Part] = field(default_factory=list)

    def write(self, words: str) -> int:
        """Append ``words``; their offset."""
        start = self.length
        self.pieces.append(words)
        self.length += len(words)
        return start

    def separate(self, tight: bool) -> None:
        if self.length:
            self.write("\n" if tight else "\n\n")

    def place(self, line: Line, start: int) -> list[Marked]:
        placed = [Marked(start + position, mark) for position, mark in line.marks]
        self.marks += placed
        return placed


def build_article(page: Page) -> Article:
    """The article that ``page`` holds: one text without signs, its markers and its claims."""
    text = _Text(page.language)
    previous: Block | None = None
    for block in page.blocks:
        _add(text, block, previous)
        previous = block
    markers = {id(m): _marker(m, page.footnotes) for m in text.marks if isinstance(m.mark, Sign)}
    document = ids.document_id(Kind.ARTICLE, page.url or page.title)
    claim_ids = ids.claim_ids(document, [part.text for part in text.parts])
    return Article(
        title=page.title,
        url=page.url,
        language=page.language,
        text="".join(text.pieces),
        sections=tuple(text.sections),
        markers=tuple(markers.values()),
        claims=tuple(
            Claim(
                claim_id=claim_id,
                span=part.span,
                text=part.text,
                markers=tuple(markers[id(m)] for m in part.marks if id(m) in markers),
                label=part.label,
                flags=_flags(m.mark for m in part.marks),
            )
            for claim_id, part in zip(claim_ids, text.parts, strict=True)
        ),
        references=follow_ibid(page.references),
        form=page.form,
        revision_id=page.revision_id,
        retrieved_at=page.retrieved_at,
        licence=page.licence,
    )


def _marker(marked: Marked, footnotes: Mapping[str, str]) -> Marker:
    sign = marked.mark
    assert isinstance(sign, Sign)
    targets = [footnotes[target] for target in sign.targets if target in footnotes]
    return Marker(
        marked.position, sign.label, sign.group, tuple(dict.fromkeys(targets)), sign.locator
    )


def _flags(marks: Iterable[Mark]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(mark.name for mark in marks if isinstance(mark, Flag)))


def _add(text: _Text, block: Block, previous: Block | None) -> None:
    match block:
        case Row():
            _add_row(text, block, tight=isinstance(previous, Row))
        case Heading(line, level):
            if line.words:
                text.separate(tight=False)
                start = text.write(line.words)
                text.sections.append(Section(line.words, level, start))
                text.place(line, start)
        case Prose(line, tight, whole, silent):
            if line.words:
                text.separate(tight=tight and isinstance(previous, Prose))
                start = text.write(line.words)
                if silent:
                    text.place(line, start)
                else:
                    _add_prose(text, line, start, whole=whole)
            else:
                _add_stray(text, line)


def _add_stray(text: _Text, line: Line) -> None:
    """Marks without words belong to what stands before them."""
    placed = text.place(line, text.length)
    if text.parts:
        text.parts[-1].marks.extend(placed)


def _add_row(text: _Text, row: Row, *, tight: bool) -> None:
    """``Label: first; second``, each value a claim."""
    values = [value for value in row.values if value.words]
    if not values:
        for line in (row.label, *row.values):
            if line.marks:
                _add_stray(text, line)
        return
    text.separate(tight)
    label = row.label.words
    start = text.write(label)
    waiting = text.place(row.label, start)
    at: int | None = None
    text.write(": ")
    for line in row.values:
        if not line.words:
            strays = text.place(line, text.length)
            (waiting if at is None else text.parts[-1].marks).extend(strays)
            continue
        first = at is None
        if not first:
            text.write("; ")
        at = text.write(line.words)
        span = Span(start if first else at, text.length)
        marks = [*waiting, *text.place(line, at)]
        waiting = []
        text.parts.append(_Part(span, f"{label}: {line.words}", label, marks))


def _add_prose(text: _Text, line: Line, start: int, *, whole: bool) -> None:
    placed = text.place(line, start)
    spans = [Span(0, len(line.words))] if whole else _sentences(line, text.language)
    parts = [_Part(Span(start + s.start, start + s.end), s.of(line.words), None, []) for s in spans]
    for marked in placed:
        _owner(parts, marked.position).marks.append(marked)
    text.parts += parts


def _owner(parts: Sequence[_Part], position: int) -> _Part:
    """The sentence that a sign at ``position`` belongs to: the one that it stands in or ends."""
    before = [part for part in parts if part.span.start < position]
    return before[-1] if before else parts[0]


_SENTENCE_END = re.compile(r"(?:^|\w{2}|\w\.\w|[\d%)\]\"'”’])[.!?]+[\"'”’»)\]]*$")


def _sentences(line: Line, language: str) -> list[Span]:
    """The sentences of a line; a sign after a full stop settles what the words leave open.

    No splitter can tell whether "in the U.S. Congress met" is one sentence or two; with a sign
    behind the full stop it is two.
    """
    cuts = {
        position
        for position, mark in line.marks
        if isinstance(mark, Sign) and _ends_sentence(line.words, position)
    }
    return [piece for span in sentence_spans(line.words, language) for piece in _cut(span, cuts)]


def _ends_sentence(words: str, position: int) -> bool:
    after = words[position:]
    return (
        after[:1] == " "
        and after[1:2].isupper()
        and bool(_SENTENCE_END.search(words[:position][-12:]))
    )


def _cut(span: Span, cuts: Iterable[int]) -> Iterator[Span]:
    start = span.start
    for cut in sorted(cut for cut in cuts if span.start < cut < span.end):
        yield Span(start, cut)
        start = cut + 1  # one space stands between two sentences of a normalised line
    yield Span(start, span.end)
