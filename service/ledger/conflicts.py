"""Where two statements on one thing differ in a number, a date or a name.

``conflicts`` compares any two statements: an article's sentence and a source's, or two sources'.
What it finds is worded after who says it, so that a digest never speaks as its source.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from footnoted.domain import Span
from footnoted.service.facts.comparing import Outcome, compare
from footnoted.service.facts.reading import read_facts


class Said(NamedTuple):
    """A statement, the language and date it is read in, and whose it is: ``source 9``.

    ``published`` is an ISO date, from which ``yesterday`` is seen; a digest's voice is
    ``a digest of source 9``.
    """

    text: str
    language: str = "en"
    published: str | None = None
    voice: str = "another source"


class Conflict(NamedTuple):
    """What two statements say differently: its kind is number, date, name or credit.

    ``words`` are the first statement's, ``said`` the other's, at ``span`` of its text; ``part`` is
    the number of the statement that says it, ``voice`` whose that is.
    """

    kind: str
    words: str
    said: str
    span: Span
    part: int
    voice: str

    @property
    def in_words(self) -> str:
        """The conflict as a reader would say it."""
        if self.kind == "credit":
            return f"{self.voice} credits {self.said}, not {self.words}"
        return f"{self.voice} says {self.said}, not {self.words}"


def conflicts(statement: Said, others: Sequence[Said]) -> list[Conflict]:
    """Each fact of ``statement`` that one of ``others`` denies and none of them confirms.

    A fact is denied by another value for the same thing in a sentence on the same thing
    (``facts.comparing``): precise rather than complete.
    """
    claim = read_facts(statement.text, statement.language, statement.published)
    evidence = [read_facts(one.text, one.language, one.published) for one in others]
    return [
        Conflict(
            kind=item.fact.kind,
            words=item.words,
            said=item.said,
            span=item.other.span,
            part=item.part,
            voice=others[item.part].voice,
        )
        for item in compare(claim, evidence)
        if item.outcome is Outcome.CONTRADICTED
        and item.other is not None
        and item.said is not None
        and item.part is not None
    ]
