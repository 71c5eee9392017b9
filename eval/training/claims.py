"""Claims with what a window says of them: from questions and their answers, and from WiCE's.

A question and its answer make a claim ("Who built the bridge?" and "Ada Mason" make "Ada Mason
built the bridge") whose words differ from the window's as an encyclopedia's do from its source's.
With another answer of the same kind it is partly true at best; two claims on one window are
supported together, with one from elsewhere in part. What WiCE's annotators marked as unsupported
is partly supported as it stands, and supported without the marked words.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from footnoted.eval.training.squad import (
    NOT_SUPPORTED,
    PARTLY,
    SUPPORTED,
    Pair,
    Window,
    read_rows,
    windows_of,
)
from footnoted.eval.training.swaps import mentions

_AUXILIARIES = "did|does|do|was|were|is|are|had|has|have|can|could|would|will|should"
_WH = r"(?:what|which|who|whom|whose|when|where|how (?:many|much|long|old|far|often))"
_DID = re.compile(r"\b(?:did|does|do)\b", re.IGNORECASE)
_SUBJECT = re.compile(r"^(?:who|what|which [\w-]+) ", re.IGNORECASE)
_INVERTED = re.compile(
    rf"^(?P<before>(?:in|on|at|by|from|to|for|with|during) )?{_WH}\b(?P<thing>[^?]*?) "
    rf"(?:did|does|do|(?P<kept>{_AUXILIARIES})) (?P<rest>.+)$",
    re.IGNORECASE,
)
_COUNT = re.compile(r"^how many (?P<thing>.+)$", re.IGNORECASE)
_LAST = re.compile(
    rf"^(?P<rest>.+?) (?P<before>(?:in|on|at|by|of|for|to) )?{_WH}[^?]*$", re.IGNORECASE
)
_META = "(meta data)"
_FEWEST_WORDS = 4


class Kind(NamedTuple):
    """Answers that may stand for one another: of one article and of one kind."""

    article: str
    kind: str


def claim_of(question: str, answer: str) -> str | None:
    """The question as a statement that ``answer`` completes; ``None`` where no rule fits."""
    asked = " ".join(question.split()).rstrip("?. ")
    subject = _SUBJECT.match(asked)
    if subject is not None and not _DID.search(asked):
        return f"{answer} {asked[subject.end() :]}"
    if match := _INVERTED.match(asked):
        before = match["before"] or ""
        return f"{match['rest']} {before}{answer}"
    if match := _COUNT.match(asked):
        return f"{answer} {match['thing']}"
    if match := _LAST.match(asked):
        return f"{match['rest']} {match['before'] or ''}{answer}"
    return None


def claim_pairs(pairs: Sequence[Pair], windows: Sequence[Window], seed: int) -> list[Pair]:
    """Claims made of the answerable ones among ``pairs``, by how they came to be.

    Origins: ``claim``, ``claim_swapped``, ``claim_elsewhere``, ``claim_two`` (both supported)
    and ``claim_half`` (one of two).
    """
    rng = random.Random(seed)  # noqa: S311 - not for secrets
    answers: dict[Kind, set[str]] = defaultdict(set)
    elsewhere = {pair.question: pair.window for pair in pairs if pair.origin == "elsewhere"}
    made: list[tuple[Pair, str]] = []
    for pair in pairs:
        if pair.origin == "answer":
            answer = windows[pair.window].text[pair.start : pair.end]
            answers[_kind_of(windows[pair.window].article, answer)].add(answer)
            if (claim := claim_of(pair.question, answer)) is not None:
                made.append((pair, claim))
    pools = {kind: sorted(texts) for kind, texts in answers.items()}
    by_article: dict[str, list[tuple[Pair, str]]] = defaultdict(list)
    for pair, claim in made:
        by_article[windows[pair.window].article].append((pair, claim))
    found = []
    for pair, claim in made:
        window = windows[pair.window]
        found.append(_claim(claim, pair.window, "claim", SUPPORTED))
        if (other := _other_answer(pair, window, pools, rng)) is not None:
            swapped = claim_of(pair.question, other)
            found.append(_claim(str(swapped), pair.window, "claim_swapped", PARTLY))
        if pair.question in elsewhere:
            at = elsewhere[pair.question]
            found.append(_claim(claim, at, "claim_elsewhere", NOT_SUPPORTED))
        second, its_claim = rng.choice(by_article[window.article])
        if second.question != pair.question:
            both = f"{claim}, and {its_claim}" if rng.random() < 0.5 else f"{its_claim}; {claim}"
            same = second.window == pair.window
            origin, support = ("claim_two", SUPPORTED) if same else ("claim_half", PARTLY)
            found.append(_claim(both, pair.window, origin, support))
    return found + _both_of_one_window(made, rng)


def wice_pairs(path: Path, first: int, left_out: frozenset[str]) -> tuple[list[Window], list[Pair]]:
    """Windows of the pages in a file of `wice-nonsupported-tokens`, and claims about them.

    The windows are numbered from ``first`` on. Claims of ``left_out`` (WiCE's development set, as
    lower-case text) give none. Origins: ``wice`` (as it stands: in part), ``wice_rest`` (without
    the marked words: supported), ``wice_elsewhere``.
    """
    windows: list[Window] = []
    pairs: list[Pair] = []
    for number, row in enumerate(read_rows(path)):
        if row["claim"].lower().strip() in left_out:
            continue
        lines = [line for line in row["evidence"] if not line.startswith(_META)]
        title = next((line for line in row["evidence"] if line.startswith(_META)), "")
        title = title.partition("TITLE:")[2].strip()
        made = windows_of(f"wice-{number}#0", title, "\n".join(lines))
        rest = _without_marked(row)
        for evidence in row["supporting_sentences"]:
            needed = [
                row["evidence"][at] for at in evidence if not row["evidence"][at].startswith(_META)
            ]
            for at, window in enumerate(made):
                place = first + len(windows) + at
                if needed and all(sentence in window.body for sentence in needed):
                    pairs.append(_claim(row["claim"], place, "wice", PARTLY))
                    if rest is not None:
                        pairs.append(_claim(rest, place, "wice_rest", SUPPORTED))
        used = {s for evidence in row["supporting_sentences"] for s in evidence}
        sentences = [row["evidence"][at] for at in used]
        for at, window in enumerate(made):
            if not any(sentence in window.body for sentence in sentences):
                place = first + len(windows) + at
                pairs.append(_claim(row["claim"], place, "wice_elsewhere", NOT_SUPPORTED))
        windows += made
    return windows, pairs


def _claim(text: str, window: int, origin: str, support: int) -> Pair:
    return Pair(text, window, -1, -1, origin, support)


def _both_of_one_window(made: Sequence[tuple[Pair, str]], rng: random.Random) -> list[Pair]:
    by_window: dict[int, list[str]] = defaultdict(list)
    for pair, claim in made:
        by_window[pair.window].append(claim)
    pairs = []
    for window, claims in by_window.items():
        if len(claims) > 1:
            one, other = rng.sample(claims, 2)
            pairs.append(_claim(f"{one}, and {other}", window, "claim_two", SUPPORTED))
    return pairs


def _other_answer(
    pair: Pair, window: Window, pools: dict[Kind, list[str]], rng: random.Random
) -> str | None:
    """An answer of the same kind from the article that the window does not hold."""
    answer = window.text[pair.start : pair.end]
    pool = pools[_kind_of(window.article, answer)]
    for other in rng.sample(pool, min(4, len(pool))):
        if other.lower() not in window.text.lower() and answer.lower() not in other.lower():
            return other
    return None


def _kind_of(article: str, answer: str) -> Kind:
    """The kind of an answer: that of what it names, else its number of words."""
    named = mentions(f"a {answer}")
    return Kind(article, named[0].kind if named else f"{min(len(answer.split()), 4)} words")


def _without_marked(row: dict[str, Any]) -> str | None:
    marks = row["non_supported_spans"]
    kept = [t for t, marked in zip(row["claim_tokens"], marks, strict=True) if not marked]
    words = [token for token in kept if any(c.isalnum() for c in token)]
    return " ".join(kept) if len(words) >= _FEWEST_WORDS and any(marks) else None
