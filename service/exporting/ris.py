"""Works as RIS records: a tag of two characters, two blanks, a hyphen, a blank, one line of text.

The format has no way to escape: a value is one line, and what stands in a line can be no tag.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from footnoted.domain import Json
from footnoted.service.exporting.plain import date_parts, one_line, web_address

_TYPES = {
    "article": "JOUR",
    "article-journal": "JOUR",
    "article-magazine": "MGZN",
    "article-newspaper": "NEWS",
    "book": "BOOK",
    "chapter": "CHAP",
    "entry-encyclopedia": "ENCYC",
    "legal_case": "CASE",
    "map": "MAP",
    "motion_picture": "MPCT",
    "paper-conference": "CPAPER",
    "patent": "PAT",
    "report": "RPRT",
    "thesis": "THES",
    "webpage": "ELEC",
    "post": "ELEC",
}
_PLAIN = (
    ("T2", "container-title"),
    ("T3", "collection-title"),
    ("PB", "publisher"),
    ("CY", "publisher-place"),
    ("ET", "edition"),
    ("VL", "volume"),
    ("IS", "issue"),
    ("SN", "ISBN"),
    ("SN", "ISSN"),
    ("LA", "language"),
    ("DO", "DOI"),
    ("N1", "note"),
)
_END = "\r\n"


def ris(works: Sequence[Json]) -> str:
    """One record a work, its lines ended as the format asks."""
    return _END.join("".join(_record(work)) for work in works)


def _record(work: Json) -> Iterator[str]:
    yield _line("TY", _TYPES.get(str(work["type"]), "GEN"))
    for tag, value in _values(work):
        if text := one_line(value):
            yield _line(tag, text)
    yield f"ER  - {_END}"


def _values(work: Json) -> Iterator[tuple[str, object]]:
    yield "ID", work["id"]
    for tag, role in (("AU", "author"), ("ED", "editor")):
        yield from ((tag, _name(name)) for name in work.get(role, ()))
    yield "TI", work["title"]
    yield from ((tag, work.get(key, "")) for tag, key in _PLAIN)
    if parts := date_parts(work):
        yield from (("PY", f"{parts[0]:04d}"), ("DA", _slashed(parts)))
    if parts := date_parts(work, "accessed"):
        yield "Y2", _slashed(parts)
    first, _, last = one_line(work.get("page", "")).replace("–", "-").partition("-")
    yield from (("SP", first), ("EP", last))
    yield "UR", web_address(work.get("URL")) or ""


def _line(tag: str, value: str) -> str:
    return f"{tag}  - {value}{_END}"


def _slashed(parts: tuple[int, ...]) -> str:
    """``2023/10/25``; the slashes stay where month or day are unknown."""
    known = [f"{part:02d}" for part in parts[1:]]
    return "/".join([f"{parts[0]:04d}", *known, *[""] * (2 - len(known))])


def _name(name: Json) -> str:
    """``Family, Given, Suffix``; in a name of one part a comma would make it two."""
    family = " ".join(
        str(name[key])
        for key in ("dropping-particle", "non-dropping-particle", "family")
        if name.get(key)
    )
    if family and name.get("given") and not name.get("literal"):
        return ", ".join(
            one_line(name[key] if key != "family" else family).replace(",", " ")
            for key in ("family", "given", "suffix")
            if name.get(key)
        )
    return one_line(str(name.get("literal") or family or name.get("given", "")).replace(",", " "))
