"""Footnotes that speak of other footnotes: "ibid.", details, and notes that themselves cite."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from footnoted.domain import Json, Reference
from footnoted.ingest.references import parse_reference

_SAME = re.compile(
    r"\W*(?:ibid(?:em)?|ibíd(?:em)?|loc\. cit|ebenda|ebd|там же|tamże"
    r"|(?:المرجع|المصدر) (?:نفسه|السابق)|همان|שם|同上)(?!\w)[\s.,،:;]*",
    re.IGNORECASE,
)
_LONGEST = 60  # characters behind the word: a page, not another work


def follow_ibid(references: Sequence[Reference]) -> tuple[Reference, ...]:
    """``references``, those that say "ibid." with the item and addresses of the one before.

    Only a page may follow the word, and the footnote before stands in the same list; one that
    comes first in its list stays as it is.
    """
    followed: list[Reference] = []
    before: dict[str, Reference] = {}
    for reference in references:
        meant = _as_before(reference, before.get(reference.group))
        followed.append(meant)
        before[reference.group] = meant
    return tuple(followed)


def _as_before(reference: Reference, main: Reference | None) -> Reference:
    said = _SAME.match(reference.text)
    if main is None or said is None or reference.urls:
        return reference
    rest = reference.text[said.end() :]
    if len(rest) > _LONGEST:
        return reference
    csl: Json = {name: value for name, value in main.csl.items() if name != "custom"}
    if page := parse_reference(rest).get("page") or re.sub(r"\W+$", "", rest):
        csl["page"] = page
    return replace(
        reference,
        csl=csl,
        urls=main.urls,
        archive_url=main.archive_url,
        url_status=main.url_status,
    )


def citing(note: Reference, reference_ids: Iterable[str]) -> Reference:
    """``note`` with the footnotes that stand in it, as ``custom.cites`` of its CSL item."""
    cites = [cited for cited in dict.fromkeys(reference_ids) if cited != note.reference_id]
    if not cites:
        return note
    custom = {**note.csl.get("custom", {}), "cites": cites}
    return replace(note, csl={**note.csl, "custom": custom})


def detail_of(main: Reference, detail: Reference) -> Reference:
    """``detail`` ("p. 123", Cite's sub-reference) as it cites what ``main`` cites."""
    page = {"page": detail.csl["page"]} if "page" in detail.csl else {}
    return replace(
        detail,
        csl={**main.csl, **page},
        urls=detail.urls or main.urls,
        archive_url=detail.archive_url or main.archive_url,
        url_status=main.url_status,
    )
