"""From the folder `squad11-train` to windows of text and labelled pairs (question, window).

A window is what the service reads: whole sentences up to the length of a passage, after the
article's title. Every answerable question gives one pair with the window that holds its answer
and one with another window of its article that shares many words and does not hold it.
"""

from __future__ import annotations

import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from footnoted.domain import Document, Kind
from footnoted.errors import UnreadableFile
from footnoted.ingest.passages import cut

MIN_LINK_MARGIN = 2.0  # the folder's meta.json: 98.7 % of these are linked to the right paragraph
NOT_SUPPORTED, PARTLY, SUPPORTED = 0, 1, 2
NO_CLAIM = -100  # as the loss knows what it leaves out
_HARD_CHOICES = 3
_WORD = re.compile(r"\w+")


class Window(NamedTuple):
    """A window of the paragraph ``paragraph``: ``head`` is the title and a newline, then ``body``.

    The reader reads ``head + body``.
    """

    paragraph: str
    article: str
    head: str
    body: str

    @property
    def text(self) -> str:
        return self.head + self.body


class Pair(NamedTuple):
    """A question or claim and a window, by number; an answer's code points in the window's text.

    ``start`` and ``end`` are -1 where the window does not answer. ``origin`` is how the pair was
    made: ``answer``, ``unanswerable``, ``elsewhere``, ``swapped``, or one of ``claims``, whose
    ``support`` says what the window makes of it.
    """

    question: str
    window: int
    start: int
    end: int
    origin: str
    support: int = NO_CLAIM

    @property
    def answerable(self) -> bool:
        """Whether the window holds the answer, or at least a part of the claim."""
        return self.start >= 0 or self.support > NOT_SUPPORTED


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of the training data; ``answers`` is empty where its paragraph has none."""

    text: str
    paragraph: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Squad:
    """All windows, those of each paragraph by number, and all questions."""

    windows: tuple[Window, ...]
    by_paragraph: dict[str, list[int]]
    asked: tuple[Asked, ...]


def read_squad(folder: Path) -> Squad:
    """The windows and the questions; ``UnreadableFile`` when a file of the folder is not there."""
    windows: list[Window] = []
    by_paragraph: dict[str, list[int]] = {}
    for row in read_rows(folder / "corpus.jsonl"):
        made = windows_of(row["_id"], row["title"], row["text"])
        by_paragraph[row["_id"]] = list(range(len(windows), len(windows) + len(made)))
        windows += made
    asked = [
        Asked(row["text"].strip(), row["paragraph"], tuple(row["answers"]))
        for row in read_rows(folder / "queries.jsonl")
    ]
    asked += [
        Asked(_without_csv_quotes(row["text"]), row["paragraph"], ())
        for row in read_rows(folder / "unanswerable_relinked.jsonl")
        if row["link_margin"] >= MIN_LINK_MARGIN
    ]
    return Squad(tuple(windows), by_paragraph, tuple(asked))


def windows_of(paragraph: str, title: str, text: str) -> list[Window]:
    """The passages that the service would cut ``text`` into, each after the title."""
    article = paragraph.rpartition("#")[0] or paragraph
    document = Document(paragraph, Kind.DOCUMENT, title, "en", text, text_sha256="")
    return [Window(paragraph, article, f"{title}\n", p.span.of(text)) for p in cut(document)]


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSONL file in order; ``UnreadableFile`` when it cannot be read."""
    try:
        with path.open(encoding="utf-8") as lines:
            yield from (json.loads(line) for line in lines)
    except (OSError, ValueError) as error:
        raise UnreadableFile(
            f"{path} cannot be read: {error}.",
            about=str(path),
            hint="Name the folder of the benchmark data, with its JSONL files.",
        ) from error


