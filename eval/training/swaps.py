"""Unanswerable questions made from answerable ones: one name, year or number is exchanged.

The new one comes from another question of the same article, so that it fits the subject; the
window still speaks of nearly the same thing, but no longer answers.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from footnoted.eval.training.squad import Pair, Window

_YEAR = re.compile(r"\b(?:1\d{3}|20\d{2})\b")
_NUMBER = re.compile(r"\b\d[\d,.]*\d\b|\b\d\b")
_MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
_MONTHS = re.compile(rf"\b(?:{_MONTH})\b")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][\w'’.-]*(?: (?:(?:of|the|de|al) )?[A-Z][\w'’.-]*)*")
_TRAILING = ".,'’-"


class Mention(NamedTuple):
    """What can be exchanged in a question, and where it stands."""

    kind: str
    start: int
    end: int
    text: str


def swapped_pairs(pairs: Sequence[Pair], windows: Sequence[Window], seed: int) -> list[Pair]:
    """At most one pair of origin ``swapped`` for each answerable pair that names something."""
    rng = random.Random(seed)  # noqa: S311 - not for secrets
    answered = [pair for pair in pairs if pair.answerable]
    named: dict[tuple[str, str], set[str]] = defaultdict(set)
    for pair in answered:
        for mention in mentions(pair.question):
            named[windows[pair.window].article, mention.kind].add(mention.text)
    pools = {key: sorted(texts) for key, texts in named.items()}
    made = []
    for pair in answered:
        window = windows[pair.window]
        found = mentions(pair.question)
        if not found:
            continue
        mention = rng.choice(found)
        pool = pools[window.article, mention.kind]
        answer = window.text[pair.start : pair.end].lower()
        other = rng.choice(pool)
        if _same(other, mention.text) or _same(other, answer) or _same(mention.text, window.head):
            continue
        question = pair.question[: mention.start] + other + pair.question[mention.end :]
        made.append(Pair(question, pair.window, -1, -1, "swapped"))
    return made


def mentions(question: str) -> list[Mention]:
    """The years, other numbers, months and capitalised names of a question, none inside another.

    A name at the very beginning does not count: there every word has a capital.
    """
    found: list[Mention] = []
    for kind, pattern in (
        ("year", _YEAR),
        ("number", _NUMBER),
        ("month", _MONTHS),
        ("name", _NAME),
    ):
        for match in pattern.finditer(question):
            text = match.group().rstrip(_TRAILING)
            end = match.start() + len(text)
            if text and not any(m.start < end and match.start() < m.end for m in found):
                found.append(Mention(kind, match.start(), end, text))
    return found


def _same(one: str, other: str) -> bool:
    """Whether one of the two stands in the other, so that they may mean the same."""
    a, b = one.strip().lower(), other.strip().lower()
    return a in b or b in a
