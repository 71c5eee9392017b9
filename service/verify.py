"""Checking a corpus's invariants, or one citation, without any model.

Each check is a function from a corpus to the problems that it found; ``verify`` runs them all.
The numbers are those of the design's list of invariants.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from footnoted import ids
from footnoted.domain import Kind
from footnoted.errors import (
    CorpusError,
    FootnotedError,
    InvariantBroken,
    NotFound,
)
from footnoted.index.backends import FILES, Backend
from footnoted.index.generations import check_generation
from footnoted.ingest.captures import CaptureStore
from footnoted.ingest.corpus import Corpus
from footnoted.ingest.extract import extract
from footnoted.ingest.folding import fold
from footnoted.service.citations import cite
from footnoted.service.directive_search import SearchedText, found_by
from footnoted.service.fragments import fragment_url, searchable
from footnoted.service.quoted_places import Page

if TYPE_CHECKING:  # 10 ms, for types alone
    from footnoted import documents


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with the thing of this id."""

    id: str
    problem: str


@dataclass(frozen=True, slots=True)
class Check:
    """How one invariant fared: how many things were looked at, and which failed.

    ``not_rechecked`` counts texts that another version of an extractor made.
    """

    name: str
    checked: int
    failed: tuple[Problem, ...] = ()
    not_rechecked: int = 0


def verify(corpus: Corpus, index: Path, backend: Backend = FILES) -> documents.ChecksDocument:
    """The ``verify`` document of a whole corpus; ``index`` is the folder of its generations."""
    checks = [check(corpus) for check in _CHECKS]
    checks.append(_index(corpus, index, backend))
    return _document(checks)


def verify_citation(corpus: Corpus, citation_id: str) -> documents.VerifyDocument:
    """The ``verify`` document of one citation id, with the words that it means.

    Raises ``NotFound`` for what is no citation id, or one of a text that this corpus never had.
    """
    try:
        cited = ids.parse_citation_id(citation_id)
    except ValueError as error:
        raise NotFound(
            f"{citation_id!r} is not a citation id.",
            about=citation_id,
            hint="Citation ids stand in every answer, as `citation_id`.",
        ) from error
    text = corpus.text_with_prefix(cited.document_id, cited.text_prefix)
    if text is None:
        raise NotFound(
            f"This corpus holds no text {cited.text_prefix}… of document {cited.document_id}.",
            about=citation_id,
            hint="It is another corpus's, or its source was forgotten: `footnoted corpora list`.",
        )
    failed = []
    if not ids.text_sha256(text).startswith(cited.text_prefix):
        failed.append(Problem(citation_id, "the stored text no longer hashes to its name"))
    if cited.span.end > len(text):
        failed.append(Problem(citation_id, f"the text has only {len(text)} characters"))
    document = corpus.documents.get(cited.document_id)
    current = document is not None and document.text_sha256.startswith(cited.text_prefix)
    return {
        **_document([Check("citation", 1, tuple(failed))]),
        "citation_id": citation_id,
        "status": "current" if current else "superseded",
        "quote": "" if failed else cited.span.of(text),
        "text_sha256": ids.text_sha256(text),
    }


def _document(checks: list[Check]) -> documents.ChecksDocument:
    return {
        "ok": not any(check.failed for check in checks),
        "checks": [
            {
                "name": check.name,
                "checked": check.checked,
                "not_rechecked": check.not_rechecked,
                "failed": [{"id": p.id, "problem": p.problem} for p in check.failed],
            }
            for check in checks
        ],
    }


def _texts(corpus: Corpus) -> Check:
    """2: a text is what its name says."""
    failed = [
        Problem(d.document_id, "its text does not hash to text_sha256")
        for d in corpus.documents.values()
        if ids.text_sha256(d.text) != d.text_sha256
    ]
    return Check("texts", len(corpus.documents), tuple(failed))


def _captures(corpus: Corpus) -> Check:
    """3: captured bytes hash to their name, and give the same text when extracted again."""
    store = CaptureStore(corpus.folder)
    failed, not_rechecked = [], 0
    for document_id, capture in corpus.captures.items():
        document = corpus.documents[document_id]
        try:
            body = store.read(capture)
        except (CorpusError, InvariantBroken) as error:
            failed.append(Problem(document_id, str(error)))
            continue
        if hashlib.sha256(body).hexdigest() != document.capture_sha256:
            failed.append(Problem(document_id, "its capture does not hash to capture_sha256"))
            continue
        try:
            again = extract(body, capture.media_type, capture.final_url)
        except FootnotedError as error:
            failed.append(Problem(document_id, f"it can no longer be extracted: {error}"))
            continue
        if again.extractor != document.extractor:
            not_rechecked += 1
        elif again.text != document.text:
            failed.append(Problem(document_id, "extracting its capture again gives another text"))
    return Check("captures", len(corpus.captures), tuple(failed), not_rechecked)


