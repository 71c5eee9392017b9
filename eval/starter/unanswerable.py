"""Questions that a corpus cannot answer, because what they ask about stands in none of its texts.

Two kinds: what an article of this kind might tell but no text mentions (``absent``), and a
question that can be answered with a year in it that no text knows (``other-year``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from footnoted.domain import RefusalReason
from footnoted.eval.auto.specifics import FoldedText
from footnoted.index.tokens import fold

_MOST_ABSENT = 4
_MOST_YEARS = 4
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
_SHIFTS = (7, -6, 11, -13, 17, -19, 23, -29)
# What is asked, and the words of which none may stand in any text.
_ASKED = (
    ("What is the motto of {title}?", "motto slogan"),
    ("Which song is the anthem of {title}?", "anthem hymn song"),
    ("What is the annual budget of {title}?", "budget turnover revenue expenditure"),
    ("What is the mascot of {title}?", "mascot"),
    ("Which company insures {title}?", "insurance insure insured insurer"),
    ("On which postage stamp is {title} shown?", "stamp stamps postage philately"),
    ("Which colours are on the flag of {title}?", "flag flags banner"),
    ("Which museum holds the archive of {title}?", "museum museums archive archives"),
    ("Which novel is set around {title}?", "novel novels novelist"),
)


def unanswerable_questions(
    title: str | None,
    answerable: Sequence[str],
    language: str,
    texts: Sequence[tuple[str, str]],
) -> Iterator[tuple[str, RefusalReason, str]]:
    """Question, reason and rule of a few questions to which ``texts`` hold no answer.

    ``title`` is the subject inside a sentence (``None``: nothing is asked of it), ``answerable``
    are questions that can be answered, ``texts`` pairs of a text and its language.
    """
    folded = [FoldedText(text, code) for text, code in texts]
    if title is not None and language.startswith("en"):
        for question in islice(_absent(title, folded), _MOST_ABSENT):
            yield question, RefusalReason.NOT_IN_CORPUS, "absent"
    for question in islice(_other_years(answerable, language, folded), _MOST_YEARS):
        yield question, RefusalReason.FALSE_PREMISE, "other-year"


def _absent(title: str, texts: Sequence[FoldedText]) -> Iterator[str]:
    for question, words in _ASKED:
        if not any(text.words.intersection(fold(words, "en")) for text in texts):
            yield question.format(title=title)


def _other_years(
    questions: Sequence[str], language: str, texts: Sequence[FoldedText]
) -> Iterator[str]:
    """Questions with exactly one year, each with the nearest shifted year that no text has."""
    for question in questions:
        if len(years := _YEAR.findall(question)) != 1:
            continue
        for shift in _SHIFTS:
            other = str(int(years[0]) + shift)
            if not any(text.words.intersection(fold(other, language)) for text in texts):
                yield question.replace(years[0], other)
                break
