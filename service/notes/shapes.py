"""What the routes of notes take and give, for FastAPI and OpenAPI."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field, model_validator

from footnoted.service.ledger.judging import Verdict
from footnoted.service.notes.documents import NoteState
from footnoted.service.requests import Words
from footnoted.service.schemas import Shape

MOST_CHARACTERS = 4000


class NoteWords(Shape):
    """A researcher's own verdict on a claim, words about it, or both."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "anyOf": [
                {"required": ["verdict"], "properties": {"verdict": {"type": "string"}}},
                {"required": ["note"], "properties": {"note": {"pattern": r"\S"}}},
            ]
        },
    )

    verdict: Annotated[
        Verdict | None, Field(description="What the cited sources say of the claim, as you see it.")
    ] = None
    note: Annotated[
        Words, Field(max_length=MOST_CHARACTERS, description="In your own words; plain text.")
    ] = ""

    @model_validator(mode="after")
    def _says_something(self) -> NoteWords:
        if self.verdict is None and not self.note.strip():
            raise ValueError("give a verdict, a note or both; DELETE removes a note")
        return self


class CitedEntry(Shape):
    reference_id: str
    label: str
    text: str
    url: str | None


class WrittenFor(Shape):
    """The claim's id, the corpus's revision and the article's, when the note was last written."""

    claim_id: str
    revision: str
    article_revision: str | None


class NoteDocument(Shape):
    """A note, its author, and the words and footnotes of its claim as they were judged."""

    claim_id: str
    state: NoteState
    in_words: str
    verdict: Verdict | None
    note: str
    author: str
    created_at: str
    changed_at: str
    version: int
    claim: str
    references: list[CitedEntry]
    written_for: WrittenFor
    corpus: str
    etag: str


class NoteCounts(Shape):
    notes: int
    current: int
    cited_otherwise: int
    earlier_revision: int
    verdicts: dict[str, int]


class NotesDocument(Shape):
    """Every note on a corpus's article, those on what it no longer says last."""

    corpus: str
    revision: str
    notes: list[NoteDocument]
    counts: NoteCounts
