"""A small corpus in memory, for what a real one never holds: hostile words and every state."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace

import pytest
from fastapi.testclient import TestClient

from footnoted import ids
from footnoted.domain import (
    Access,
    Answer,
    Article,
    Caveat,
    Citation,
    CitedPassage,
    CitedReference,
    Claim,
    Corroboration,
    Coverage,
    Hit,
    Identity,
    Kind,
    Marker,
    Passage,
    Reference,
    Refusal,
    RefusalReason,
    Signals,
    SourceState,
    Span,
    Statement,
)
from footnoted.errors import DiskFull, NotFound, QuestionError
from footnoted.service import documents
from footnoted.service.app import create_app
from footnoted.service.asking import Step
from footnoted.service.exporting.formats import written

QUOTE = "The bridge fell in 1931 <b>& nobody</b> was hurt."
TEXT = f"A town on a river. {QUOTE} It was rebuilt. "
ARABIC = "بنى المهندس الجسر الجديد سنة 1934."
HOSTILE_TITLE = "<img src=x onerror=alert(1)> \u202egnp.exe"


def reference(label: str, access: Access, identity: Identity, url: str | None) -> CitedReference:
    csl = {
        "title": f"Flood report {label}",
        "author": [{"given": "Ada", "family": "Moss"}, {"literal": "River Board"}],
        "publisher": "Gazette",
        "issued": {"date-parts": [[1931, 4, 2]]},
    }
    if access is Access.URL_UNKNOWN:
        csl = {}
    item = Reference(f"ref{label}", label, "", f"Printed text {label}", csl, (url,) if url else ())
    return CitedReference(item, SourceState(item.reference_id, access, identity, "Because."))


REFERENCES = (
    reference("7", Access.FETCHED, Identity.EXACT, "https://example.org/flood"),
    reference("8", Access.NOT_ATTEMPTED, Identity.DIGEST, "javascript:alert(1)"),
    reference("a", Access.DEAD, Identity.UNVERIFIED, None),
    reference("9", Access.URL_UNKNOWN, Identity.UNVERIFIED, "https://user@evil.example/"),
)


def cited(text: str, span: Span, kind: Kind = Kind.ARTICLE, **changes: object) -> Citation:
    sha256 = ids.text_sha256(text)
    values: dict[str, object] = {
        "citation_id": ids.citation_id("0123456789abcdef", sha256, span),
        "number": 1,
        "kind": kind,
        "label": None,
        "title": HOSTILE_TITLE,
        "csl": {"title": HOSTILE_TITLE, "language": "en"},
        "url": "https://example.org/article",
        "archive_url": "https://archive.example/1",
        "fragment_url": None,
        "quote": span.of(text),
        "span": span,
        "document_id": "0123456789abcdef",
        "text_sha256": sha256,
        "capture_sha256": None,
        "captured_at": "2024-02-03T04:05:06Z",
        "access": Access.SUPPLIED,
        "identity": Identity.EXACT,
        "references": REFERENCES if kind is Kind.ARTICLE else (),
    }
    return Citation(**(values | changes))  # type: ignore[arg-type]


def passage(citation: Citation, rank: int) -> CitedPassage:
    found = Passage(f"p{rank}", citation.document_id, citation.span, ("Town", "Flood"), ())
    return CitedPassage(Hit(found, 0.9 / rank, rank, Signals(bm25=2.5)), citation.quote, citation)


@dataclass
class StandIn:
    """Answers about the bridge, refuses the rest, and fails on demand."""

    damaged: bool = False

    @property
    def corpus(self) -> SimpleNamespace:
        span = Span(TEXT.index(QUOTE), TEXT.index(QUOTE) + len(QUOTE))
        markers = tuple(
            Marker(span.end, r.reference.label, "", (r.reference.reference_id,)) for r in REFERENCES
        )
        article = Article(
            title="A town",
            url="https://example.org/town",
            language="en",
            text=TEXT,
            sections=(),
            markers=markers,
            claims=(Claim("c1", span, QUOTE, markers),),
            references=tuple(r.reference for r in REFERENCES),
            form="plain",
            revision_id="77",
            licence="CC BY-SA 4.0",
        )
        return SimpleNamespace(
            article=article,
            info=SimpleNamespace(corpus_id="corpus-1", corpus_name="inside", revision_id="r1"),
            coverage=Coverage(references=4, readable=1, digests=1),
            references={r.reference.reference_id: r.reference for r in REFERENCES},
            states={r.reference.reference_id: r.state for r in REFERENCES},
        )

    def ask(self, question, k=None, only=None, reference=None, **_):
        if question == "crash":
            raise RuntimeError("secret internals at /srv/secret")
        if not question.strip():
            raise QuestionError("The question is empty.", hint="Ask something.")
        start = TEXT.index(QUOTE)
        around = passage(cited(TEXT, Span(0, len(TEXT) - 1)), 1)
        digest = cited(
            ARABIC,
            Span(0, len(ARABIC)),
            Kind.SOURCE,
            number=2,
            label="8",
            title="الجسر",
            csl={"title": "الجسر", "language": "ar"},
            identity=Identity.DIGEST,
            url="javascript:alert(2)",
            archive_url=None,
        )
        if "bridge" not in question:
            result = Refusal(question, RefusalReason.NOT_IN_CORPUS, 0.2, (around,))
        else:
            quote = cited(TEXT, Span(start, start + len(QUOTE)), answer=Span(0, len(QUOTE)))
            result = Answer(
                question,
                (
                    Statement(QUOTE, (1,), "1931", Corroboration(4, 1, 1, 1, 1)),
                    Statement(ARABIC, (2,)),
                ),
                (quote, digest),
                (around, passage(digest, 2)),
                0.93,
                (Caveat.DIGEST_ONLY,),
            )
        document = documents.answer_document(result, self.corpus, "g1", {"retrieve": 1.0})
        return document | {"timings_ms": {"k": k or 0, "filters": len(f"{only}{reference}")}}

    def search(self, query, *_):
        found = [passage(cited(TEXT, Span(0, len(TEXT) - 1)), 1)]
        return documents.search_document(query, found, self.corpus, "g1")

    def sources(self):
        return documents.sources_document(self.corpus)

    def article(self):
        return documents.article_document(self.corpus.article)

    def passage(self, passage_id):
        if passage_id != "p1":
            raise NotFound(f"No passage has the id {passage_id}.", about=passage_id)
        found = passage(cited(TEXT, Span(0, len(TEXT) - 1)), 1)
        return documents.single_passage_document(
            found.hit.passage, found.citation, "", "", moved=False
        )

    edition = "edition-1"

    @contextmanager
    def held(self):
        yield self

    def ask_in_steps(self, question, *values, **named):
        document = self.ask(question, *values, **named)
        yield Step("passages", {key: document[key] for key in ("question", "passages", "corpus")})
        yield Step("statements", {key: document[key] for key in ("status", "statements")})
        yield Step("answer", document)

    def source(self, reference_id):
        raise NotFound(f"No reference has the id {reference_id}.", about=reference_id)

    def capture(self, sha256):
        raise NotFound(f"This corpus has no capture {sha256}.", about=sha256)

    def export(self, format="csl-json", **_):  # noqa: A002 - the name of the parameter
        works = [{"id": "ref7", "type": "document", "title": HOSTILE_TITLE}]
        return written(works, format)

    def claim(self, claim_id):
        raise NotFound(f"No claim has the id {claim_id}.", about=claim_id)

    def verify(self, citation_id=None):
        raise NotFound(f"{citation_id!r} is not a citation id.", about=citation_id)

    def load(self):
        if self.damaged:
            raise DiskFull("No space left for the index.", hint="Free some space.")

    def info(self):
        return documents.corpus_document(self.corpus, None)


@pytest.fixture
def standin():
    """Makes in-memory corpora."""
    return StandIn


@pytest.fixture(scope="session")
def client():
    """A client of the application with two in-memory corpora, ``town`` and ``other``."""
    app = create_app({"town": StandIn(), "other": StandIn()})
    return TestClient(app, base_url="http://localhost", raise_server_exceptions=False)
