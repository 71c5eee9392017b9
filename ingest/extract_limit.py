"""The limit on how much text of one source is kept, and how a longer one is cut and said to be.

A catalogue or a data dump of twenty megabytes would be a hundred thousand passages: hours of
embedding, for a source that the article cites for one sentence. The cut is part of the extraction,
so that the same bytes give the same text, live, supplied and from captures.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from footnoted.ingest.extract import Extraction

MOST_CHARACTERS = 2_000_000
"""Characters of one source that are kept: four long novels, or some 4,000 passages."""

# Where a text may end, the best first: a paragraph, a line, a sentence, a word.
_ENDS = tuple(map(re.compile, (r"\n\n", r"\n", r"(?<=[.!?。！？؟۔…।])", r"\s")))
_SHARE = 0.9  # of the limit that is kept at least
_LONGEST_SIGN = 50  # characters that are drawn as one; more are made to be strange
_JOINERS = "\u200c\u200d"


def limited(extraction: Extraction, most: int = MOST_CHARACTERS) -> Extraction:
    """``extraction`` itself, or cut to at most ``most`` characters, with ``left_out`` counted.

    The cut falls after the last paragraph that fits. Headings and pages behind it are left out.
    """
    text = extraction.text
    if len(text) <= most:
        return extraction
    kept = text[: _end(text, most)].rstrip()
    return replace(
        extraction,
        text=kept,
        headings=tuple(
            heading
            for heading in extraction.headings
            if heading.start + len(heading.title) <= len(kept)
        ),
        pages=tuple(start for start in extraction.pages if start < len(kept)),
        left_out=len(text) - len(kept),
    )


def why_partial(extraction: Extraction) -> str | None:
    """What to tell a researcher of a source that was cut; ``None`` for one that is whole."""
    if not extraction.left_out:
        return None
    kept = len(extraction.text)
    return (
        f"Only the first {kept:,} of its {kept + extraction.left_out:,} characters are kept, which "
        "is the limit for one source. If the cited words stand further on, supply that part of it "
        "as a file of its own with --source."
    )


def _end(text: str, most: int) -> int:
    """Where to cut: at the last paragraph's end near ``most``, else the best that there is."""
    least = int(most * _SHARE)
    for pattern in _ENDS:
        ends = [match.start() for match in pattern.finditer(text, least, most + 1)]
        if ends:
            return ends[-1]
    end = most
    while end > most - _LONGEST_SIGN and (
        unicodedata.category(text[end]).startswith("M")
        or text[end] in _JOINERS
        or text[end - 1] in _JOINERS
    ):
        end -= 1
    return end
