"""The shapes of what the HTTP API gives, for OpenAPI.

Nothing is validated against these: they describe the documents that
``footnoted.service.documents`` makes, and a test checks that they do so exactly.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict


class Shape(BaseModel):
    """A document with these keys and no others."""

    model_config = ConfigDict(extra="forbid")


class Problem(BaseModel):
    """A problem document (RFC 9457); ``errors`` names each invalid field."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    about: str | None = None
    hint: str | None = None
    errors: list[dict[str, str]] | None = None


class ArticleName(Shape):
    title: str
    url: str | None
    revision: str | None
    licence: str | None


class CorpusName(Shape):
    id: str
    name: str
    revision: str
    generation: str | None
    article: ArticleName | None


class CorpusEntry(CorpusName):
    default: bool
    problem: str | None = None


class Corpora(Shape):
    default: str | None
    corpora: list[CorpusEntry]


class Footnote(Shape):
    reference_id: str
    label: str
    group: str
    csl: dict[str, Any]
    url: str | None
    archive_url: str | None
    access: str
    identity: str
    document_id: str | None


class Citation(Shape):
    citation_id: str
    number: int
    kind: Literal["article", "source", "document"]
    label: str | None
    title: str
    authors: list[str]
    publisher: str | None
    published: str | None
    csl: dict[str, Any]
    url: str | None
    archive_url: str | None
    fragment_url: str | None
    quote: str
    language: str
    direction: Literal["ltr", "rtl"]
    page: int | None
    start: int
    end: int
    answer_start: int | None
    answer_end: int | None
    document_id: str
    text_sha256: str
    capture_sha256: str | None
    captured_at: str | None
    access: str
    identity: str
    references: list[Footnote]


class Missing(Shape):
    """What a claim says and its source does not, in the claim's words."""

    numbers: list[str]
    dates: list[str]
    names: list[str]


class Disagreement(Shape):
    """Where a source says another number, date or name than the claim."""

    kind: str
    claim: str
    source: str
    in_words: str


class ClaimEvidence(Shape):
    """What one cited source says of a claim; `digest`: by somebody's notes on it alone."""

    reference_id: str
    label: str
    csl: dict[str, Any]
    text: str
    access: str
    identity: str
    reason: str
    digest: bool
    other_language: bool
    verdict: str
    score: float | None
    missing: Missing
    conflicts: list[Disagreement]
    citation: Citation | None
    citations: list[Citation]


class ClaimDocument(Shape):
    """A claim of the article with the verdict on it: a program's guess, as `footnoted audit`."""

    id: str
    text: str
    start: int
    end: int
    markers: list[str]
    verdict: Literal[
        "supported",
        "partly_supported",
        "not_found",
        "contradicted",
        "source_unreadable",
        "uncited",
    ]
    score: float | None
    missing: Missing
    evidence: list[ClaimEvidence]


class Signals(Shape):
    dense: float | None
    bm25: float | None
    maxsim: float | None
    rerank: float | None


class Match(Shape):
    """A word of the query, and the word of the passage that matches it: `text[start:end]`."""

    query: str
    passage: str
    start: int
    end: int
    cosine: float


class Passage(Shape):
    """A passage; `duplicates` say the same further down, `duplicate_of` does further up."""

    id: str
    rank: int
    score: float
    text: str
    document_id: str
    heading: list[str]
    signals: Signals
    matches: list[Match]
    duplicates: list[str]
    duplicate_of: str | None
    citation: Citation


class Corroboration(Shape):
    cited: int
    readable: int
    supporting: int
    independent: int
    digests: int


class Statement(Shape):
    text: str
    span: str | None
    citations: list[int]
    corroboration: Corroboration


class WrittenSentence(Shape):
    """A sentence of a written text, `text[start:end]` of it; its marks follow."""

    text: str
    citations: list[int]
    start: int
    end: int


class Written(Shape):
    """What a chat endpoint wrote, as far as the quotes support it."""

    text: str
    sentences: list[WrittenSentence]
    model: str
    dropped: int


class Coverage(Shape):
    references: int
    readable: int
    digests: int


class AnswerDocument(Shape):
    """A cited answer, or a refusal with its reason; passages are the closest ones found.

    `written` is there when it was asked for, and null when nothing could be written.
    """

    question: str
    status: Literal["answered", "refused"]
    reason: str | None
    confidence: float
    caveats: list[str]
    answer: str
    statements: list[Statement]
    citations: list[Citation]
    passages: list[Passage]
    coverage: Coverage
    notes: list[str]
    corpus: CorpusName
    timings_ms: dict[str, float]
    written: Written | None = None


class SearchDocument(Shape):
    query: str
    passages: list[Passage]
    citations: list[Citation]
    notes: list[str]
    corpus: CorpusName


class SentenceSpan(Shape):
    start: int
    end: int


class PassageDocument(Shape):
    id: str
    status: Literal["current", "moved"]
    text: str
    before: str
    after: str
    document_id: str
    heading: list[str]
    sentences: list[SentenceSpan]
    citation: Citation


class Source(Footnote):
    text: str
    reason: str
    characters: int
    captured_at: str | None


class SourceCounts(Coverage):
    access: dict[str, int]


class SourcesDocument(Shape):
    references: list[Source]
    counts: SourceCounts


class Claim(Shape):
    id: str
    text: str
    start: int
    end: int
    label: str | None
    markers: list[str]
    reference_ids: list[str]
    flags: list[str]


class ArticleDocument(Shape):
    title: str
    url: str | None
    revision: str | None
    language: str
    licence: str | None
    form: str
    text: str
    claims: list[Claim]
    counts: dict[str, int]


class Failure(Shape):
    id: str
    problem: str


class Check(Shape):
    name: str
    checked: int
    not_rechecked: int
    failed: list[Failure]


class VerifyDocument(Shape):
    """Whether a citation still means the words it was made of, and these words."""

    ok: bool
    checks: list[Check]
    citation_id: str
    status: Literal["current", "superseded"]
    quote: str
    text_sha256: str


class Health(Shape):
    status: Literal["ok", "ready"]
