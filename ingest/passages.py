"""Cutting a document into passages: windows of whole sentences that never cross a heading.

A passage holds consecutive sentences up to ``MAX_WORDS`` words; a sentence that is longer than
that is a passage of its own. Lines that the caller names as *rows* (the rows of an infobox) are
passages by themselves, since neighbouring rows have nothing to say about each other.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Sequence

from footnoted.domain import Document, Passage, Section, Span
from footnoted.ids import passage_ids
from footnoted.ingest.sentences import sentence_spans

MAX_WORDS = 80
CUTTER = f"sentences-{MAX_WORDS}/1"
"""Names how passages were cut; it changes whenever the same text would be cut differently."""

_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


def cut(document: Document, rows: Collection[int] = ()) -> list[Passage]:
    """The passages of ``document`` in order; ``rows`` are the offsets where single rows begin.

    Every sentence outside the headings is in exactly one passage.
    """
    text = document.text
    headings = {s.start: s for s in document.headings}
    sentences = [s for s in sentence_spans(text, document.language) if s.start not in headings]
    windows = _windows(text, sentences, sorted(headings), frozenset(rows))
    spans = [Span(window[0].start, window[-1].end) for window in windows]
    ids = passage_ids(document.document_id, (span.of(text) for span in spans))
    paths = _HeadingPaths(document.headings)
    return [
        Passage(passage_id, document.document_id, span, paths.at(span.start), tuple(window))
        for passage_id, span, window in zip(ids, spans, windows, strict=True)
    ]


def _windows(
    text: str, sentences: Sequence[Span], headings: Sequence[int], rows: Collection[int]
) -> list[list[Span]]:
    windows: list[list[Span]] = []
    words = 0
    closed = True
    for sentence in sentences:
        size = _words(sentence.of(text))
        row = sentence.start in rows
        crosses = not closed and bisect_right(headings, windows[-1][-1].start) != bisect_right(
            headings, sentence.start
        )
        if closed or row or crosses or words + size > MAX_WORDS:
            windows.append([])
            words = 0
        windows[-1].append(sentence)
        words += size
        # What follows a row on its own line is another row or the body.
        closed = row
    return windows


def _words(text: str) -> int:
    # A Chinese or Japanese word is about two characters, and no space tells where it ends.
    return len(text.split()) + len(_UNSPACED.findall(text)) // 2


class _HeadingPaths:
    """The headings above an offset, from the highest to the nearest."""

    def __init__(self, headings: Sequence[Section]) -> None:
        self._starts = [h.start for h in headings]
        self._paths: list[tuple[Section, ...]] = []
        above: tuple[Section, ...] = ()
        for heading in headings:
            above = (*(h for h in above if h.level < heading.level), heading)
            self._paths.append(above)

    def at(self, offset: int) -> tuple[str, ...]:
        n = bisect_right(self._starts, offset)
        return tuple(h.title for h in self._paths[n - 1]) if n else ()
