"""What a benchmark is taken on: a corpus with its passages, and questions to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count, islice
from pathlib import Path

from footnoted.errors import InputError
from footnoted.eval.datasets.beir import load_beir
from footnoted.eval.datasets.corpora import dataset_assistant
from footnoted.eval.datasets.kinds import DatasetKind, kind_of
from footnoted.eval.datasets.retrieval import shortened
from footnoted.eval.questions import load_questions
from footnoted.eval.running import set_path
from footnoted.index.generations import IndexRow
from footnoted.ingest.corpus import Corpus
from footnoted.ingest.locations import corpus_folder
from footnoted.service import indexing
from footnoted.service.assistant import Assistant
from footnoted.service.indexing import Notify
from footnoted.settings import Settings

SETS = ("default", "hard", "reworded")
PACKAGED = ("default", "example")
# None stands in an eval set: a question asked before would find its vector remembered.
WARM_UP = (
    *("What is this about?", "Who is named here?", "When did it start?"),
    *("Where did it happen?", "How many were there?"),
)


@dataclass(frozen=True, slots=True)
class Subject:
    """A corpus (a name or folder) whose index is built, and what both sides are asked of it.

    ``rows`` are all its passages, ``built`` those that building an index is timed on. No question
    comes twice: what was asked before is remembered.
    """

    corpus: str
    rows: tuple[IndexRow, ...]
    built: tuple[IndexRow, ...]
    questions: tuple[str, ...]


def corpus_subject(settings: Settings, built: int, notify: Notify) -> Subject:
    """The settings' corpus with the questions of the packaged sets, its index built if need be.

    An article's corpus is small: an index is timed on the packaged ones too, varied to ``built``.
    """
    with Assistant.open(settings=settings, notify=notify) as assistant:
        assistant.load()
        rows = indexing.rows_of(assistant.corpus)
    others: list[IndexRow] = []
    for name in PACKAGED:
        if name != settings.corpus:
            with Corpus.open(corpus_folder(settings, name)) as corpus:
                others += indexing.rows_of(corpus)
    asked = (question.text for name in SETS for question in load_questions(set_path(name)))
    return Subject(
        settings.corpus, tuple(rows), varied([*rows, *others], built), fresh_questions(asked)
    )


def dataset_subject(folder: Path, settings: Settings, built: int, notify: Notify) -> Subject:
    """The documents and queries of a BEIR folder; corpus and index are kept in the cache.

    Raises ``InputError`` for a folder of anything else, or with broken data.
    """
    kind = kind_of(folder)
    if kind is not DatasetKind.RETRIEVAL:
        raise InputError(
            f"{folder} holds {kind.value}: there is nothing to ask.",
            about=str(folder),
            hint="Name a BEIR folder: corpus.jsonl, queries.jsonl, qrels.tsv.",
        )
    dataset = load_beir(folder)
    opened = dataset_assistant(
        dataset.name,
        dataset.documents,
        dataset.language,
        settings,
        progress=lambda *_: None,
        notify=notify,
    )
    with opened as assistant:
        corpus = str(assistant.corpus.folder)
        rows = indexing.rows_of(assistant.corpus)
    asked = (shortened(question.text) for question in dataset.questions)
    return Subject(corpus, tuple(rows), varied(rows, built), fresh_questions(asked))


def fresh_questions(texts: Iterable[str]) -> tuple[str, ...]:
    """Each question once, in their order, without those that warm a process up."""
    return tuple(text for text in dict.fromkeys(texts) if text not in WARM_UP)


def spread(questions: Sequence[str], most: int) -> tuple[str, ...]:
    """At most ``most`` questions, taken evenly from all of them, in their order."""
    if len(questions) <= most:
        return tuple(questions)
    return tuple(questions[n * len(questions) // most] for n in range(most))


def varied(rows: Sequence[IndexRow], size: int) -> tuple[IndexRow, ...]:
    """The first ``size`` of at least one row; where there are fewer, variations of them follow.

    A variation has a row's words begun further on, and so its length and its vocabulary: a build
    that knows equal texts again still has to embed it.
    """
    return tuple(islice(_variations(rows), size))


def _variations(rows: Sequence[IndexRow]) -> Iterator[IndexRow]:
    for turn in count():
        for row in rows:
            words = row.text.split()
            at = turn % max(1, len(words))
            text = " ".join((*words[at:], *words[:at])) if turn else row.text
            yield replace(row, passage_id=f"{row.passage_id}-{turn}", text=text)
