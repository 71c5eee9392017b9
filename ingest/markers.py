"""Footnote signs: taken out of a line, their offsets kept in the normalised words that remain.

Both forms of article use ``LineBuilder``; ``take_out`` finds the bracketed signs of plain text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import NamedTuple, TypeAlias

from footnoted.ingest.normalise import normalise_line


@dataclass(frozen=True, slots=True)
class Sign:
    """A footnote sign as the page shows it; ``targets`` name its footnotes in the page's terms.

    A target is a fragment id in HTML and a label in plain text; none makes the sign an orphan.
    """

    label: str
    group: str = ""
    targets: tuple[str, ...] = ()
    locator: str | None = None


@dataclass(frozen=True, slots=True)
class Flag:
    """An editors' remark on the words before it, such as ``citation_needed``."""

    name: str


Mark: TypeAlias = Sign | Flag


class Marked(NamedTuple):
    """A mark and its offset in the words of its line."""

    position: int
    mark: Mark


@dataclass(frozen=True, slots=True)
class Line:
    """One normalised line of words, and the marks that stood in it."""

    words: str
    marks: tuple[Marked, ...] = ()

    @property
    def empty(self) -> bool:
        return not self.words and not self.marks


# Where a sign was set between a word and these, the space before it belonged to the sign.
_NO_SPACE_BEFORE = ",.)"
_FULL_STOP_BEFORE = re.compile(r"[^\s.]{2}[.!?][\"'”’»)]*$")


@dataclass(slots=True)
class LineBuilder:
    """Collects the raw words and the marks of one line, in the order of the page."""

    _raw: list[str] = field(default_factory=list)
    _length: int = 0
    _marks: list[Marked] = field(default_factory=list)
    _since_mark: int = 0
    _inked: bool = False

    def write(self, words: str) -> None:
        self._raw.append(words)
        self._length += len(words)
        self._inked = self._inked or not (words == "" or words.isspace())

    def mark(self, mark: Mark) -> None:
        self._marks.append(Marked(self._length, mark))
        self._since_mark = len(self._raw)

    def locate(self, locator: str) -> bool:
        """Give the last sign its page; false when no sign stands directly before."""
        if not self._marks or "".join(self._raw[self._since_mark :]).strip():
            return False
        position, mark = self._marks[-1]
        if not isinstance(mark, Sign):
            return False
        self._marks[-1] = Marked(position, replace(mark, locator=locator))
        return True

    @property
    def blank(self) -> bool:
        """Whether neither words nor marks have come yet."""
        return not self._marks and not self._inked

    def finish(self) -> Line:
        """The line; the builder is empty afterwards."""
        raw, marks = _close_gaps("".join(self._raw), self._marks)
        words = normalise_line(raw)
        # The words before a mark, normalised alone, are as long as in the whole line, save where
        # a combining sign follows the mark: hence the bounds.
        positions = [
            min(n, len(words)) for n in _normalised_lengths(raw, [m.position for m in marks])
        ]
        placed = map(Marked, accumulate(positions, max), (mark for _, mark in marks))
        line = Line(words, tuple(placed))
        self._raw, self._length, self._marks = [], 0, []
        self._since_mark, self._inked = 0, False
        return line


def _normalised_lengths(raw: str, positions: list[int]) -> Iterator[int]:
    """How long ``normalise_line(raw[:position])`` is, for each of the ascending ``positions``.

    What stands before a plain letter after a space is counted once: nothing of it joins the letter.
    """
    anchor = length = 0
    for position in positions:
        words = len(normalise_line(raw[anchor:position]))
        yield length + (1 if length and words else 0) + words
        word = raw.rfind(" ", anchor, position) + 1
        if word > anchor and raw[word : word + 1].isascii() and raw[word : word + 1].isalnum():
            words = len(normalise_line(raw[anchor:word]))
            length += (1 if length and words else 0) + words
            anchor = word


def _close_gaps(raw: str, marks: list[Marked]) -> tuple[str, list[Marked]]:
    """``raw`` with the spaces mended that the marks, once gone, would leave wrong."""
    pieces: list[str] = []
    moved: list[Marked] = []
    last = length = 0
    for position, mark in marks:
        piece, after = raw[last:position], raw[position : position + 1]
        if after and after in _NO_SPACE_BEFORE:
            piece = piece.rstrip(" \u00a0")
        pieces.append(piece)
        length += len(piece)
        moved.append(Marked(length, mark))
        # "…end.[1]Next" would become one word.
        if after.isupper() and _FULL_STOP_BEFORE.search(raw[:position][-8:]):
            pieces.append(" ")
            length += 1
        last = position
    return "".join([*pieces, raw[last:]]), moved


