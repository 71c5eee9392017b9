"""Which state of a note a change is meant for (RFC 9110, 13.1): nobody overwrites the unseen.

A first note needs no condition. Whoever changes or removes one sends its ``ETag`` as ``If-Match``.
"""

from __future__ import annotations

import re

from footnoted.domain import Json
from footnoted.errors import ConditionMissing, Outdated

_TAG = re.compile(r'(?:W/)?("[^"]*")')
_READ_AGAIN = "Read it again, and send its ETag as If-Match."


def check(
    if_match: str | None, if_none_match: str | None, current: Json | None, about: str
) -> None:
    """Raise unless the headers' conditions hold for ``current``, the note that is there, if any.

    ``ConditionMissing`` for a change of a note without ``If-Match``; ``Outdated`` where the note
    is another one by now, is gone, or is there although it must not be.
    """
    if current is None:
        if if_match is not None:
            raise Outdated(
                "The note that was to be changed is gone.",
                about=about,
                hint="Send it without If-Match to write a new one.",
            )
        return
    who = f"by {current['author']} at {current['changed_at']}"
    if if_none_match is not None and _names(if_none_match, current["etag"]):
        raise Outdated(
            f"This claim has a note already, written {who}.", about=about, hint=_READ_AGAIN
        )
    if if_match is None:
        raise ConditionMissing(
            f"This claim has a note already, written {who}; a change must name it.",
            about=about,
            hint=_READ_AGAIN + " `If-Match: *` overwrites whatever is there.",
        )
    if not _names(if_match, current["etag"]):
        raise Outdated(
            f"The note, or what its article says, changed since it was read: it was last written "
            f"{who}.",
            about=about,
            hint=_READ_AGAIN,
        )


def _names(header: str, etag: str) -> bool:
    """Whether the header's list has this tag.

    Weak tags count as strong ones: proxies that compress weaken a tag, and ours is a hash of what
    it stands for.
    """
    return header.strip() == "*" or etag in _TAG.findall(header)
