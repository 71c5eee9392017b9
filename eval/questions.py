"""The eval set: one question a line (JSONL), with its answers, its evidence and its references.

::

    {"id": "d001", "question": "…", "language": "en", "answerable": true,
     "answers": ["three", "3"],                  or, for a list: "answers_all": [["a", "A"], ["b"]]
     "evidence": [{"document": "article", "quote": "verbatim words"}],
     "references": ["7", "note:a"], "tags": ["fact"]}
    {"id": "d002", "question": "…", "language": "en", "answerable": false,
     "reason": "not_in_corpus"}

``answers`` are alternatives; each group of ``answers_all`` needs one match. ``references`` are
the footnotes that a good answer cites. The file says nothing of passages: the qrels come from
the quotes, so that another way of cutting texts is scored by the same set.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from footnoted.domain import RefusalReason, Span
from footnoted.errors import InputError, UnreadableFile
from footnoted.eval.corpus_texts import ARTICLE, CorpusTexts
from footnoted.eval.tokens import answer_tokens, contains_answer
from footnoted.ingest.normalise import normalise

_REQUIRED = ("id", "question", "language", "answerable")
_OF_ANSWERABLE = ("answers", "answers_all", "evidence", "references")
_KEYS = frozenset({*_REQUIRED, *_OF_ANSWERABLE, "reason", "tags"})


@dataclass(frozen=True, slots=True)
class Evidence:
    """Verbatim words that answer, and the name of the document in which they stand."""

    document: str
    quote: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question and what a right answer is.

    ``answers`` are groups of alternatives: one group, or one for each item of a list.
    """

    question_id: str
    text: str
    language: str
    answerable: bool
    answers: tuple[tuple[str, ...], ...] = ()
    evidence: tuple[Evidence, ...] = ()
    references: tuple[str, ...] = ()
    reason: RefusalReason | None = None
    tags: tuple[str, ...] = ()


def load_questions(path: Path) -> tuple[Question, ...]:
    """The questions of an eval set, in the order of the file; blank lines do not count.

    Raises ``InputError`` with file, line and fault; ``UnreadableFile`` when there is no such text.
    """
    questions: list[Question] = []
    taken: dict[str, int] = {}
    for number, line in _lines(path):
        try:
            question = _question(json.loads(line, object_pairs_hook=_without_repeats))
            for what, name in (("id", question.question_id), ("question", question.text)):
                if (first := taken.setdefault(f"{what}:{name}", number)) != number:
                    raise ValueError(f"the {what} {name!r} already stands on line {first}")
        except (ValueError, RecursionError) as error:
            raise InputError(
                f"{path}, line {number}: {error}.",
                about=f"{path}:{number}",
                hint="Mend that line; the head of footnoted/eval/questions.py shows the format.",
            ) from error
        questions.append(question)
    if not questions:
        raise InputError(
            f"{path} holds no question.", about=str(path), hint="Write one JSON object a line."
        )
    return tuple(questions)


def evidence_spans(evidence: Evidence, texts: CorpusTexts) -> tuple[Span, ...]:
    """Every place at which the quote stands in its document; ``InputError`` when there is none."""
    spans = tuple(_occurrences(texts.document(evidence.document).text, evidence.quote))
    if not spans:
        raise InputError(
            f"The document {evidence.document!r} does not hold the words {evidence.quote!r}.",
            about=evidence.document,
            hint="The eval set belongs to another revision of the corpus; mend the quote.",
        )
    return spans


def check_questions(questions: Sequence[Question], texts: CorpusTexts) -> list[str]:
    """What an eval set and a corpus disagree on, one sentence a problem; empty when they agree.

    Every quote must stand in its document, one alternative of each answer group in a quote, and
    every expected reference must belong to the evidence: as a footnote of a claim that a quote
    overlaps, or as the source that is quoted.
    """
    return [
        f"{question.question_id}: {problem}"
        for question in questions
        for check in (_quote_problems, _answer_problems, _reference_problems)
        for problem in check(question, texts)
    ]


def _quote_problems(question: Question, texts: CorpusTexts) -> Iterator[str]:
    for evidence in question.evidence:
        document = texts.documents.get(evidence.document)
        if document is None:
            yield f"the corpus has no document {evidence.document!r}"
        elif evidence.quote not in document.text:
            close = normalise(evidence.quote) in document.text
            why = "only after normalisation (spaces, NFC, invisible characters)" if close else "not"
            yield f"the quote {evidence.quote!r} is {why} in {evidence.document!r}"


def _answer_problems(question: Question, texts: CorpusTexts) -> Iterator[str]:  # noqa: ARG001
    for group in question.answers:
        quotes = [evidence.quote for evidence in question.evidence]
        if not any(contains_answer(q, a, question.language) for q in quotes for a in group):
            yield f"no evidence quote holds {' or '.join(map(repr, group))}"


