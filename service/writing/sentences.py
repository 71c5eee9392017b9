"""The sentences of a written text, each with the citation numbers that stand in or after it."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import NamedTuple

from footnoted.ingest.sentences import sentence_spans

# [1], [1, 2]; longer numbers, other signs and other brackets stay in the text, where no check
# lets them pass.
_MARK = re.compile(r"[ \t\u00a0]*\[([0-9]{1,3}(?:[ ]?,[ ]?[0-9]{1,3})*)\]")
_LIST_SIGN = re.compile(r"^(?:[-*•–]|[0-9]{1,2}[.)])\s+")


class WrittenSentence(NamedTuple):
    """A sentence without its marks, and the numbers in these, each once, in their order."""

    text: str
    numbers: tuple[int, ...]


def cited_sentences(text: str, language: str) -> list[WrittenSentence]:
    """The sentences of ``text`` in order, whatever it is.

    As with articles, marks are taken out before the text is split: with them in place a splitter
    gives them to the wrong sentence. A mark belongs to the last sentence that begins before it.
    """
    bare, marks = _taken_out(text)
    spans = sentence_spans(bare, language)
    starts = [span.start for span in spans]
    numbers: list[list[int]] = [[] for _ in spans]
    for position, marked in marks:
        owner = bisect_left(starts, position) - 1
        if owner >= 0:
            numbers[owner] += marked
    found = [
        WrittenSentence(_LIST_SIGN.sub("", span.of(bare)), tuple(dict.fromkeys(own)))
        for span, own in zip(spans, numbers, strict=True)
    ]
    return [sentence for sentence in found if sentence.text]


def _taken_out(text: str) -> tuple[str, list[tuple[int, list[int]]]]:
    """``text`` without its marks, and where in the rest each of them stood."""
    pieces: list[str] = []
    marks: list[tuple[int, list[int]]] = []
    done = length = 0
    for match in _MARK.finditer(text):
        pieces.append(text[done : match.start()])
        length += len(pieces[-1])
        marks.append((length, [int(number) for number in match[1].split(",")]))
        done = match.end()
    return "".join((*pieces, text[done:])), marks
