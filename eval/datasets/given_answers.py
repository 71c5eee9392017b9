"""Answer documents to a dataset's queries that were made elsewhere, by us or by another system.

Their citations may name documents by the set's own ids or by those of our corpus.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from footnoted.domain import Json
from footnoted.eval.answer_documents import load_answers, read_answer
from footnoted.eval.datasets.rankings import of_documents
from footnoted.eval.measures import Run
from footnoted.eval.questions import Question


def load_given(
    path: Path, questions: Sequence[Question], name_of: Mapping[str, str]
) -> dict[str, Json]:
    """The answer documents of a file by query id, each checked; what they cite has our ids.

    ``name_of`` is the set's name of each of our document ids.
    """
    documents = load_answers(path, questions)
    for question_id, document in documents.items():
        read_answer(question_id, document)
    return {key: _with_our_ids(document, name_of) for key, document in documents.items()}


def run_of_given(documents: Mapping[str, Json], name_of: Mapping[str, str]) -> Run:
    """The documents that answers made elsewhere show, named by our ids or by the set's own."""
    run = {}
    for question_id, document in documents.items():
        answer = read_answer(question_id, document)
        named = {
            p.passage_id: name_of.get(p.citation.document_id, p.citation.document_id)
            if p.citation is not None
            else p.passage_id
            for p in answer.passages
        }
        ranked = ((p.passage_id, p.score) for p in answer.passages)
        run[question_id] = of_documents(ranked, named)
    return run


def _with_our_ids(document: Mapping[str, Any], name_of: Mapping[str, str]) -> Json:
    """The answer document whose citations name the set's documents as our corpus does."""
    id_of = {name: key for key, name in name_of.items()}

    def renamed(citation: Mapping[str, Any]) -> Json:
        name = citation.get("document_id")
        return {**citation, "document_id": id_of.get(str(name), name)}

    return {
        **document,
        "citations": [renamed(citation) for citation in document["citations"]],
        "passages": [
            {**p, "citation": renamed(p["citation"])} if p.get("citation") else p
            for p in document["passages"]
        ],
    }