def make_pairs(squad: Squad, seed: int) -> list[Pair]:
    """Every pair of the kinds ``answer``, ``unanswerable`` and ``elsewhere``, article by article.

    A question whose answer no window holds gives none. The order is the same for equal seeds.
    """
    rng = random.Random(seed)  # noqa: S311 - not for secrets
    by_article: dict[str, list[Asked]] = defaultdict(list)
    for asked in squad.asked:
        by_article[squad.windows[squad.by_paragraph[asked.paragraph][0]].article].append(asked)
    numbers: dict[str, list[int]] = defaultdict(list)
    for number, window in enumerate(squad.windows):
        numbers[window.article].append(number)
    pairs: list[Pair] = []
    for article, questions in by_article.items():
        overlaps = _overlaps(questions, [squad.windows[n] for n in numbers[article]])
        place = {n: column for column, n in enumerate(numbers[article])}
        for asked, row in zip(questions, overlaps, strict=True):
            near = sorted(squad.by_paragraph[asked.paragraph], key=lambda n: -row[place[n]])
            if not asked.answers:
                pairs.append(Pair(asked.text, near[0], -1, -1, "unanswerable"))
                continue
            found = _positive(squad, asked, near)
            if found is None:
                continue
            pairs.append(found)
            if (hard := _elsewhere(squad, asked, numbers[article], row, rng)) is not None:
                pairs.append(Pair(asked.text, hard, -1, -1, "elsewhere"))
    return pairs


def _positive(squad: Squad, asked: Asked, near: Sequence[int]) -> Pair | None:
    """The pair with the window of most shared words that holds the first answer."""
    answer = asked.answers[0]
    for number in near:
        window = squad.windows[number]
        starts = [m.start() for m in re.finditer(re.escape(answer), window.body)]
        if starts:
            start = max(starts, key=lambda at: _shared_around(asked.text, window.body, at))
            start += len(window.head)
            return Pair(asked.text, number, start, start + len(answer), "answer")
    return None


def _shared_around(question: str, body: str, at: int, reach: int = 120) -> int:
    return shared_words(question, body[max(at - reach, 0) : at + reach])


def shared_words(one: str, other: str) -> int:
    """How many different words stand in both texts."""
    return len(set(_WORD.findall(one.lower())) & set(_WORD.findall(other.lower())))


def _elsewhere(
    squad: Squad, asked: Asked, numbers: Sequence[int], row: Any, rng: random.Random
) -> int | None:
    """A window of the article with many of the question's words and none of its answers."""
    answers = [answer.lower() for answer in asked.answers]
    choices: list[int] = []
    for column in np.argsort(-row):
        body = squad.windows[numbers[column]].body.lower()
        if not any(answer in body for answer in answers):
            choices.append(numbers[column])
        if len(choices) == _HARD_CHOICES:
            break
    return rng.choice(choices) if choices else None


def _overlaps(questions: Sequence[Asked], windows: Sequence[Window]) -> Any:
    """Shape ``(questions, windows)``: shared words, each by how few of the windows hold it."""
    vocabulary: dict[str, int] = {}
    held = _incidence([w.body for w in windows], vocabulary)
    wanted = _incidence([q.text for q in questions], vocabulary)
    width = len(vocabulary)
    held.resize((len(windows), width))
    spread = np.asarray(held.sum(axis=0)).ravel()
    rarity = np.log((len(windows) + 1) / (spread + 0.5))
    return (wanted.multiply(rarity).tocsr() @ held.T).toarray()


def _incidence(texts: Sequence[str], vocabulary: dict[str, int]) -> Any:
    rows, columns = [], []
    for row, text in enumerate(texts):
        for word in set(_WORD.findall(text.lower())):
            rows.append(row)
            columns.append(vocabulary.setdefault(word, len(vocabulary)))
    ones = np.ones(len(rows), np.float32)
    return sparse.csr_matrix((ones, (rows, columns)), shape=(len(texts), len(vocabulary)))


def _without_csv_quotes(text: str) -> str:
    """The question without the quotation marks that a CSV file put round and into it."""
    text = text.strip()
    if text.startswith('"') and text.endswith('"') and '""' in text:
        text = text[1:-1].replace('""', '"')
    return " ".join(text.split())
