"""What a chat client sends and gets: the parts of OpenAI's chat API that mean something here.

What else a request holds (temperature, max_tokens, tools…) steers a language model; there is none,
and it is ignored. What would have to be obeyed, and cannot be, is refused.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from footnoted.documents import AnswerDocument
from footnoted.service.filters import Narrowing, given
from footnoted.service.requests import (
    ABOUT_KIND,
    ABOUT_LANGUAGE,
    ABOUT_SINCE,
    ABOUT_SOURCE,
    ABOUT_UNTIL,
    Kind,
    Only,
    Passages,
    Words,
)
from footnoted.service.schemas import Shape


class _Sent(BaseModel):
    """Part of a request: unknown keys are left alone, wrong types are not converted."""

    model_config = ConfigDict(strict=True)


class Part(_Sent):
    """A part of a message; those of the type `text` are read."""

    type: Words
    text: Words | None = None


class Message(_Sent):
    """A message; those of the role `user` are read, the last one is the question."""

    role: Words
    content: Words | list[Part] | None = None


class StreamOptions(_Sent):
    include_usage: bool | None = None


class ResponseFormat(_Sent):
    type: Literal["text"] = "text"


class Narrowed(Shape):
    """What to answer from: an extension, named and meant as in `/v1/ask`."""

    model_config = ConfigDict(strict=True)

    k: Passages | None = None
    only: Only | None = None
    reference: Words | None = None
    kind: Annotated[Kind | None, Field(description=ABOUT_KIND)] = None
    source: Annotated[Words | None, Field(description=ABOUT_SOURCE)] = None
    language: Annotated[Words | None, Field(description=ABOUT_LANGUAGE)] = None
    since: Annotated[Words | None, Field(description=ABOUT_SINCE)] = None
    until: Annotated[Words | None, Field(description=ABOUT_UNTIL)] = None

    @property
    def narrowing(self) -> Narrowing:
        """The parts that are given, besides `only` and `reference`."""
        return given(self.kind, self.source, self.language, self.since, self.until)


class ChatRequest(_Sent):
    """A conversation whose last user message is a question."""

    messages: Annotated[list[Message], Field(min_length=1)]
    model: Annotated[Words, Field(description="One of `/v1/models`.")] = "footnoted"
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: Annotated[Literal[1] | None, Field(description="There is one answer.")] = None
    response_format: ResponseFormat | None = None
    tool_choice: Annotated[
        Literal["none", "auto"] | None, Field(description="No tool is ever called.")
    ] = None
    footnoted: Narrowed = Narrowed()


class UrlCitation(Shape):
    """`content[start_index:end_index]` is the mark, such as `[1]`; indexes are code points."""

    start_index: int
    end_index: int
    title: str
    url: str


class Annotation(Shape):
    type: Literal["url_citation"]
    url_citation: UrlCitation


class Reply(Shape):
    role: Literal["assistant"]
    content: str
    refusal: None
    annotations: list[Annotation]


class Choice(Shape):
    index: int
    message: Reply
    logprobs: None
    finish_reason: Literal["stop"]


class Usage(Shape):
    """Tokens, reckoned at four bytes of UTF-8 each: no language model counts any."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Completion(Shape):
    """A chat completion, and in `footnoted` the answer document that it was made from."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    system_fingerprint: str | None
    choices: list[Choice]
    usage: Usage
    footnoted: AnswerDocument


class Model(Shape):
    id: str
    object: Literal["model"]
    created: int
    owned_by: str
    name: str


class Models(Shape):
    object: Literal["list"]
    data: list[Model]


class ErrorBody(Shape):
    message: str
    type: str
    param: str | None
    code: str | None


class ErrorDocument(Shape):
    """An error as OpenAI's clients read it."""

    error: ErrorBody
