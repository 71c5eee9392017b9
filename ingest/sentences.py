"""Where the sentences of a normalised text lie.

Latin, Cyrillic and Greek lines are split by nupunkt, an English-trained Punkt model (Kiss and
Strunk 2006), and its known mistakes are joined again; lines in other scripts by a short list of
signs that end a sentence. The script decides line by line, since an English article quotes
Arabic paragraphs; the language settles only what the script leaves open.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import pairwise

from footnoted.domain import Span
from footnoted.ingest.language import script_of

_CLOSERS = "\"'”’»›)\\]}」』】）》〉"
# A full stop needs white space after it; the full-width signs of East Asia do not.
_ENDS_SPACED = re.compile(rf"[.!?…؟۔।॥։]+[{_CLOSERS}]*(?=\s)")
_ENDS_UNSPACED = re.compile(rf"[。！？｡]+[{_CLOSERS}]*")
_INITIAL = re.compile(r"(?:^|[\s(«“\"])\w\.$")
_ALPHABETS = frozenset({"Latin", "Cyrillic", "Greek", "Common"})
# Languages that write ordinals with a full stop: "am 1. Januar", "dne 3. května".
_ORDINALS = re.compile(r"(?:cs|da|de|et|fi|hr|hu|is|lv|nb|nn|no|pl|sk|sl|sr|tr)\b", re.IGNORECASE)
_ORDINAL = re.compile(r"(?:^|[\s(–—-])(?:\d{1,2}|[IVX]{2,})\.$")
# The model's English abbreviation that is a German word: "Er kam an."
_GERMAN_END = re.compile(r"(?<= an)\.(?=\s)")
# Titles and the like, which are never the last word; nupunkt knows most of the English ones.
_NEVER_LAST = re.compile(
    r"(?:^|[\s(\"“«])(?:"
    r"Maj|Capt|Cmdr|Cpl|Sgt|Pvt|Brig|Adm|Lt|Col|Gen|Hon|Rev|Msgr|Fr|Mt|Ft|St|Ste"
    r"|Sra?|Srta|Dra?|Exc?mo|Mme|Mlle|Hr|Frhr|Nr|Bd|Hrsg|Abs|Aufl|bzw|vgl|Vgl|ca|sog|Prof|Dipl|Ing"
    r"|[Cc]f|e\.g|i\.e|vs|z\.\s?B|d\.\s?h|u\.\s?a"
    r"|np|tzw|tj|św|geb|gest|inkl|evtl|ggf|insb"
    r"|см|ср|им|св|гр|ул|стр|англ|лат|греч|нем|фр|род"
    r")\.$"
)


def sentence_spans(text: str, language: str) -> list[Span]:
    """The sentences of ``text`` in order, as spans without surrounding white space.

    Every character that is not white space lies in exactly one span, and no span crosses a
    newline. ``language`` is a BCP 47 tag; an unknown one does no harm.
    """
    spans = []
    start = 0
    for line in text.split("\n"):
        if line and not line.isspace():
            spans += _line_spans(line, start, language)
        start += len(line) + 1
    return spans


def _line_spans(line: str, offset: int, language: str) -> list[Span]:
    cuts = _alphabetic_cuts(line, language) if script_of(line) in _ALPHABETS else _sign_cuts(line)
    bounds = sorted({0, len(line), *cuts})
    return [
        Span(offset + start, offset + end)
        for start, end in (_trimmed(line, *pair) for pair in pairwise(bounds))
        if start < end
    ]


def _trimmed(line: str, start: int, end: int) -> tuple[int, int]:
    piece = line[start:end]
    return start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())


def _alphabetic_cuts(line: str, language: str) -> list[int]:
    """Where nupunkt begins a new sentence, less the beginnings that cannot be one."""
    ordinals = _ORDINALS.match(language) is not None
    cuts = []
    # Signs of other scripts (a Chinese quotation in an English line) end sentences there too.
    found = {start for start, _ in _punkt()(line)} | set(_cuts(_ENDS_UNSPACED, line))
    if language.startswith("de"):
        found.update(_cuts(_GERMAN_END, line))
    for cut in sorted(found):
        before, after = line[:cut].rstrip()[-24:], line[cut:].lstrip()
        if not after or not before:
            continue
        if after[0].islower() or _NEVER_LAST.search(before) or not _has_word(after):
            continue
        if ordinals and _ORDINAL.search(before):
            continue
        cuts.append(cut)
    return cuts


def _sign_cuts(line: str) -> list[int]:
    spaced = [cut for cut in _cuts(_ENDS_SPACED, line) if not _INITIAL.search(line[:cut][-12:])]
    return [cut for cut in [*spaced, *_cuts(_ENDS_UNSPACED, line)] if _has_word(line[cut:])]


def _cuts(pattern: re.Pattern[str], line: str) -> Iterable[int]:
    return (match.end() for match in pattern.finditer(line))


def _has_word(text: str) -> bool:
    """Whether anything is left that a sentence could consist of: a stray bracket is not."""
    return any(character.isalnum() for character in text[:200])


@lru_cache(maxsize=1)
def _punkt() -> Callable[[str], list[tuple[int, int]]]:
    from nupunkt import sent_spans  # noqa: PLC0415 - its model is read on first use

    return sent_spans
