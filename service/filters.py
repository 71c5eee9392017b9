"""Which passages may answer: by the part of the corpus, kind, source, reference, language, date."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import date
from typing import TypedDict, cast

from footnoted.domain import Kind
from footnoted.errors import UsageError

_DATE = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?")
_KINDS = tuple(kind.value for kind in Kind)


class Narrowing(TypedDict, total=False):
    """What a question may be narrowed by, besides ``only`` and ``reference``."""

    kind: str | None
    source: str | None
    language: str | None
    since: str | None
    until: str | None


def given(
    kind: str | None = None,
    source: str | None = None,
    language: str | None = None,
    since: str | None = None,
    until: str | None = None,
) -> Narrowing:
    """Those of these parts that are there; an empty text, as a form sends it, is none."""
    parts = Narrowing(kind=kind, source=source, language=language, since=since, until=until)
    return cast(Narrowing, {name: value for name, value in parts.items() if value})


@dataclass(frozen=True, slots=True)
class Filter:
    """Passages must fit every part that is given.

    ``only``: ``article`` or ``sources`` (all that is not the article). ``reference``: a reference's
    key; the article's passages that cite it and the texts of its source remain. ``kind``:
    ``article``, ``source`` or ``document``. ``source``: a document's id, or an address of the
    document or of a reference that it was read for. ``language``: a code; ``en`` includes
    ``en-GB``. ``since`` and ``until``: an ISO date, month or year, both included, of the document's
    publication; one that is known only by its year or month fits where part of it does, and a
    document without a date never. ``hidden``: ids of documents that do not exist for this question.
    Raises ``UsageError`` for what cannot be meant in any corpus.
    """

    only: str | None = None
    reference: str | None = None
    kind: str | None = None
    source: str | None = None
    language: str | None = None
    since: str | None = None
    until: str | None = None
    hidden: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.only not in (None, "article", "sources"):
            raise UsageError(
                f"only can be article or sources, not {self.only!r}.",
                about="only",
                hint="Leave it out to ask both.",
            )
        if self.kind is not None and self.kind not in _KINDS:
            raise UsageError(
                f"kind can be article, source or document, not {self.kind!r}.",
                about="kind",
                hint="Leave it out to ask every kind.",
            )
        for name, value in (("since", self.since), ("until", self.until)):
            if value is not None and not _is_date(value):
                raise UsageError(
                    f"{name} must be a date, a month or a year, not {value!r}.",
                    about=name,
                    hint="Write 2023-10-25, 2023-10 or 2023.",
                )
        if self.since and self.until and not _reaches(self.until, self.since):
            raise UsageError(
                f"No day lies since {self.since} and until {self.until}.",
                about="since",
                hint="Give the earlier date as since.",
            )

    @property
    def asks_for_one(self) -> bool:
        """Whether one source was asked for by name, so that it may fill the list."""
        return self.reference is not None or self.source is not None

    def dated(self, published: str | None) -> bool:
        """Whether something published then, as precisely as it is known, fits the dates."""
        if self.since is None and self.until is None:
            return True
        known = _DATE.match(published or "")
        if known is None:
            return False
        day = known[0]
        since = self.since is None or _reaches(day, self.since)
        return since and (self.until is None or _reaches(self.until, day))

    def in_words(self) -> str:
        """The parts that are given: ``kind source, since 2023``."""
        parts = [(part.name, getattr(self, part.name)) for part in fields(self)]
        words = [f"{name} {value}" for name, value in parts if value and name != "hidden"]
        hidden = [f"{len(self.hidden)} documents hidden"] if self.hidden else []
        return ", ".join([*words, *hidden])


EVERYTHING = Filter()


def _is_date(value: str) -> bool:
    if not _DATE.fullmatch(value) or not value.isascii():
        return False
    try:
        date.fromisoformat(f"{value}-01-01"[:10])
    except ValueError:
        return False
    return True


def _reaches(later: str, earlier: str) -> bool:
    """Whether ``later`` may be at or after ``earlier``: as far as both are known, it is."""
    known = min(len(later), len(earlier))
    return later[:known] >= earlier[:known]