# Signs of notes, as Wikipedia's templates print them; numbers count only when they are listed.
_NOTE_SIGN = re.compile(
    r"(?:[a-z]{1,2}|[A-Z]|[ivx]{1,5}|(?:note|nb|n|N|lower-alpha|upper-alpha|Note|Anm\.)\s?\d{1,3}"
    r"|[αβγδε]|[*†‡§]{1,3})"
)
_BRACKETED = re.compile(r"\^?\[\s*([^\[\]\n]{1,24}?)\s*\]")
_REMARK = re.compile(
    r"\[\s*(citation needed|dead link|failed verification|clarification needed|when\?|who\?"
    r"|by whom\?|according to whom\?|which\?|page needed|dubious\s?[–-]\s?discuss"
    r"|better source needed|original research\?|verification needed|not in citation given"
    r"|unreliable source\?|vague|update)\s*\]",
    re.IGNORECASE,
)
_EDIT_LINK = re.compile(r"\[\s*edit(?:\s*\|\s*edit source)?\s*\]$")
_LOCATOR = re.compile(r"\s?:\s?([\divxlc]+(?:[–-][\divxlc]+)?)(?=[\[,.;)]|\s*$|\s+[A-Z\"“(\[])")


def slug(remark: str) -> str:
    """A remark's name as a flag: ``[citation needed]`` is ``citation_needed``."""
    return re.sub(r"\W+", "_", remark.strip().lower()).strip("_")


def take_out(raw: str, labels: Collection[str]) -> Line:
    """The line ``raw`` of plain text without its footnote signs and remarks.

    ``[7]`` is a sign when ``labels`` holds ``7``; ``[a]``, ``[note 1]`` and the like always are,
    and are orphans when ``labels`` lacks them. Brackets that touch code are words: those after
    a name that goes on behind them (``array[1] = x``, ``f[i](…)``), those after a name with an
    underscore, and those inside a word.
    """
    builder = LineBuilder()
    raw = _EDIT_LINK.sub("", raw)
    last = 0
    for start, end, mark in _marks(raw, labels):
        builder.write(raw[last:start])
        builder.mark(mark)
        last = end
    builder.write(raw[last:])
    return builder.finish()


def _marks(raw: str, labels: Collection[str]) -> Iterator[tuple[int, int, Mark]]:
    position = 0
    while match := _BRACKETED.search(raw, position):
        start, end = match.span()
        position = end
        remark = _REMARK.fullmatch(raw, match.start(), end)
        if remark:
            yield start, end, Flag(slug(remark[1]))
            continue
        label = match[1]
        known = label in labels
        if not (known or _NOTE_SIGN.fullmatch(label)) or _code(
            raw, start, end, bare=not known and label.isalpha()
        ):
            continue
        locator = _LOCATOR.match(raw, end) if known else None
        position = locator.end() if locator else end
        group = "" if label.isdecimal() else note_group(label)
        yield (
            start,
            position,
            Sign(label, group, (label,) if known else (), locator[1] if locator else None),
        )


_CODE_AFTER = re.compile(r"\s?(?:[-+*/|&<>=!]?=(?!=\S)|\+\+|--)|[(\w]|\.[a-z_]+\(|\s?[<>]=?\s?\w")
_NAME_BEFORE = re.compile(r"[A-Za-z_]\w*(?:\[\w+\])*$")


def _code(raw: str, start: int, end: int, *, bare: bool) -> bool:
    """Whether the brackets are an index or part of a word rather than a sign.

    A footnote sign follows a word or its punctuation and is followed by space, punctuation, a
    new sentence or another sign. ``bare`` letters, which no list confirms, need a word, a bracket
    or punctuation directly before them.
    """
    before, after = raw[max(0, start - 60) : start], raw[end : end + 60]
    if bare and (not before or before[-1].isspace()):
        return True
    name = _NAME_BEFORE.search(before)
    if name is None:
        return False
    if "_" in name[0]:
        return True
    if after[:1].isupper() and not before[-1:].isupper():
        return False
    return bool(_CODE_AFTER.match(after))


_ROMAN = re.compile(r"[ivx]{2,}|[IVX]{2,}")
_NUMBERED = re.compile(r"(.*?)\s?\d+")


def note_group(label: str) -> str:
    """The group that a note's label shows: ``a`` is ``lower-alpha``, ``note 1`` is ``note``."""
    if numbered := _NUMBERED.fullmatch(label):
        return numbered[1]
    if _ROMAN.fullmatch(label):
        return "lower-roman" if label.islower() else "upper-roman"
    if label.isascii() and label.isalpha() and len(label) <= 2:
        return "lower-alpha" if label.islower() else "upper-alpha"
    if label.isalpha() and len(label) == 1 and "α" <= label <= "ω":
        return "lower-greek"
    return ""
