"""Where on a page a citation's words stand: the way back from an extracted text to its page.

An extraction leaves things out and changes signs and spaces, but no letters: its words are looked
for in the page's searchable text with both folded, and told from equal ones by what surrounds them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from footnoted.domain import Span
from footnoted.ingest.folding import Folded, fold
from footnoted.ingest.visible_text import VisibleText
from footnoted.service.word_edges import are_alike

_CONTEXT = 300  # folded characters by which equal words are told apart
_MOST_STRETCHES = 4
_Found = dict[Span, tuple[Folded, int]]
_INVISIBLE = " \u00ad\u200b\u200e\u200f"


class Page:
    """A page's searchable text, folded as a whole and less what an extraction may leave out."""

    def __init__(self, page: VisibleText) -> None:
        self.text = page.text
        self.whole = Folded(page.text)
        base = Folded(page.text, page.readings) if page.readings else None
        # Browsers differ in whether the letters over ruby part its base.
        self.searched = (self.whole, base) if base else (self.whole,)
        less = [(page.notes, ()), (page.readings, ()), (page.notes, page.readings)]
        self.read = (
            self.whole,
            *(Folded(page.text, _united(*spans)) for spans in less if spans[0] and any(spans)),
        )

    def said(self, spans: Sequence[Span | None]) -> frozenset[str]:
        """The folded words of ``spans`` together, in each way in which the page may be read."""
        return frozenset(
            "".join(read.text[read.offset(s.start) : read.offset(s.end)] for s in spans if s)
            for read in self.read
        )


def stretches(page: Page, words: Folded, text: str, span: Span) -> list[Span] | None:
    """The stretches of the page that are ``text[span]``, in order; ``words`` is the text, folded.

    There are several where the page says something between two of the quote's lines that the text
    leaves out. ``None`` when the page does not have all the words, or in several places of which
    none is known to be meant.
    """
    if (whole := _located(page, words, text, span)) is not None:
        return [whole]
    found: list[Span] = []
    for line in _lines(text, span):
        place = _located(page, words, text, line)
        if place is None or (found and place.start < found[-1].end):
            return None
        if found and page.whole.offset(found[-1].end) == page.whole.offset(place.start):
            place = Span(found.pop().start, place.end)
        found.append(place)
    return found if 0 < len(found) <= _MOST_STRETCHES else None


def _lines(text: str, span: Span) -> Iterator[Span]:
    start = span.start
    for line in span.of(text).splitlines(keepends=True):
        if line.strip():
            yield Span(start, start + len(line.rstrip()))
        start += len(line)


def _located(page: Page, words: Folded, text: str, span: Span) -> Span | None:
    quoted = span.of(text)
    needle = fold(quoted)
    if not needle:
        return None
    found = {
        Span(read.position(at), read.position(at + len(needle) - 1) + 1): (read, at)
        for read in page.read
        for at in read.occurrences(needle)
    }
    if len(found) > 1:
        found = _meant(found, words, words.offset(span.start), needle)
    return _with_signs(page.text, next(iter(found)), quoted) if found else None


def _meant(found: _Found, words: Folded, offset: int, needle: str) -> _Found:
    """Those of the places around which the most is as around the quote; else, by its number, one.

    A place has the surroundings that it has in the page as it is read with the most left out.
    """
    before = words.text[max(0, offset - _CONTEXT) : offset][::-1]
    after = words.text[offset + len(needle) :][:_CONTEXT]
    alike = {
        place: _common(read.text[max(0, at - _CONTEXT) : at][::-1], before)
        + _common(read.text[at + len(needle) :][:_CONTEXT], after)
        for place, (read, at) in found.items()
    }
    best = [place for place, same in alike.items() if same == max(alike.values())]
    if len(best) > 1:
        own = words.occurrences(needle)
        places = sorted(found, key=lambda place: place.start)
        best = [places[own.index(offset)]] if len(own) == len(places) and offset in own else []
    return {place: found[place] for place in best}


def _common(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    for count, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return count
    return min(len(one), len(other))


def _with_signs(text: str, span: Span, quoted: str) -> Span:
    """``span`` with the quotation marks, full stops and other signs at the ends of the quote."""
    start, end = span.start, span.end
    while end < len(text) and unicodedata.category(text[end])[0] == "M":
        end += 1
    count = next(n for n, letter in enumerate(quoted) if fold(letter))
    for sign in reversed(quoted[:count]):
        before = start
        while before and text[before - 1] in _INVISIBLE:
            before -= 1
        if not sign.isspace():
            if not before or not are_alike(text[before - 1], sign):
                break
            start = before - 1
    count = next(n for n, letter in enumerate(reversed(quoted)) if fold(letter))
    for sign in quoted[len(quoted) - count :]:
        behind = end
        while behind < len(text) and text[behind] in _INVISIBLE:
            behind += 1
        if not sign.isspace() and unicodedata.category(sign)[0] != "M":
            if behind == len(text) or not are_alike(text[behind], sign):
                break
            end = behind + 1
    return Span(start, end)


def _united(*kinds: Sequence[Span]) -> list[Span]:
    """Spans of several kinds in order, less those that lie within another."""
    found: list[Span] = []
    for span in sorted(
        (span for spans in kinds for span in spans), key=lambda s: (s.start, -s.end)
    ):
        if not found or span.start >= found[-1].end:
            found.append(span)
    return found
