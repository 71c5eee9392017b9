"""The domain: what an article, its claims, its sources and a cited answer are.

Everything here is frozen, imports nothing of the package, and has no behaviour beyond its own
invariants. Offsets are Unicode code points, half open (``text[start:end]``), into a *normalised*
text that never changes: a text is named by the SHA-256 of its UTF-8 bytes. Dates are ISO 8601
strings, as precise as the source printed them; instants are UTC with a ``Z``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, NamedTuple, TypeAlias

Json: TypeAlias = dict[str, Any]


class Kind(StrEnum):
    """What a document is to its corpus."""

    ARTICLE = "article"
    SOURCE = "source"
    DOCUMENT = "document"


class Origin(StrEnum):
    """Where the bytes of a capture came from."""

    LIVE = "live"
    ARCHIVE = "archive"
    SUPPLIED = "supplied"


class Access(StrEnum):
    """Whether, and how, the words of a cited source could be read."""

    FETCHED = "fetched"
    ARCHIVED_COPY = "archived_copy"
    SUPPLIED = "supplied"
    PARTIAL = "partial"
    CONSENT_WALL = "consent_wall"
    NEEDS_JS = "needs_js"
    SOFT_404 = "soft_404"
    DEAD = "dead"
    BLOCKED_BY_ROBOTS = "blocked_by_robots"
    BLOCKED_BY_SITE = "blocked_by_site"
    UNSAFE = "unsafe"
    TOO_LARGE = "too_large"
    UNSUPPORTED_TYPE = "unsupported_type"
    EXTRACTION_FAILED = "extraction_failed"
    NOT_ONLINE = "not_online"
    URL_UNKNOWN = "url_unknown"
    NOT_ATTEMPTED = "not_attempted"


READABLE = frozenset({Access.FETCHED, Access.ARCHIVED_COPY, Access.SUPPLIED, Access.PARTIAL})
"""The access states in which a source's words are in the corpus."""


class Identity(StrEnum):
    """How the text that we hold relates to the page that the article cites."""

    EXACT = "exact"
    OTHER_URL_SAME_SITE = "other_url_same_site"
    SYNDICATED_COPY = "syndicated_copy"
    CHANGED_SINCE_CITED = "changed_since_cited"
    DIGEST = "digest"
    UNVERIFIED = "unverified"


class UrlStatus(StrEnum):
    """What the article says of a reference's original address (``|url-status=``)."""

    LIVE = "live"
    DEAD = "dead"
    UNFIT = "unfit"
    USURPED = "usurped"
    DEVIATED = "deviated"
    UNKNOWN = "unknown"


class RefusalReason(StrEnum):
    """Why a question gets no answer."""

    NOT_IN_CORPUS = "not_in_corpus"
    SOURCES_UNREADABLE = "sources_unreadable"
    FALSE_PREMISE = "false_premise"
    INCOMPLETE_QUESTION = "incomplete_question"


