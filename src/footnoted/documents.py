"""The JSON documents by their keys and types, for those who check theirs: ``AnswerDocument``…

These are the documents of the command line (``--json``), of the HTTP API, whose OpenAPI describes
them so, and of Python. Dates are ISO 8601, as precise as they are
known; instants are UTC. Offsets are code points, half open. An empty list is never ``None``.
"""

from __future__ import annotations

from typing import (
    Any,
    Literal,
    NotRequired,  # those of Python 3.11 say too little
    TypeAlias,
)

from typing_extensions import TypedDict

Verdict: TypeAlias = Literal[
    "supported", "partly_supported", "not_found", "contradicted", "source_unreadable", "uncited"
]


class Document(TypedDict):
    """A JSON object that has its keys and no others."""


# How pydantic is told (docs.pydantic.dev, "TypedDict"); in the class it would be one of its keys.
Document.__pydantic_config__ = {"extra": "forbid"}  # type: ignore[attr-defined]


class ArticleName(Document):
    """Which article a corpus is of; answers carry its licence and revision."""

    title: str
    url: str | None
    revision: str | None
    licence: str | None


class CorpusName(Document):
    """The corpus, its revision and the index generation that a document was made from."""

    id: str
    name: str
    revision: str
    generation: str | None
    article: ArticleName | None


class CorpusState(CorpusName):
    """A corpus as it stands; a server says in ``problem`` why it cannot be asked, or ``None``."""

    problem: NotRequired[str | None]


class CorpusEntry(CorpusState):
    """A corpus that a server answers from; ``problem`` says why it cannot, where it cannot."""

    default: bool


class Corpora(Document):
    """What a server answers from; ``default`` answers requests that name no corpus."""

    default: str | None
    corpora: list[CorpusEntry]


class Footnote(Document):
    """A footnote of a cited sentence of the article, read or not."""

    reference_id: str
    label: str
    group: str
    csl: dict[str, Any]
    url: str | None
    archive_url: str | None
    access: str
    identity: str
    document_id: str | None


class Citation(Document):
    """Where a quote stands: ``text[start:end]`` of the text with this hash is ``quote``.

    ``answer_start`` and ``answer_end`` say where the quote stands in the answer's text, and are
    ``None`` where no statement repeats it.
    """

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


class Signals(Document):
    """The scores of each ranker; ``None`` where one did not see the passage."""

    dense: float | None
    bm25: float | None
    maxsim: float | None
    rerank: float | None


class Match(Document):
    """A word of the query, and the word of the passage that matches it."""

    query: str
    passage: str
    start: int
    end: int
    cosine: float


class Passage(Document):
    """A passage that was found, with its citation; higher scores are better."""

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


class Corroboration(Document):
    """How many sources a statement's sentence cites, and what became of them."""

    cited: int
    readable: int
    supporting: int
    independent: int
    digests: int


class Statement(Document):
    """A sentence of the answer, verbatim; ``span`` is the shortest part of it that answers."""

    text: str
    span: str | None
    citations: list[int]
    corroboration: Corroboration


class WrittenSentence(Document):
    """A sentence that a chat endpoint wrote and its quotes support."""

    text: str
    citations: list[int]
    start: int
    end: int


class Written(Document):
    """What a chat endpoint wrote, as far as the quotes support it."""

    text: str
    sentences: list[WrittenSentence]
    model: str
    dropped: int


class Coverage(Document):
    """How many references the article has, and how many were read or have a digest."""

    references: int
    readable: int
    digests: int


class AnswerDocument(Document):
    """A cited answer, or a refusal with its reason; ``passages`` are the nearest ones found."""

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
    written: NotRequired[Written | None]


class SearchDocument(Document):
    """The passages nearest to a query."""

    query: str
    passages: list[Passage]
    citations: list[Citation]
    notes: list[str]
    corpus: CorpusName


class SentenceSpan(Document):
    """A sentence of a passage: ``text[start:end]`` of it."""

    start: int
    end: int


class PassageDocument(Document):
    """One passage with the words around it; ``moved`` where its text stands elsewhere now."""

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
    """A reference of the article and what became of it, with the reason in words."""

    text: str
    reason: str
    characters: int
    captured_at: str | None


class SourceCounts(Coverage):
    """The references by their access."""

    access: dict[str, int]


class SourcesDocument(Document):
    """Every reference of the article; none is left out."""

    references: list[Source]
    counts: SourceCounts


class StateThen(Document):
    """What became of a reference at one revision of the corpus."""

    revision: str
    published_at: str
    access: str
    identity: str
    reason: str
    document_id: str | None
    characters: int
    captured_at: str | None


class CaptureMetadata(Document):
    """One response, or one supplied file, that was kept of a source."""

    sha256: str
    url: str
    final_url: str
    status: int
    media_type: str
    fetched_at: str
    size: int
    origin: Literal["live", "archive", "supplied"]


class SourceDocument(Source):
    """One reference with its states and its captures, the newest first."""

    urls: list[str]
    quote: str | None
    claims: list[str]
    history: list[StateThen]
    captures: list[CaptureMetadata]


class Claim(Document):
    """A sentence or infobox value of the article, with its footnote signs."""

    id: str
    text: str
    start: int
    end: int
    label: str | None
    markers: list[str]
    reference_ids: list[str]
    flags: list[str]


class ArticleDocument(Document):
    """The article's text and its claims: ``text[claim["start"]:claim["end"]]``."""

    title: str
    url: str | None
    revision: str | None
    language: str
    licence: str | None
    form: str
    text: str
    claims: list[Claim]
    counts: dict[str, int]


class Missing(Document):
    """What a claim says and its source does not."""

    numbers: list[str]
    dates: list[str]
    names: list[str]


class Disagreement(Document):
    """Where a source says another number, date, name or credit than the claim."""

    kind: str
    claim: str
    source: str
    in_words: str


class ClaimEvidence(Document):
    """What one cited source says of a claim."""

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


class ClaimDocument(Document):
    """A claim of the article with a program's verdict on it, and each source that it cites."""

    id: str
    text: str
    start: int
    end: int
    markers: list[str]
    verdict: Verdict
    score: float | None
    missing: Missing
    evidence: list[ClaimEvidence]


class Scored(Document):
    """Of the claims scored ``below``, and no lower than those before, how many were supported."""

    below: float
    claims: int
    supported: int


class Accuracy(Document):
    """How often such verdicts were right where people had judged, in numbers and in words."""

    measured_on: str
    claims: int
    verdict_accuracy: float
    verdict_f1: float
    supported_said: int
    supported_right: int
    supported_in_part: int
    scores: list[Scored]
    in_words: str


class AuditDocument(Document):
    """Every claim of the article with its verdict, and how often such verdicts were right."""

    claims: list[ClaimDocument]
    counts: dict[str, int]
    accuracy: Accuracy
    corpus: CorpusName


class Failure(Document):
    """What failed a check, and how."""

    id: str
    problem: str


class Check(Document):
    """One invariant: how many things were looked at, and which failed."""

    name: str
    checked: int
    not_rechecked: int
    failed: list[Failure]


class ChecksDocument(Document):
    """The invariants of a corpus and its index, each with what failed it."""

    ok: bool
    checks: list[Check]


class VerifyDocument(ChecksDocument):
    """Whether a citation still means the words it was made of, and these words."""

    citation_id: str
    status: Literal["current", "superseded"]
    quote: str
    text_sha256: str
