"""Reading CSL-JSON items: the few things that every view of a reference shows."""

from __future__ import annotations

from footnoted.domain import Json


def issued(csl: Json) -> str | None:
    """The ISO date of a CSL item, as precise as it is (``2023-10-25``, ``2023-10``, ``2023``)."""
    return _date(csl, "issued")


def accessed(csl: Json) -> str | None:
    """The ISO date on which a CSL item's page was read by whoever cited it."""
    return _date(csl, "accessed")


def names(csl: Json) -> tuple[str, ...]:
    """The authors of a CSL item, each as one string, in order."""
    found = []
    for author in csl.get("author", ()):
        parts = (author.get("given"), author.get("non-dropping-particle"), author.get("family"))
        found.append(author.get("literal") or " ".join(part for part in parts if part))
    return tuple(name for name in found if name)


def _date(csl: Json, field: str) -> str | None:
    parts = csl.get(field, {}).get("date-parts") or [[]]
    return "-".join(f"{int(part):02d}" for part in parts[0]) or None
