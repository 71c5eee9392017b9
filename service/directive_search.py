"""What a text directive finds in a page, read and followed as the specification says.

https://wicg.github.io/scroll-to-text-fragment/#finding-ranges-in-a-document, on a page's searchable
text. It shares no step with the search for a directive: `footnoted verify` holds one to the other.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from typing import NamedTuple
from urllib.parse import unquote

from footnoted.domain import Span
from footnoted.service.word_edges import is_word_edge

_SIGNS = str.maketrans("‘’‚‛“”„‟״׳", "''''\"\"\"\"\"'")


class _Directive(NamedTuple):
    start: str
    end: str = ""
    prefix: str = ""
    suffix: str = ""


class SearchedText:
    """A page's text as its base characters, each with its place; signs and spaces count."""

    def __init__(self, text: str) -> None:
        self.text = text
        letters: list[str] = []
        self._places: list[int] = []
        for place, character in enumerate(text):
            based = _base(character)
            letters.append(based)
            self._places += [place] * len(based)
        self._places.append(len(text))
        self._letters = "".join(letters)

    def find(self, words: str, begin: int, *, at_start: bool, at_end: bool) -> Span | None:
        """The first ``words`` behind ``begin`` with word edges where they are asked for."""
        sought = "".join(map(_base, words))
        at = self._letters.find(sought, self._index(begin)) if sought else -1
        while at >= 0:
            start = self._places[at]
            end = self._places[at + len(sought) - 1] + 1
            # The letter that begins or ends the words must not be half of another.
            while end < len(self.text) and not _base(self.text[end]):
                end += 1
            if (not at_start or is_word_edge(self.text, start)) and (
                not at_end or is_word_edge(self.text, end)
            ):
                return Span(start, end)
            at = self._letters.find(sought, at + 1)
        return None

    def next_word(self, place: int) -> int:
        """Where the first character from ``place`` on stands that is no white space."""
        while place < len(self.text) and (
            self.text[place].isspace() or not _base(self.text[place])
        ):
            place += 1
        return place

    def _index(self, place: int) -> int:
        return bisect_left(self._places, place)


def found_by(page: SearchedText, directives: str) -> list[Span | None]:
    """What each of the ``text=`` directives (joined by ``&``) finds first in the page."""
    return [
        _found(page, _parsed(part.removeprefix("text=")))
        for part in directives.split("&")
        if part.startswith("text=")
    ]


def _parsed(value: str) -> _Directive:
    parts = value.split(",")
    prefix = unquote(parts.pop(0)[:-1]) if parts[0].endswith("-") else ""
    suffix = unquote(parts.pop()[1:]) if parts[-1].startswith("-") else ""
    start, end = (*map(unquote, parts), "")[:2]
    return _Directive(start, end, prefix, suffix)


def _found(page: SearchedText, wanted: _Directive) -> Span | None:
    begin = 0
    while begin < len(page.text):
        first = _first(page, wanted, begin)
        if first is None:
            return None
        begin, match = first
        if match is not None and (whole := _to_end(page, wanted, match)) is not None:
            return whole
    return None


def _first(page: SearchedText, wanted: _Directive, begin: int) -> tuple[int, Span | None] | None:
    """Where to search on, and the beginning if it is here; ``None`` when nothing can follow."""
    bounded = bool(wanted.end) or not wanted.suffix
    if not wanted.prefix:
        found = page.find(wanted.start, begin, at_start=True, at_end=bounded)
        return (found.start + 1, found) if found is not None else None
    before = page.find(wanted.prefix, begin, at_start=True, at_end=False)
    if before is None:
        return None
    at = page.next_word(before.end)
    found = page.find(wanted.start, at, at_start=False, at_end=bounded)
    if found is None:
        return None
    return before.start + 1, found if found.start == at else None


def _to_end(page: SearchedText, wanted: _Directive, match: Span) -> Span | None:
    begin = match.end
    while begin < len(page.text) or not (wanted.end or wanted.suffix):
        whole = match
        if wanted.end:
            last = page.find(wanted.end, begin, at_start=True, at_end=not wanted.suffix)
            if last is None:
                return None
            whole = Span(match.start, last.end)
        if not wanted.suffix:
            return whole
        at = page.next_word(whole.end)
        behind = page.find(wanted.suffix, at, at_start=False, at_end=True)
        if behind is None:
            return None
        if behind.start == at:
            return whole
        if not wanted.end:
            return None
        begin = whole.end
    return None


def _base(character: str) -> str:
    """A character's base letters; nothing for marks and for what is not printed."""
    if "!" <= character <= "~":
        return character.lower()
    if character in (" ", "\u00a0"):
        return " "
    parts = unicodedata.normalize("NFKD", character.casefold()).translate(_SIGNS)
    kept = (part for part in parts if unicodedata.category(part) not in ("Mn", "Me", "Cf"))
    return "".join(
        str(unicodedata.decimal(part)) if part.isdecimal() else part.casefold() for part in kept
    )
