"""The question in a conversation: its last user message; those before it explain "and when?".

Messages of every other role, `system` and `developer` too, are words of whoever wrote the client:
nothing in them can be a question of the reader's, and nothing here obeys them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from footnoted.errors import UsageError
from footnoted.service.chat.schemas import Message
from footnoted.service.questions import LONGEST, MOST_EARLIER


class Asked(NamedTuple):
    """A question, and the ones before it, oldest first."""

    question: str
    history: tuple[str, ...]


def asked(messages: Sequence[Message]) -> Asked:
    """What a conversation asks; ``UsageError`` where no user does, or not in words alone.

    Of the earlier messages of the user the newest are kept, and none that is too long for a
    question or holds no text: the conversation could never go on if they were refused.
    """
    said = [message for message in messages if message.role == "user"]
    if not said:
        raise UsageError(
            "No message has the role user, and so nothing is asked.",
            about="messages",
            hint="The last message of the role user is the question.",
        )
    _refuse_other_than_text(said[-1])
    earlier = (_text(message).strip() for message in said[:-1])
    history = tuple(text for text in earlier if 0 < len(text) <= LONGEST)
    return Asked(_text(said[-1]), history[-MOST_EARLIER:])


def _refuse_other_than_text(message: Message) -> None:
    if not isinstance(message.content, list):
        return
    for part in message.content:
        if part.type != "text":
            raise UsageError(
                f"Footnoted reads text, not a part of the type {part.type[:40]!r}.",
                about="messages",
                hint="Send the question in words, without images, sound or files.",
            )


def _text(message: Message) -> str:
    if not isinstance(message.content, list):
        return message.content or ""
    return "\n".join(part.text or "" for part in message.content if part.type == "text")
