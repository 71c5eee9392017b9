"""Reading CSL-JSON items: the few things that every view of a reference shows."""

from __future__ import annotations

from footnoted.domain import Json


def issued(csl: Json) -> str | None:
    """The ISO date of a CSL item, as precise as it is (``2023-10-25``, ``2023-10``, ``2023``)."""
    parts = csl.get("issued", {}).get("date-parts") or [[]]
    return "-".join(f"{int(part):02d}" for part in parts[0]) or None


def names(csl: Json) -> tuple[str, ...]:
    """The authors of a CSL item, each as one string, in order."""
    found = []
    for author in csl.get("author", ()):
        parts = (author.get("given"), author.get("non-dropping-particle"), author.get("family"))
        found.append(author.get("literal") or " ".join(part for part in parts if part))
    return tuple(name for name in found if name)
