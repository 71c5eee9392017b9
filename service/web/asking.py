"""The Ask view: the form with its examples, and the answer with its evidence."""

from __future__ import annotations

from typing import NamedTuple

from footnoted.domain import Caveat, Json, RefusalReason
from footnoted.errors import NotFound, UsageError
from footnoted.service.filters import given
from footnoted.service.shelf import Answers
from footnoted.service.web.evidence import cards
from footnoted.service.web.examples import examples
from footnoted.service.wording import CAVEATS, REFUSALS, WHAT_NEXT

LONGEST_SHOWN = 2_000
_PLACES = ("", "article", "sources")


class Asked(NamedTuple):
    """What the form was sent with; ``question`` is ``None`` when nothing was asked yet."""

    question: str | None = None
    only: str = ""
    reference: str = ""
    since: str = ""
    until: str = ""

    @property
    def narrowed(self) -> bool:
        """Whether any of the further filters is set."""
        return bool(self.reference or self.since or self.until)


def form(answers: Answers, asked: Asked) -> Json:
    """What the form needs: the references to choose from, and examples before anything is asked."""
    return {
        "references": answers.sources()["references"],
        "examples": _examples(answers) if asked.question is None else [],
    }


def answer(answers: Answers, asked: Asked) -> Json:
    """The answer to what was asked, and its cards; nothing where nothing was."""
    if asked.question is None:
        return {"answer": None}
    if asked.only not in _PLACES:
        raise UsageError(
            f"Questions can be asked of the article or of its sources, not of {asked.only[:40]!r}.",
            about="only",
            hint="Choose one of the three places to look in.",
        )
    document = answers.ask(
        asked.question.strip(),
        only=asked.only or None,
        reference=asked.reference or None,
        **given(since=asked.since.strip(), until=asked.until.strip()),
    )
    reason = RefusalReason(document["reason"]) if document["reason"] else None
    return {
        "answer": document,
        "cards": cards(answers, document),
        "reason": REFUSALS[reason] if reason else None,
        "what_next": WHAT_NEXT[reason] if reason else None,
        "caveats": [CAVEATS[Caveat(name)] for name in document["caveats"]],
    }


def _examples(answers: Answers) -> list[str]:
    try:
        return examples(answers.article())
    except NotFound:  # a corpus of plain documents
        return []