class Caveat(StrEnum):
    """What a reader must know of an answer before relying on it."""

    ARTICLE_ONLY = "article_only"
    DIGEST_ONLY = "digest_only"
    SOURCES_CONFLICT = "sources_conflict"
    PARTIAL_SOURCE = "partial_source"


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of code points."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"a span needs 0 <= start < end, not [{self.start}, {self.end})")

    def of(self, text: str) -> str:
        """The characters of ``text`` that this span covers; ``ValueError`` when it does not fit."""
        if self.end > len(text):
            raise ValueError(f"span [{self.start}, {self.end}) exceeds a text of {len(text)}")
        return text[self.start : self.end]

    def overlaps(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Section:
    """A heading: its words, its depth (1 is the highest) and where its line begins in the text.

    The heading is a line of its own: ``text[start:start + len(title)] == title``. What follows,
    up to the next heading of the same or a higher level, belongs to it.
    """

    title: str
    level: int
    start: int


@dataclass(frozen=True, slots=True)
class Marker:
    """A footnote sign, at the offset in the article's text from which it was taken out.

    ``reference_ids`` is empty for an orphan: a sign whose footnote the article does not hold.
    """

    position: int
    label: str
    group: str
    reference_ids: tuple[str, ...]
    locator: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A body sentence or one infobox value of the article, with the markers that belong to it.

    ``label`` is the infobox row's label (``Size``) and ``None`` for a body sentence. The span of
    an infobox claim covers ``Label: value`` for the first value of a row, else the value alone.
    """

    claim_id: str
    span: Span
    text: str
    markers: tuple[Marker, ...] = ()
    label: str | None = None
    flags: tuple[str, ...] = ()

    @property
    def reference_ids(self) -> tuple[str, ...]:
        """The references of its markers, each once, in the order of the text."""
        return tuple(dict.fromkeys(r for m in self.markers for r in m.reference_ids))


@dataclass(frozen=True, slots=True)
class Reference:
    """One entry of the article's reference lists; ``csl`` is a CSL-JSON item."""

    reference_id: str
    label: str
    group: str
    text: str
    csl: Json = field(default_factory=dict)
    urls: tuple[str, ...] = ()
    archive_url: str | None = None
    url_status: UrlStatus = UrlStatus.UNKNOWN
    quote: str | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """An encyclopedia article, markers taken out of its text and kept beside it."""

    title: str
    url: str | None
    language: str
    text: str
    sections: tuple[Section, ...]
    markers: tuple[Marker, ...]
    claims: tuple[Claim, ...]
    references: tuple[Reference, ...]
    form: str
    revision_id: str | None = None
    retrieved_at: str | None = None
    licence: str | None = None


@dataclass(frozen=True, slots=True)
class Capture:
    """One response, or one supplied file, as it was kept.

    ``sha256`` and ``size`` are of the payload after transfer and content decoding. ``warc_path``
    is relative to the corpus folder.
    """

    url: str
    final_url: str
    status: int
    media_type: str
    fetched_at: str
    sha256: str
    size: int
    origin: Origin
    warc_path: str
    warc_offset: int


@dataclass(frozen=True, slots=True)
class Document:
    """A normalised text of the corpus: the article, a source or a plain document.

    ``identity`` says what the text is to the page that the article cites: for a digest, somebody
    else's words. ``pages`` are the offsets at which the pages of a paged document begin.
    """

    document_id: str
    kind: Kind
    title: str
    language: str
    text: str
    text_sha256: str
    reference_ids: tuple[str, ...] = ()
    url: str | None = None
    identity: Identity = Identity.UNVERIFIED
    capture_sha256: str | None = None
    extractor: str = ""
    published: str | None = None
    authors: tuple[str, ...] = ()
    headings: tuple[Section, ...] = ()
    pages: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A window of whole sentences of one document; its words are ``document.text[start:end]``."""

    passage_id: str
    document_id: str
    span: Span
    heading: tuple[str, ...]
    sentences: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class SourceState:
    """What became of one reference: read or not, what the text is, and why, in words."""

    reference_id: str
    access: Access
    identity: Identity
    reason: str
    document_id: str | None = None
    characters: int = 0
    captured_at: str | None = None

    @property
    def readable(self) -> bool:
        """Whether the source's own words are in the corpus: a digest's are not."""
        return self.access in READABLE and self.identity is not Identity.DIGEST


@dataclass(frozen=True, slots=True)
class Signals:
    """The scores that a hit got from each ranker; ``None`` where a ranker did not see it."""

    dense: float | None = None
    bm25: float | None = None
    maxsim: float | None = None
    rerank: float | None = None


class Match(NamedTuple):
    """A word of a query and one like it in a passage, at ``[start, end)`` of the passage's text."""

    query: str
    passage: str
    start: int
    end: int
    cosine: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that a query found. Ranks count from 1; higher scores are better.

    ``duplicates`` are passages further down with the same words, ``duplicate_of`` is the one
    further up whose words these are; ``matches`` say why it was found.
    """

    passage: Passage
    score: float
    rank: int
    signals: Signals
    duplicates: tuple[str, ...] = ()
    duplicate_of: str | None = None
    matches: tuple[Match, ...] = ()


@dataclass(frozen=True, slots=True)
class CitedReference:
    """A footnote of an article sentence, as its citation shows it, whether it was read or not."""

    reference: Reference
    state: SourceState


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a quote stands: document, characters, capture; and what is known of that source.

    ``answer_start`` and ``answer_end`` say where the quote stands in ``Answer.text``, and are
    ``None`` when no statement repeats it (the citation of a passage). ``language`` is the
    document's, ``direction`` (``ltr`` or ``rtl``) that of the quote, ``page`` the page of a PDF,
    counted from 1, on which the quote begins.
    """

    citation_id: str
    number: int
    kind: Kind
    label: str | None
    title: str
    csl: Json
    url: str | None
    archive_url: str | None
    fragment_url: str | None
    quote: str
    span: Span
    document_id: str
    text_sha256: str
    capture_sha256: str | None
    captured_at: str | None
    access: Access
    identity: Identity
    authors: tuple[str, ...] = ()
    publisher: str | None = None
    published: str | None = None
    references: tuple[CitedReference, ...] = ()
    answer: Span | None = None
    language: str = "und"
    direction: Literal["ltr", "rtl"] = "ltr"
    page: int | None = None

    def __post_init__(self) -> None:
        if len(self.quote) != self.span.end - self.span.start:
            raise ValueError(f"citation {self.citation_id}: its quote does not fill its span")


@dataclass(frozen=True, slots=True)
class Corroboration:
    """How many sources an article sentence cites, and how many of them we read and found agreeing.

    A digest is nobody's own words: it has its own count and never makes a source readable.
    """

    cited: int = 0
    readable: int = 0
    supporting: int = 0
    independent: int = 0
    digests: int = 0


@dataclass(frozen=True, slots=True)
class Statement:
    """A verbatim sentence of the corpus that answers; ``span`` is its shortest answering part."""

    text: str
    citations: tuple[int, ...]
    span: str | None = None
    corroboration: Corroboration = Corroboration()

    def __post_init__(self) -> None:
        if not self.citations:
            raise ValueError("a statement needs at least one citation")
        if self.span is not None and self.span not in self.text:
            raise ValueError("the answer span must be part of the statement")


@dataclass(frozen=True, slots=True)
class CitedPassage:
    """A hit with the citation without which no passage leaves any interface."""

    hit: Hit
    text: str
    citation: Citation

    def __post_init__(self) -> None:
        if self.text != self.citation.quote:
            raise ValueError(f"passage {self.hit.passage.passage_id} differs from its quote")


@dataclass(frozen=True, slots=True)
class Answer:
    """At least one statement, each with at least one of the citations.

    ``notes`` are sentences that a reader must know: parts without an answer, who says otherwise.
    """

    question: str
    statements: tuple[Statement, ...]
    citations: tuple[Citation, ...]
    passages: tuple[CitedPassage, ...]
    confidence: float
    caveats: tuple[Caveat, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.statements:
            raise ValueError("an answer needs at least one statement; refuse instead")
        known = {citation.number for citation in self.citations}
        for statement in self.statements:
            if missing := set(statement.citations) - known:
                raise ValueError(f"statement cites {sorted(missing)}, which the answer lacks")

    @property
    def text(self) -> str:
        return " ".join(statement.text for statement in self.statements)


@dataclass(frozen=True, slots=True)
class Refusal:
    """No answer, and why; ``passages`` are the closest ones, which do not answer.

    ``notes`` are sentences on the reason: which sources could not be read, what is said instead.
    """

    question: str
    reason: RefusalReason
    confidence: float
    passages: tuple[CitedPassage, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of the article's references: how many there are, were read, and have only a digest."""

    references: int
    readable: int
    digests: int
