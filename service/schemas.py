"""The shapes of what the HTTP API takes and gives, for OpenAPI.

Requests are validated against these. Responses are not: they are the documents that
``footnoted.service.documents`` makes, and a test checks that these shapes describe them exactly.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _encodable(text: str) -> str:
    # JSON can spell half a surrogate pair, which is no character and cannot be sent back.
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("not valid Unicode: it holds half a surrogate pair")
    return text


Words: TypeAlias = Annotated[str, AfterValidator(_encodable)]
Only: TypeAlias = Literal["article", "sources"]
Passages: TypeAlias = Annotated[int, Field(ge=1, le=100, description="How many passages to show.")]


class Shape(BaseModel):
    """A document with these keys and no others."""

    model_config = ConfigDict(extra="forbid")


class AskRequest(Shape):
    question: Annotated[Words, Field(description="The question, in plain words.")]
    k: Passages | None = None
    only: Annotated[
        Only | None, Field(description="Answer from the article alone, or from its sources alone.")
    ] = None
    reference: Annotated[
        Words | None, Field(description="Answer from this reference's source alone (an id).")
    ] = None
    corpus: Annotated[
        Words | None, Field(description="The corpus to ask; without it, the server's default.")
    ] = None


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


class Signals(Shape):
    dense: float | None
    bm25: float | None
    maxsim: float | None
    rerank: float | None


class Passage(Shape):
    id: str
    rank: int
    score: float
    text: str
    document_id: str
    heading: list[str]
    signals: Signals
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


class Coverage(Shape):
    references: int
    readable: int
    digests: int


class AnswerDocument(Shape):
    """A cited answer, or a refusal with its reason; passages are the closest ones found."""

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
    corpus: CorpusName
    timings_ms: dict[str, float]


class SearchDocument(Shape):
    query: str
    passages: list[Passage]
    citations: list[Citation]
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
