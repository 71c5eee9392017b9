"""What each tool takes and gives: the shapes that clients of the MCP server are told.

Arguments are validated against these; results are made in ``tools`` and described here, and a
test checks that the one fits the other. Kinds and states are told in words, for a model to read.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field

from footnoted.documents import ArticleName, Coverage
from footnoted.service.questions import MOST_EARLIER
from footnoted.service.requests import Only, Words
from footnoted.service.schemas import Shape

MOST_SOURCES = 200

CorpusArgument: TypeAlias = Annotated[
    Words | None,
    Field(description="The corpus to look in, by its name; `sources` says which there are."),
]


class SearchArguments(Shape):
    query: Annotated[Words, Field(description="What to look for: a question or a few words.")]
    corpus: CorpusArgument = None


class FetchArguments(Shape):
    id: Annotated[Words, Field(description="The `id` of a result of `search`, or of `ask`.")]


class AskArguments(Shape):
    question: Annotated[Words, Field(description="One question, in plain words.")]
    history: Annotated[
        tuple[Words, ...],
        Field(
            max_length=MOST_EARLIER,
            description="Earlier questions, oldest first, that this one leans on (“and when?”).",
        ),
    ] = ()
    only: Annotated[
        Only | None, Field(description="Answer from the article alone, or from its sources alone.")
    ] = None
    reference: Annotated[
        Words | None,
        Field(description="Answer from this reference's source alone: its label, such as 7."),
    ] = None
    corpus: CorpusArgument = None


class SourcesArguments(Shape):
    corpus: CorpusArgument = None
    limit: Annotated[int, Field(ge=1, le=MOST_SOURCES, description="How many to list.")] = 50
    offset: Annotated[int, Field(ge=0, description="How many to leave out at the beginning.")] = 0


class Result(Shape):
    id: str
    title: str
    url: str


class Results(Shape):
    """The passages found, best first."""

    results: list[Result]


class Fetched(Shape):
    """One passage: its words, where they stand, and what is around them."""

    id: str
    title: str
    text: str
    url: str
    metadata: dict[str, Any]


class QuotedStatement(Shape):
    """A sentence in its source's own words, and the numbers of its citations."""

    text: str
    citations: list[int]


class CitedFootnote(Shape):
    label: str
    title: str
    state: str


class Quote(Shape):
    """Where a statement stands; `id` is the passage around it, where one was found."""

    number: int
    id: str | None
    citation_id: str
    kind: str
    label: str | None
    title: str
    publisher: str | None
    published: str | None
    url: str
    quote: str
    state: str
    footnotes: list[CitedFootnote]


class Answered(Shape):
    """A cited answer, or a refusal with its reason; `nearest` are the closest passages."""

    question: str
    status: Literal["answered", "refused"]
    reason: str | None
    explanation: str | None
    confidence: float
    statements: list[QuotedStatement]
    citations: list[Quote]
    caveats: list[str]
    notes: list[str]
    nearest: list[Result]
    corpus: str
    article: ArticleName | None


class ListedSource(Shape):
    reference_id: str
    label: str
    title: str
    url: str | None
    state: str
    reason: str
    characters: int


class ListedSources(Shape):
    """References of the article from `offset` on; `next_offset` is null at the end."""

    corpus: str
    corpora: list[str]
    article: ArticleName | None
    counts: Coverage
    sources: list[ListedSource]
    offset: int
    next_offset: int | None