def _passages(corpus: Corpus) -> Check:
    """1, 2, 6: passages fit their text, keep their ids, and have a citation with a true quote."""
    failed: list[Problem] = []
    by_document: dict[str, list[str]] = {}
    for passage in corpus.passages.values():
        document = corpus.documents.get(passage.document_id)
        if document is None or passage.span.end > len(document.text):
            failed.append(Problem(passage.passage_id, "it lies outside its document's text"))
            continue
        words = passage.span.of(document.text)
        by_document.setdefault(passage.document_id, []).append(passage.passage_id)
        if any(
            not (passage.span.start <= s.start < s.end <= passage.span.end)
            for s in passage.sentences
        ):
            failed.append(Problem(passage.passage_id, "a sentence of it lies outside it"))
        try:
            quote = cite(corpus, document, passage.span, 1).quote
        except KeyError as error:
            failed.append(Problem(passage.passage_id, f"it cannot be cited: {error} is missing"))
            continue
        if quote != words:
            failed.append(Problem(passage.passage_id, "its citation quotes other words"))
    for document_id, found in by_document.items():
        text = corpus.documents[document_id].text
        spans = (corpus.passages[passage_id].span for passage_id in found)
        for passage_id, right in zip(
            found, ids.passage_ids(document_id, (s.of(text) for s in spans)), strict=True
        ):
            if passage_id != right:
                failed.append(Problem(passage_id, f"its id should be {right}"))
    return Check("passages", len(corpus.passages), tuple(failed))


def verify_fragments(corpus: Corpus) -> Check:
    """7: a browser that follows a passage's text directive finds the passage's words alone.

    ``checked`` counts the passages that have one.
    """
    failed: list[Problem] = []
    checked = 0
    for document_id, found in groupby(corpus.passages.values(), key=lambda p: p.document_id):
        document = corpus.documents[document_id]
        urls = [(p, fragment_url(corpus, document, p.span)) for p in found]
        with_url = [(passage, url) for passage, url in urls if url is not None]
        if not with_url or (text := searchable(corpus, document_id)) is None:
            continue
        page, searched = Page(text), SearchedText(text.text)
        checked += len(with_url)
        for passage, url in with_url:
            spans = found_by(searched, url.partition(":~:")[2])
            if fold(passage.span.of(document.text)) not in page.said(spans):
                failed.append(Problem(passage.passage_id, f"a browser finds other words at {url}"))
    return Check("fragments", checked, tuple(failed))


def _claims(corpus: Corpus) -> Check:
    """2, 6: claims stand in the article, keep their ids, and name references that exist."""
    article = corpus.article
    if article is None:
        return Check("claims", 0)
    failed = []
    owner = ids.document_id(Kind.ARTICLE, article.url or article.title)
    right_ids = ids.claim_ids(owner, (claim.text for claim in article.claims))
    for claim, right in zip(article.claims, right_ids, strict=True):
        if claim.claim_id != right:
            failed.append(Problem(claim.claim_id, f"its id should be {right}"))
        if claim.span.end > len(article.text):
            failed.append(Problem(claim.claim_id, "it lies outside the article's text"))
        elif claim.label is None and claim.span.of(article.text) != claim.text:
            failed.append(Problem(claim.claim_id, "the article has other words at its span"))
        failed += [
            Problem(claim.claim_id, f"it cites {reference_id}, which the article lacks")
            for reference_id in claim.reference_ids
            if reference_id not in corpus.references
        ]
    return Check("claims", len(article.claims), tuple(failed))


def _sources(corpus: Corpus) -> Check:
    """4: every reference has a state with a reason, and a readable one has its document."""
    failed = []
    for reference_id in corpus.references:
        state = corpus.states.get(reference_id)
        if state is None or not state.reason:
            failed.append(Problem(reference_id, "it has no state with a reason"))
        elif state.document_id is not None and state.document_id not in corpus.documents:
            failed.append(Problem(reference_id, f"its document {state.document_id} is missing"))
        elif state.readable and state.document_id is None:
            failed.append(Problem(reference_id, "it is readable but has no document"))
    return Check("sources", len(corpus.references), tuple(failed))


def _index(corpus: Corpus, index: Path, backend: Backend) -> Check:
    """5: the generation in use is whole, and holds this revision's passages and no others."""
    checked, problems = check_generation(
        index,
        corpus_id=corpus.info.corpus_id,
        revision_id=corpus.info.revision_id,
        passage_ids=list(corpus.passages),
        backend=backend,
    )
    return Check("index", checked, tuple(Problem(str(index), words) for words in problems))


_CHECKS: tuple[Callable[[Corpus], Check], ...] = (
    _texts,
    _captures,
    _passages,
    verify_fragments,
    _claims,
    _sources,
)
