"""What a request may say: the parameters and the body of the routes, validated by FastAPI."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from fastapi import Depends, Query
from pydantic import AfterValidator, BeforeValidator, Field, JsonValue

from footnoted.service.filters import Narrowing, given
from footnoted.service.questions import LONGEST, MOST_EARLIER
from footnoted.service.schemas import Shape

ABOUT_KIND = "From documents of this kind alone."
ABOUT_SOURCE = "From this document alone: its id, or its address."
ABOUT_LANGUAGE = "From documents in this language alone: a code such as en."
ABOUT_SINCE = "From documents published on this date, month or year, or later."
ABOUT_UNTIL = "From documents published on this date, month or year, or earlier."
ABOUT_HISTORY = "Earlier questions, oldest first: what this one leaves open is there."
ABOUT_WRITE = "Also have the answer phrased by the chat endpoint that the server's settings name."
# Said of questions, and checked where they are asked: what is wrong with one is told in words.
_ASKABLE: dict[str, JsonValue] = {"minLength": 1, "maxLength": LONGEST}


def _encodable(text: str) -> str:
    # JSON can spell half a surrogate pair, which is no character and cannot be sent back.
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("not valid Unicode: it holds half a surrogate pair")
    return text


def _whole(number: object) -> object:
    # JSON knows one kind of number: 5.0 is as whole as 5.
    return int(number) if isinstance(number, float) and number.is_integer() else number


Words: TypeAlias = Annotated[str, AfterValidator(_encodable)]
Only: TypeAlias = Literal["article", "sources"]
Kind: TypeAlias = Literal["article", "source", "document"]
Passages: TypeAlias = Annotated[
    int,
    Field(ge=1, le=100, strict=True, description="How many passages to show."),
    BeforeValidator(_whole),
]


class AskRequest(Shape):
    """A question; every part that narrows it counts. What has no date fits no dates."""

    question: Annotated[
        Words, Field(description="The question, in plain words.", json_schema_extra=_ASKABLE)
    ]
    history: Annotated[
        tuple[Words, ...],
        Field(
            max_length=MOST_EARLIER,
            description=ABOUT_HISTORY,
        ),
    ] = ()
    k: Passages | None = None
    only: Annotated[
        Only | None, Field(description="Answer from the article alone, or from its sources alone.")
    ] = None
    reference: Annotated[
        Words | None, Field(description="Answer from this reference's source alone (an id).")
    ] = None
    kind: Annotated[Kind | None, Field(description=ABOUT_KIND)] = None
    source: Annotated[Words | None, Field(description=ABOUT_SOURCE)] = None
    language: Annotated[Words | None, Field(description=ABOUT_LANGUAGE)] = None
    since: Annotated[Words | None, Field(description=ABOUT_SINCE)] = None
    until: Annotated[Words | None, Field(description=ABOUT_UNTIL)] = None
    corpus: Annotated[
        Words | None, Field(description="The corpus to ask; without it, the server's default.")
    ] = None
    write: Annotated[bool, Field(strict=True, description=ABOUT_WRITE)] = False

    @property
    def narrowing(self) -> Narrowing:
        """The parts that are given, besides `only` and `reference`."""
        return given(self.kind, self.source, self.language, self.since, self.until)


CorpusParameter: TypeAlias = Annotated[
    str | None, Query(description="The corpus to ask; without it, the server's default.")
]
OnlyParameter: TypeAlias = Annotated[
    Only | None, Query(description="From the article alone, or from its sources alone.")
]
ReferenceParameter: TypeAlias = Annotated[
    str | None, Query(description="From this reference's source alone (an id).")
]
CountParameter: TypeAlias = Annotated[
    int | None, Query(ge=1, le=100, description="How many passages to show.")
]

QuestionParameter: TypeAlias = Annotated[
    str, Query(description="The question, in plain words.", json_schema_extra=_ASKABLE)
]
HistoryParameter: TypeAlias = Annotated[
    tuple[Words, ...],
    Query(max_length=MOST_EARLIER, description=f"{ABOUT_HISTORY} Repeat it for several."),
]
WriteParameter: TypeAlias = Annotated[bool, Query(description=ABOUT_WRITE)]


def _narrowing(
    kind: Annotated[Kind | None, Query(description=ABOUT_KIND)] = None,
    source: Annotated[str | None, Query(description=ABOUT_SOURCE)] = None,
    language: Annotated[str | None, Query(description=ABOUT_LANGUAGE)] = None,
    since: Annotated[str | None, Query(description=ABOUT_SINCE)] = None,
    until: Annotated[str | None, Query(description=ABOUT_UNTIL)] = None,
) -> Narrowing:
    return given(kind, source, language, since, until)


NarrowingParameters: TypeAlias = Annotated[Narrowing, Depends(_narrowing)]
