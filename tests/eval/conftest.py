"""A made-up corpus, an eval set on it and answer documents, good and spoiled on purpose."""

from __future__ import annotations

import copy
from types import SimpleNamespace

import pytest

from footnoted.eval.corpus_texts import (
    CorpusClaim,
    CorpusDocument,
    CorpusReference,
    collect_texts,
)
from footnoted.eval.questions import Evidence, Question
from footnoted.eval.runs import PassageSpan, qrels_from_evidence
from footnoted.ids import text_sha256

FACTS = [  # the sentence, its answer, its footnote
    ("The Skerry Light was lit in 1884.", "1884", "1"),
    ("It carries three lamps.", "three", "2"),
    ("Its first keeper was Ada Holm.", "Ada Holm", "3"),
    ("The tower stands 41 metres tall.", "41 metres", "4"),
    ("Granite from Bohus was used.", "Granite", "5"),
    ("A storm broke the lens in 1901 😀.", "1901", "6"),
    ("The horn was sold to Oslo.", "Oslo", "7"),
    ("Seals rest on the southern rock.", "Seals", "a"),
]
REASONS = ["not_in_corpus", "false_premise", "sources_unreadable", "incomplete_question"]


def article() -> tuple[str, list[tuple[int, int]]]:
    text, spans = "", []
    for sentence, _, _ in FACTS:
        spans.append((len(text), len(text) + len(sentence)))
        text += sentence + " "
    return text.strip(), spans


TEXT, SPANS = article()
SOURCE = "From the harbour log. The keeper Ada Holm came in spring. More follows here."


def texts():
    documents = {"article": CorpusDocument("doc-a", TEXT), "doc-3": CorpusDocument("doc-3", SOURCE)}
    references = [
        CorpusReference(f"ref-{label}", label, "note" if label == "a" else "", None)
        for _, _, label in FACTS
    ]
    references[2] = references[2]._replace(document_id="doc-3")
    claims = [
        CorpusClaim(start, end, (label,))
        for (start, end), (_, _, label) in zip(SPANS, FACTS, strict=True)
    ]
    return collect_texts(documents, claims, references)


def questions() -> list[Question]:
    asked = [
        Question(
            question_id=f"a{i}",
            text=f"Made-up question number {i}?",
            language="en",
            answerable=True,
            answers=((answer,),),
            evidence=(Evidence("article", sentence),),
            references=("note:a" if label == "a" else label,),
            tags=("fact", "early" if i < 4 else "late"),
        )
        for i, (sentence, answer, label) in enumerate(FACTS)
    ]
    return asked + [
        Question(f"u{i}", f"Unanswerable {i}?", "en", False, reason=reason, tags=("none",))
        for i, reason in enumerate(REASONS)
    ]


def citation(i: int, number: int = 1) -> dict:
    start, end = SPANS[i]
    label = FACTS[i][2]
    group = "note" if label == "a" else ""
    return {
        "citation_id": f"c{i}", "number": number, "kind": "article", "label": label,
        "document_id": "doc-a", "text_sha256": text_sha256(TEXT), "start": start, "end": end,
        "quote": TEXT[start:end],
        "references": [{"reference_id": f"ref-{label}", "label": label, "group": group}],
    }  # fmt: skip


def passages(order: list[int]) -> list[dict]:
    return [
        {"id": f"p{i}", "rank": rank, "score": 1 - rank / 20, "citation": citation(i)}
        for rank, i in enumerate(order, start=1)
    ]


def answer(i: int, confidence: float) -> dict:
    sentence, span, _ = FACTS[i]
    order = [i, *(j for j in range(len(FACTS)) if j != i)]
    return {
        "question": f"Made-up question number {i}?", "status": "answered", "reason": None,
        "confidence": confidence, "passages": passages(order), "citations": [citation(i)],
        "statements": [{"text": sentence, "span": span, "citations": [1]}],
        "corpus": {"generation": "g1"},
    }  # fmt: skip


def refusal(reason: str, confidence: float) -> dict:
    return {
        "question": "?", "status": "refused", "reason": reason, "confidence": confidence,
        "passages": passages(list(range(8))), "citations": [], "statements": [],
        "corpus": {"generation": "g1"},
    }  # fmt: skip


@pytest.fixture
def world() -> SimpleNamespace:
    """``questions``, ``documents`` (all right), ``qrels``, ``texts``, ``passages`` and builders."""
    asked, known = questions(), texts()
    spans = [PassageSpan(f"p{i}", "article", *span) for i, span in enumerate(SPANS)]
    documents = {f"a{i}": answer(i, 0.9 + i / 100) for i in range(len(FACTS))}
    documents |= {f"u{i}": refusal(r, 0.1 + i / 100) for i, r in enumerate(REASONS)}
    return SimpleNamespace(
        questions=asked,
        documents=copy.deepcopy(documents),
        texts=known,
        passages=spans,
        qrels=qrels_from_evidence(asked, spans, known),
        answer=answer,
        refusal=refusal,
        citation=citation,
        article_text=TEXT,
        source_text=SOURCE,
        facts=FACTS,
    )
