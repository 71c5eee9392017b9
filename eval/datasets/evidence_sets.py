"""The sentences that ``evidence.jsonl`` marks as evidence, placed in the texts of the corpus.

Two forms: ``corpus_id`` with the document's ``sentences`` (or ``evidence``) and
``supporting_sentences``, lists of their numbers of which any one suffices (WiCE, CLAPnq); and
``sources`` with ``quoted``, pairs of a source's number and the words taken from it (QuoteSum;
Schuster et al. 2024), where each annotator's line is a set and each quotation a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from footnoted.domain import Document, Kind
from footnoted.eval.datasets.beir import BeirSet
from footnoted.eval.datasets.kinds import EVIDENCE
from footnoted.eval.datasets.lines import Line, read_lines
from footnoted.eval.evidence import GoldSet, MarkedDocument, locate
from footnoted.ids import document_id
from footnoted.ingest.normalise import normalise, normalise_line

_QUOTED = re.compile(r"\[\s*\d+\s+([^\[\]]*?)\s*\]")


class MarkedEvidence(NamedTuple):
    """What is marked for one query: documents with sentences, by id, and the sets that suffice."""

    documents: Mapping[str, MarkedDocument]
    sets: tuple[GoldSet, ...]


def load_evidence(dataset: BeirSet, documents: Mapping[str, Document]) -> dict[str, MarkedEvidence]:
    """Query id to what is marked for it; queries for which nothing is marked are left out.

    ``documents`` are the corpus's, by id. Raises ``InputError``, with the line, for an unknown
    query or document and for a sentence's number that is too high.
    """
    path = dataset.folder / EVIDENCE
    if not path.is_file():
        return {}
    found: dict[str, MarkedEvidence] = {}
    for line in read_lines(path):
        if "supporting_sentences" in line.fields:
            marked = _numbered(line, documents)
        elif "quoted" in line.fields:
            marked = _quoted(line, documents, found.get(line.text("query_id")))
        else:
            continue
        query = line.text("query_id")
        if query not in dataset.lines:
            raise line.wrong(f"there is no query {query!r}")
        if marked.sets:
            found[query] = marked
    return found


def without_source_numbers(answer: str) -> str:
    """An answer that marks its quotations, ``[ 2 words ]``, as a reader would write it."""
    return _QUOTED.sub(r"\1", answer)


def _numbered(line: Line, documents: Mapping[str, Document]) -> MarkedEvidence:
    name = line.text("corpus_id")
    sentences = line.texts("sentences" if "sentences" in line.fields else "evidence")
    sets = line.index_sets("supporting_sentences", len(sentences))
    document = _document(line, name, documents)
    spans = locate(document.text, [normalise_line(sentence) for sentence in sentences])
    key = document.document_id
    gold = tuple(frozenset((key, number) for number in numbers) for numbers in sets if numbers)
    return MarkedEvidence({key: MarkedDocument(key, spans)}, gold)


def _quoted(
    line: Line, documents: Mapping[str, Document], before: MarkedEvidence | None
) -> MarkedEvidence:
    marked = dict(before.documents) if before else {}
    gold = []
    for source, words in _pairs(line):
        document = _document(line, source, documents)
        known = marked.get(document.document_id, MarkedDocument(document.document_id, ()))
        spans = locate(document.text, [normalise(words)])
        if spans not in [(one,) for one in known.sentences]:
            known = known._replace(sentences=(*known.sentences, *spans))
        marked[document.document_id] = known
        gold.append((document.document_id, known.sentences.index(spans[0])))
    sets = before.sets if before else ()
    return MarkedEvidence(marked, (*sets, frozenset(gold)) if gold else sets)


def _pairs(line: Line) -> list[tuple[str, str]]:
    sources, quoted = line.fields.get("sources"), line.fields["quoted"]
    if not isinstance(sources, dict) or not isinstance(quoted, list):
        raise line.wrong("'sources' is an object and 'quoted' a list")
    pairs = []
    for item in quoted:
        if (
            not isinstance(item, list)
            or len(item) != 2
            or not all(isinstance(i, str) for i in item)
        ):
            raise line.wrong(f"{item!r} is no pair of a source's number and words")
        number, words = item
        if number in sources and words.strip():
            pairs.append((str(sources[number]), words))
    return pairs


def _document(line: Line, name: str, documents: Mapping[str, Document]) -> Document:
    document = documents.get(document_id(Kind.DOCUMENT, name))
    if document is None:
        raise line.wrong(f"the corpus has no document {name!r} with words")
    return document
