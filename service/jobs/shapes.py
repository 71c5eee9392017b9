"""What the routes of ingest jobs take and give, for FastAPI and OpenAPI."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from pydantic import Field

from footnoted.service.jobs.records import JobState
from footnoted.service.requests import Words
from footnoted.service.schemas import Shape

Address: TypeAlias = Annotated[Words, Field(max_length=2000)]


class IngestRequest(Shape):
    """An article to read with its sources into a corpus."""

    source: Annotated[
        Words,
        Field(
            min_length=1,
            max_length=2000,
            description="wikipedia:Title, wikipedia:ar:Title, or the article's address.",
        ),
    ]
    corpus: Annotated[
        Words | None,
        Field(
            max_length=100,
            description="The corpus's name; for a Wikipedia page, else one made of its title.",
        ),
    ] = None
    links: dict[Words, Address | Annotated[list[Address], Field(max_length=20)]] = Field(
        default_factory=dict,
        max_length=500,
        description='Addresses of references: `{"7": "https://…"}`.',
    )
    form: Annotated[
        Words | None, Field(description="The article's form, where it is not recognised.")
    ] = None
    revision: Annotated[
        Words | None, Field(max_length=20, description="An older revision of a Wikipedia page.")
    ] = None
    fetch: Annotated[bool | None, Field(description="Whether sources are read from the web.")] = (
        None
    )
    refresh: Annotated[bool, Field(description="Ask again for sources that were read before.")] = (
        False
    )
    from_captures: Annotated[
        bool, Field(description="Read what was captured before, and ask nobody.")
    ] = False
    jobs: Annotated[
        int | None, Field(ge=1, le=32, description="How many sources are fetched at once.")
    ] = None


class Stage(Shape):
    """How much of one stage of an ingest is done."""

    stage: str
    done: int
    total: int


class JobDocument(Shape):
    """A job. ``events`` is where it can be watched; ``served``, whether it can be asked here."""

    id: str
    state: JobState
    corpus: str
    served: bool
    request: dict[str, Any]
    author: str
    created_at: str
    started_at: str | None
    ended_at: str | None
    progress: list[Stage]
    result: dict[str, Any] | None
    problem: dict[str, Any] | None
    events: str


class JobsDocument(Shape):
    """The jobs that are kept, the newest first."""

    jobs: list[JobDocument]
    counts: dict[str, int]
