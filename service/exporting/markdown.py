"""Works as a numbered Markdown list (CommonMark): for notes, and for people without a manager."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from footnoted.csl import names
from footnoted.domain import Json
from footnoted.service.exporting.plain import iso_date, one_line, web_address

# In the middle of a line only these begin something; `&` and `<` would be HTML.
_ACTIVE = re.compile(r"[\\`*_\[\]<>&#|~$]")


def markdown(works: Sequence[Json]) -> str:
    """One item a work; a quote that was cited follows its work, indented."""
    return "".join(f"{number}. {' '.join(_parts(work))}\n" for number, work in enumerate(works, 1))


def _parts(work: Json) -> Iterator[str]:
    if label := escaped(work.get("citation-label", "")):
        yield f"**{label}**"
    if authors := escaped("; ".join(names(work))):
        yield f"{authors.rstrip('.')}."
    yield f"“{escaped(work['title'])}”."
    container = escaped(work.get("container-title", ""))
    if place := ", ".join(
        part
        for part in (
            f"*{container}*" if container else "",
            escaped(work.get("publisher", "")),
            iso_date(work) or "",
        )
        if part
    ):
        yield f"{place}."
    if doi := escaped(work.get("DOI", "")):
        yield f"DOI {doi}."
    if url := web_address(work.get("URL")):
        yield f"<{url}>."
    if read := iso_date(work, "accessed"):
        yield f"Read {read}."
    if note := escaped(work.get("note", "")):
        yield note


def escaped(value: object) -> str:
    """``value`` on one line, with every sign that Markdown would act upon behind a backslash."""
    return _ACTIVE.sub(r"\\\g<0>", one_line(value))
