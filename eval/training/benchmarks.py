"""The questions that the reader is measured on: each with the windows it may be answered from."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from footnoted.eval.questions import load_questions
from footnoted.eval.training.squad import (
    NO_CLAIM,
    Pair,
    Window,
    read_rows,
    shared_words,
    windows_of,
)
from footnoted.ingest.corpus import Corpus
from footnoted.ingest.locations import corpus_folder
from footnoted.settings import Settings

_PARAGRAPH_FIELDS = ("paragraph", "passage")


class Asking(NamedTuple):
    """A question, the texts that may answer it, whether one does, and what counts as an answer.

    ``answers`` are groups of alternatives, as in an eval set.
    """

    question: str
    language: str
    texts: tuple[str, ...]
    answerable: bool
    answers: tuple[tuple[str, ...], ...]


def own_paragraph(folder: Path, count: int, seed: int) -> list[Asking]:
    """``count`` questions of a benchmark folder with the windows of their own paragraph."""
    windows = {
        row["_id"]: tuple(w.text for w in windows_of(row["_id"], row["title"], row["text"]))
        for row in read_rows(folder / "corpus.jsonl")
    }
    rows = list(read_rows(folder / "queries.jsonl"))
    rng = random.Random(seed)  # noqa: S311 - not for secrets
    chosen = rng.sample(rows, min(count, len(rows)))
    asked = []
    for row in chosen:
        paragraph = next(row[field] for field in _PARAGRAPH_FIELDS if field in row)
        answers = (tuple(row["answers"]),) if row["answerable"] else ()
        asked.append(Asking(row["text"], "en", windows[paragraph], row["answerable"], answers))
    return asked


def claims(folder: Path, most: int = 6) -> list[Asking]:
    """The claims of `wice-dev` with the ``most`` windows of their page that share most words.

    One is answerable where its page supports the whole of it.
    """
    pages = {
        row["_id"]: [w.text for w in windows_of(row["_id"], row["title"], row["text"])]
        for row in read_rows(folder / "corpus.jsonl")
    }
    texts = {row["_id"]: row["text"] for row in read_rows(folder / "queries.jsonl")}
    asked = []
    for row in read_rows(folder / "evidence.jsonl"):
        claim = texts[row["query_id"]]
        windows = sorted(pages[row["corpus_id"]], key=lambda text: -shared_words(claim, text))
        supported = row["label"] == "supported"
        asked.append(Asking(claim, "en", tuple(windows[:most]), supported, ()))
    return asked


def held_out(
    pairs: Iterable[Pair], windows: Sequence[Window], count: int, seed: int
) -> list[Asking]:
    """``count`` of the questions that training leaves out, each with its own window alone."""
    rng = random.Random(seed)  # noqa: S311 - not for secrets
    asked = []
    for pair in rng.sample([pair for pair in pairs if pair.support == NO_CLAIM], count):
        text = windows[pair.window].text
        answers = ((text[pair.start : pair.end],),) if pair.answerable else ()
        asked.append(Asking(pair.question, "en", (text,), pair.answerable, answers))
    return asked


def retrieved(eval_set: Path, settings: Settings, corpus: str, k: int) -> list[Asking]:
    """The questions of one of our eval sets with the best ``k`` passages of our own search."""
    from footnoted.index.retrieval import Searcher  # noqa: PLC0415 - loads faiss and tantivy
    from footnoted.service import indexing  # noqa: PLC0415

    opened = Corpus.open(corpus_folder(settings, corpus))
    embedder = indexing.embedder_for(settings, print)
    searcher = Searcher(indexing.open_index(opened, settings, embedder, print), embedder)
    texts = {row.passage_id: row.indexed_text for row in indexing.rows_of(opened)}
    return [
        Asking(
            question.text,
            question.language,
            tuple(
                texts[hit.passage_id]
                for hit in searcher.search(question.text, k, language=question.language)
            ),
            question.answerable,
            question.answers,
        )
        for question in load_questions(eval_set)
    ]
