"""Chat completions, whole or as a stream of chunks, in the form of OpenAI's API."""

from __future__ import annotations

import json
import math
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from footnoted.domain import Json
from footnoted.service.chat.content import Content
from footnoted.service.chat.conversation import Asked

_BYTES_OF_A_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Completed:
    """An answered conversation: what was asked, the message, and the document it was made from."""

    identity: str
    model: str
    asked: Asked
    content: Content
    document: Mapping[str, Any]

    def whole(self) -> Json:
        """The completion as one document."""
        choice = {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": self.content.text,
                "refusal": None,
                "annotations": list(self.content.annotations),
            },
            "logprobs": None,
            "finish_reason": "stop",
        }
        return {
            **self._head("chat.completion", int(time.time())),
            "choices": [choice],
            "usage": self._usage(),
            "footnoted": self.document,
        }

    async def events(self, *, include_usage: bool) -> AsyncIterator[str]:
        """The completion as server-sent events: one chunk a statement, then what ends it.

        The annotations and the answer document come with the last chunk that has a choice.
        """
        head = self._head("chat.completion.chunk", int(time.time()))
        if include_usage:
            head["usage"] = None
        yield _event(head | _delta({"role": "assistant", "content": ""}))
        for piece in self.content.pieces:
            yield _event(head | _delta({"content": piece}))
        end = _delta({"annotations": list(self.content.annotations)}, "stop")
        yield _event(head | end | {"footnoted": self.document})
        if include_usage:
            yield _event(head | {"choices": [], "usage": self._usage()})
        yield "data: [DONE]\n\n"

    def _head(self, kind: str, created: int) -> Json:
        return {
            "id": f"chatcmpl-{self.identity}",
            "object": kind,
            "created": created,
            "model": self.model,
            "system_fingerprint": self.document["corpus"]["generation"],
        }

    def _usage(self) -> Json:
        prompt = sum(_tokens(text) for text in (self.asked.question, *self.asked.history))
        completion = _tokens(self.content.text)
        return {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
        }


def _delta(delta: Json, finish_reason: str | None = None) -> Json:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
    return {"choices": [choice]}


def _event(chunk: Json) -> str:
    # As ASCII: some clients take U+2028 within a text for the end of the line.
    return f"data: {json.dumps(chunk)}\n\n"


def _tokens(text: str) -> int:
    return math.ceil(len(text.encode()) / _BYTES_OF_A_TOKEN)
