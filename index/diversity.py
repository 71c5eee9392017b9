"""A ranking in which no words come twice and no document fills the top.

Both rules look only at what stands above, never at how much was asked for: the first 8 of 100 are
the 8 that are found when 8 are asked for.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from math import ceil
from typing import NamedTuple, Protocol

LEAST = 5
"""So many passages of one document may stand at the top (with 4, a 65th of `reworded` lost its
passage from the first 5; with 5, none of the 245 answerable questions of `default`, `hard` and
`reworded` did)."""
SHARE = 0.5
"""Further down, no document has more than this share of what stands above and here."""
LOOKED_AT = 30
LIKE_SIZE = 0.8
"""A copy has at least this share of the telling characters of the passage that it repeats most."""
_TELLING = 20  # characters below which a sentence ("Read more") makes no passage another


class Origin(NamedTuple):
    """Where a passage's words come from.

    Words are compared within one ``voice`` only: a source that says what the article says is
    evidence for it, not its copy.
    """

    document: str
    voice: str
    language: str


class PassageTexts(Protocol):
    """What a ranking must know of passages besides their vectors and terms."""

    def text(self, passage_id: str) -> str:
        """The words of a passage as the index read them, its context before them."""
        ...

    def begins(self, passage_id: str) -> int:
        """Where the passage's own words begin in ``text``, in code points."""
        ...

    def origin(self, passage_id: str) -> Origin: ...

    def sentences(self, passage_id: str) -> tuple[str, ...]:
        """Its sentences, reduced to what two copies have in common (neither case nor spaces)."""
        ...


class Spread(NamedTuple):
    """Places of a ranking in their new order; ``copies`` are those behind all others.

    ``copies`` names for each of them the place whose words it repeats.
    """

    order: list[int]
    copies: dict[int, int]


def spread(
    names: Sequence[str], texts: PassageTexts, k: int, *, every_document: bool = True
) -> Spread:
    """The passages ``names``, best first, so that the first ``k`` are of several documents.

    A passage whose every telling sentence stands in passages above it, and which is about as long
    as they are, is a copy. Likeness would not do: in `wice-dev-passages` a cosine of .99 and .96
    of the words shared also join decisions on two athletes, which differ in nothing but the name.
    So whole sentences must be the same; of made-up syndicated copies this found 95 in 100 with
    another first paragraph, 76 where every seventh sentence was edited (before ``LIKE_SIZE``, which
    can only find fewer). Copies go behind
    everything else. A passage whose document has its share waits until there is room for it
    again; ``every_document`` False gives no document a share. Beyond ``k`` and ``LOOKED_AT``
    places nothing is examined, and all keep their order.
    """
    return _Spreading(names, texts, every_document).run(max(k, LOOKED_AT))


class _Spreading:
    """One run of ``spread``: what is placed so far, what waits, what is a copy."""

    def __init__(self, names: Sequence[str], texts: PassageTexts, every_document: bool) -> None:
        self._names = names
        self._texts = texts
        self._every_document = every_document
        self._placed: list[int] = []
        self._waiting: dict[str, deque[int]] = {}  # by document, each best first
        self._copies: dict[int, int] = {}
        self._of_document: Counter[str] = Counter()
        self._said: dict[tuple[str, str], int] = {}
        self._size: dict[int, int] = {}

    def run(self, enough: int) -> Spread:
        at = 0
        while len(self._placed) < enough:
            turn = self._next_waiting()
            if turn is not None:
                self._place(turn)
            elif at == len(self._names):
                break
            else:
                document = self._document(at)
                if self._has_room(document):
                    self._place(at)
                else:
                    self._waiting.setdefault(document, deque()).append(at)
                at += 1
        waiting = sorted(chain.from_iterable(self._waiting.values()))
        if at == len(self._names):  # nobody else is left to make room for
            for one in waiting:
                self._place(one)
            waiting = []
        rest = [*waiting, *range(at, len(self._names))]
        return Spread([*self._placed, *rest, *sorted(self._copies)], self._copies)

    def _next_waiting(self) -> int | None:
        """The best that waits and has room now, and waits no longer."""
        if not self._waiting:
            return None
        ready = [places for doc, places in self._waiting.items() if places and self._has_room(doc)]
        return min(ready, key=lambda places: places[0]).popleft() if ready else None

    def _document(self, place: int) -> str:
        return self._texts.origin(self._names[place]).document

    def _has_room(self, document: str) -> bool:
        if not self._every_document:
            return True
        allowed = max(LEAST, ceil(SHARE * (len(self._placed) + 1)))
        return self._of_document[document] < allowed

    def _place(self, place: int) -> None:
        origin = self._texts.origin(self._names[place])
        said, size = _telling(self._texts.sentences(self._names[place]))
        firsts = {sentence: self._said.get((origin.voice, sentence)) for sentence in said}
        if said and None not in firsts.values():
            repeated: Counter[int | None] = Counter()
            for sentence, first in firsts.items():
                repeated[first] += len(sentence)
            original = repeated.most_common(1)[0][0]
            if original is not None and size >= LIKE_SIZE * self._size[original]:
                self._copies[place] = original
                return
        self._placed.append(place)
        self._of_document[origin.document] += 1
        self._size[place] = size
        for sentence in said:
            self._said.setdefault((origin.voice, sentence), place)


@lru_cache(maxsize=1 << 13)  # the same passages come back
def _telling(sentences: tuple[str, ...]) -> tuple[frozenset[str], int]:
    """The sentences that make a passage what it is, and how many characters they have."""
    said = frozenset(filter(None, sentences))
    telling = frozenset(sentence for sentence in said if len(sentence) >= _TELLING) or said
    return telling, sum(map(len, telling))
