"""Questions to begin with, made from the article itself: its infobox, and its cited dates."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from footnoted.ingest.language import direction_of

MOST = 4
_PLAIN = re.compile(r"[A-Za-z]+(?: [A-Za-z]+){0,2}")
_PREPOSITION = re.compile(r" (?:of|in|by|at|to|from|for|on)$")
_DOER = re.compile(r"(?:er|or|ist|ect|ian)$")
_NAME = re.compile(r"[^\W\d_][\w'’.-]*(?: [^\W\d_][\w'’.-]*)+")
_LAST_BRACKETS = re.compile(r"\s*\([^()]*\)$")
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_DATE = re.compile(rf"\b\d{{1,2}} (?:{_MONTHS}) \d{{4}}\b|\b(?:{_MONTHS}) \d{{1,2}}, \d{{4}}\b")


def examples(article: Mapping[str, Any], most: int = MOST) -> list[str]:
    """At most ``most`` questions that the article answers, as its document tells it.

    In English they are questions on infobox rows and on dates of cited sentences; in other
    languages the rows' own words with a question mark. An article with neither gives none.
    """
    subject = _LAST_BRACKETS.sub("", article["title"])
    rows = [
        (label, [claim["text"].removeprefix(f"{label}:").strip() for claim in claims])
        for label, claims in groupby(article["claims"], key=lambda claim: claim["label"])
        if label is not None
    ]
    if article["language"].split("-")[0] != "en":
        return [_terse(label, subject) for label, _ in rows[1 : most + 1]]
    asked = [*_on_rows(rows, subject), *_on_dates(article["claims"])]
    return _of_many_kinds(asked)[:most]


def _on_rows(rows: Sequence[tuple[str, Sequence[str]]], subject: str) -> Iterator[str]:
    # A figure makes the better question: those rows come first.
    for label, values in sorted(rows, key=lambda row: not re.search(r"\d", row[1][0])):
        word = label[:1].lower() + label[1:]
        head = word.split(" of ")[0]
        if not _PLAIN.fullmatch(label) or _PREPOSITION.search(label) or label == "Name":
            continue
        if head.endswith("s"):
            if len(values) > 1:
                yield f"Which {word} does {subject} have?"
            elif head != word:  # "carries" and "crosses" are no nouns
                yield f"What are the {word} of {subject}?"
        elif word.endswith("ed"):
            if re.search(r"\d{4}", values[0]):
                yield f"When was {subject} {word}?"
        elif len(values) == 1:
            person = _DOER.search(word) and _NAME.fullmatch(values[0])
            yield f"{'Who' if person else 'What'} is the {word} of {subject}?"


def _on_dates(claims: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    told = (
        found[0]
        for claim in claims
        if claim["label"] is None and claim["reference_ids"]
        if (found := _DATE.search(claim["text"]))
    )
    yield from (f"What happened on {date}?" for date in dict.fromkeys(told))


def _of_many_kinds(questions: Iterable[str]) -> list[str]:
    """The first question of each kind (by its first two words), then the second of each, …"""
    seen: Counter[str] = Counter()
    numbered = []
    for question in questions:
        kind = " ".join(question.split()[:2])
        numbered.append((seen[kind], question))
        seen[kind] += 1
    return [question for _, question in sorted(numbered, key=lambda pair: pair[0])]


def _terse(label: str, subject: str) -> str:
    return f"{label}: {subject}{'؟' if direction_of(label) == 'rtl' else '?'}"
