"""A BEIR folder: documents, queries, judgements; and answers where its queries carry them.

The layout is BEIR's (Thakur et al. 2021): ``corpus.jsonl`` (``_id``, ``title``, ``text``),
``queries.jsonl`` (``_id``, ``text``), ``qrels.tsv``. A query may carry ``answers`` (alternatives,
as in SQuAD; Rajpurkar et al. 2016 and 2018) and ``answerable``; all of
``queries_out_of_corpus.jsonl`` are unanswerable.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from footnoted.domain import Kind, RefusalReason
from footnoted.errors import InputError
from footnoted.eval.datasets.kinds import CORPUS, QUERIES
from footnoted.eval.datasets.lines import HINT, Line, read_by_id, read_text
from footnoted.eval.datasets.qrels import qrels_file, read_qrels
from footnoted.eval.measures import Qrels
from footnoted.eval.questions import Question
from footnoted.eval.tokens import answer_tokens
from footnoted.ids import document_id
from footnoted.ingest.language import detect_language
from footnoted.ingest.plain_documents import PlainDocument

OUT_OF_CORPUS = "queries_out_of_corpus.jsonl"
_SAMPLED = 60  # documents whose first words tell the set's language
_WORDS = 400  # characters of each


@dataclass(frozen=True, slots=True)
class BeirSet:
    """A dataset as its files say it; ``lines`` are the queries' own, by id.

    ``questions`` hold every query; one that says nothing of being answerable counts as such.
    ``qrels`` judge some of them, by the names of ``documents``.
    """

    name: str
    folder: Path
    language: str
    documents: tuple[PlainDocument, ...]
    questions: tuple[Question, ...]
    qrels: Qrels
    lines: Mapping[str, Line]
    document_lines: Mapping[str, Line]

    @property
    def has_answers(self) -> bool:
        """Whether what is answerable comes with its answers, all of it."""
        return all(q.answers for q in self.questions if q.answerable) and any(
            q.answers for q in self.questions
        )


def load_beir(folder: Path) -> BeirSet:
    """The dataset in ``folder``.

    Raises ``InputError``, with file and line, for what breaks the format, an id that comes twice,
    and a judgement of a query or document that is not there.
    """
    corpus = read_by_id(folder / CORPUS)
    documents = tuple(_document(name, line) for name, line in corpus.items())
    _check_names(corpus)
    language = _language(folder, documents)
    lines = read_by_id(folder / QUERIES)
    outside = folder / OUT_OF_CORPUS
    added = read_by_id(outside) if outside.is_file() else {}
    if taken := [key for key in added if key in lines]:
        raise added[taken[0]].wrong(f"the _id {taken[0]!r} already stands in {QUERIES}")
    questions = [_question(name, line, language) for name, line in lines.items()]
    questions += [_unanswerable(name, line, language) for name, line in added.items()]
    path = qrels_file(folder)
    if path is None:
        raise InputError(f"{folder} has no qrels.tsv.", about=str(folder), hint=HINT)
    qrels = read_qrels(path)
    _check_qrels(path, qrels, lines, corpus)
    return BeirSet(
        folder.resolve().name,
        folder,
        language,
        documents,
        tuple(questions),
        {query: qrels[query] for query in lines if query in qrels},
        lines | added,
        corpus,
    )


def _document(name: str, line: Line) -> PlainDocument:
    text = line.optional_text("text")
    if text is None:
        raise line.wrong("'text' is missing")
    return PlainDocument(name, line.optional_text("title") or "", text)


def _question(name: str, line: Line, language: str) -> Question:
    if line.flag("answerable") is False:
        return _unanswerable(name, line, language)
    answers = tuple(dict.fromkeys(line.texts("answers")))
    # Punctuation is no answer that can be found; real sets have some, which then score 0.
    usable = tuple(answer for answer in answers if answer_tokens(answer, "und")) or answers
    return Question(name, line.text("text"), language, True, (usable,) if usable else ())


def _unanswerable(name: str, line: Line, language: str) -> Question:
    reason = RefusalReason.NOT_IN_CORPUS
    return Question(name, line.text("text"), language, False, reason=reason)


def _language(folder: Path, documents: tuple[PlainDocument, ...]) -> str:
    """What ``meta.json`` says, else the language of a sample of the documents."""
    path = folder / "meta.json"
    if path.is_file():
        try:
            said = json.loads(read_text(path)).get("language")
        except (ValueError, AttributeError) as error:
            raise InputError(f"{path} is no JSON object.", about=str(path), hint=HINT) from error
        if isinstance(said, str) and said:
            return said
    sample = documents[:: max(1, len(documents) // _SAMPLED)][:_SAMPLED]
    return detect_language("\n".join(document.text[:_WORDS] for document in sample))


def _check_names(corpus: Mapping[str, Line]) -> None:
    """Two names that mean one address would be one document of the corpus."""
    seen: dict[str, str] = {}
    for name, line in corpus.items():
        if (other := seen.setdefault(document_id(Kind.DOCUMENT, name), name)) != name:
            raise line.wrong(f"the _id {name!r} is the same address as {other!r}")


def _check_qrels(
    path: Path, qrels: Qrels, queries: Mapping[str, Line], corpus: Mapping[str, Line]
) -> None:
    for query, judged in qrels.items():
        unknown = [name for name in judged if name not in corpus]
        if query not in queries or unknown:
            what = f"the document {unknown[0]!r}" if unknown else f"the query {query!r}"
            raise InputError(
                f"{path} judges {what}, which is not there.", about=str(path), hint=HINT
            )