def _reference_problems(question: Question, texts: CorpusTexts) -> Iterator[str]:
    supported = _supported_references(question, texts)
    for name in question.references:
        reference_id = texts.reference_names.get(name)
        if reference_id is None:
            yield f"the article has no reference {name!r}"
        elif reference_id not in supported:
            yield f"reference {name!r} neither stands at a quoted sentence nor is a quoted source"


def _supported_references(question: Question, texts: CorpusTexts) -> set[str]:
    article = texts.documents.get(ARTICLE)
    supported: set[str] = set()
    for evidence in question.evidence:
        document = texts.documents.get(evidence.document)
        if document is None:
            continue
        supported |= texts.document_references.get(document.document_id, frozenset())
        if article is not None and document.document_id == article.document_id:
            for span in _occurrences(document.text, evidence.quote):
                for claim in texts.claims:
                    if claim.start < span.end and span.start < claim.end:
                        supported.update(claim.references)
    return supported


def _occurrences(text: str, quote: str) -> Iterator[Span]:
    start = text.find(quote)
    while start >= 0:
        yield Span(start, start + len(quote))
        start = text.find(quote, start + 1)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(
            f"The eval set {path} cannot be read: {error}.",
            about=str(path),
            hint="Name a JSONL file in UTF-8.",
        ) from error
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield number, line


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {next(k for k in keys if keys.count(k) > 1)!r} stands twice")
    return fields


def _question(fields: object) -> Question:
    if not isinstance(fields, dict):
        raise ValueError("a question is a JSON object")
    if unknown := sorted(fields.keys() - _KEYS):
        raise ValueError(f"unknown key {unknown[0]!r}")
    if missing := [key for key in _REQUIRED if key not in fields]:
        raise ValueError(f"the key {missing[0]!r} is missing")
    if not isinstance(fields["answerable"], bool):
        raise ValueError("'answerable' is true or false")
    _check_rules(fields)
    return Question(
        question_id=_text(fields["id"], "id"),
        text=_text(fields["question"], "question"),
        language=_text(fields["language"], "language"),
        answerable=fields["answerable"],
        answers=_answer_groups(fields),
        evidence=tuple(_evidence(item) for item in _items(fields.get("evidence", []), "evidence")),
        references=_texts(fields.get("references", []), "references"),
        reason=RefusalReason(fields["reason"]) if "reason" in fields else None,
        tags=_texts(fields.get("tags", []), "tags"),
    )


def _check_rules(fields: dict[str, Any]) -> None:
    """What an answerable and an unanswerable question must and must not say."""
    if not fields["answerable"]:
        if wrong := [key for key in _OF_ANSWERABLE if key in fields]:
            raise ValueError(f"an unanswerable question has no {wrong[0]!r}")
        if fields.get("reason") not in list(RefusalReason):
            raise ValueError(f"'reason' of an unanswerable question is {', '.join(RefusalReason)}")
        return
    if "reason" in fields:
        raise ValueError("an answerable question has no 'reason'")
    if ("answers" in fields) == ("answers_all" in fields):
        raise ValueError("an answerable question has either 'answers' or 'answers_all'")
    if not fields.get("evidence"):
        raise ValueError("an answerable question needs 'evidence'")


def _answer_groups(fields: dict[str, Any]) -> tuple[tuple[str, ...], ...]:
    if not fields["answerable"]:
        return ()
    single = "answers" in fields
    name = "answers" if single else "answers_all"
    listed = [fields[name]] if single else _items(fields[name], name)
    groups = tuple(_texts(group, name) for group in listed)
    if not groups or not all(groups):
        raise ValueError(f"{name!r} is empty, or has an empty group")
    for answer in (answer for group in groups for answer in group):
        if not answer_tokens(answer, "und"):
            raise ValueError(f"the answer {answer!r} has no letter or digit")
    return groups


def _evidence(item: object) -> Evidence:
    if not isinstance(item, dict) or item.keys() != {"document", "quote"}:
        raise ValueError("each item of 'evidence' has the keys 'document' and 'quote', no others")
    return Evidence(_text(item["document"], "document"), _text(item["quote"], "quote"))


def _items(value: object, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"{name!r} is a list")
    return value


def _texts(value: object, name: str) -> tuple[str, ...]:
    texts = tuple(_text(item, name) for item in _items(value, name))
    if len(set(texts)) < len(texts):
        raise ValueError(f"{name!r} holds the same twice")
    return texts


def _text(value: object, name: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{name!r} is text that is not empty")
    return value
