"""The claims of an article as it is now, and which note belongs to which of them.

A claim's id is made of its words, so a note finds its claim again by that id. The id also holds
the article's address and counts equal sentences, and both may change where the words do not: then
the words themselves tell. A note whose words stand nowhere in the article any more is kept, and
said to be of an earlier revision.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from footnoted import ids
from footnoted.domain import Json, Kind


@dataclass(frozen=True, slots=True)
class CitedClaim:
    """A claim's words and footnotes: ``reference_id``, ``label``, ``text`` and ``url`` of each.

    ``occurrence`` counts the claims with the same words before it.
    """

    claim_id: str
    text: str
    occurrence: int
    references: tuple[Json, ...]

    @property
    def reference_ids(self) -> tuple[str, ...]:
        return tuple(str(reference["reference_id"]) for reference in self.references)


@dataclass(frozen=True, slots=True)
class ArticleClaims:
    """The claims of one corpus's article at one revision, by id, in the order of the text.

    ``article_id`` is the id of the article's document; ``revision`` the corpus's, and
    ``article_revision`` the one that the article itself names.
    """

    corpus_name: str
    corpus_id: str
    article_id: str
    revision: str
    article_revision: str | None
    claims: Mapping[str, CitedClaim]


def claims_of(
    info: Mapping[str, Any], article: Mapping[str, Any], sources: Mapping[str, Any]
) -> ArticleClaims:
    """The claims that the ``article`` document lists, with their entries of ``sources``.

    ``info`` is the document of the corpus that both are of.
    """
    entries = {row["reference_id"]: row for row in sources["references"]}
    seen: Counter[str] = Counter()
    claims: dict[str, CitedClaim] = {}
    for row in article["claims"]:
        words = folded(row["text"])
        cited = [entries[key] for key in row["reference_ids"] if key in entries]
        claims[row["id"]] = CitedClaim(row["id"], row["text"], seen[words], _printed(cited))
        seen[words] += 1
    return ArticleClaims(
        corpus_name=info["name"],
        corpus_id=info["id"],
        article_id=ids.document_id(Kind.ARTICLE, article["url"] or article["title"]),
        revision=info["revision"],
        article_revision=article["revision"],
        claims=claims,
    )


def attach(written_for: Iterable[CitedClaim], now: ArticleClaims) -> list[CitedClaim | None]:
    """For each claim that a note was written for, the claim of the article that it now is.

    The id decides; where no claim has it, the words do, among claims that no other note has. Of
    several such claims it is the one that is as many-eth of its words as before, else the first.
    ``None`` where the article does not say this any more. No two get the same claim.
    """
    before = list(written_for)
    found: list[CitedClaim | None] = [now.claims.get(claim.claim_id) for claim in before]
    taken = {claim.claim_id for claim in found if claim is not None}
    free: dict[str, list[CitedClaim]] = defaultdict(list)
    for claim in now.claims.values():
        if claim.claim_id not in taken:
            free[folded(claim.text)].append(claim)
    lost = [n for n, claim in enumerate(found) if claim is None]
    for same_place in (True, False):
        for n in sorted(lost, key=lambda n: before[n].occurrence):
            left = free[folded(before[n].text)]
            if found[n] is None and left:
                alike = (c for c in left if c.occurrence == before[n].occurrence)
                chosen = next(alike, None if same_place else left[0])
                if chosen is not None:
                    left.remove(chosen)
                    found[n] = chosen
    return found


def folded(text: str) -> str:
    """``text`` without what a new reading may change and a reader does not see: runs of space."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def _printed(entries: Iterable[Mapping[str, Any]]) -> tuple[Json, ...]:
    return tuple(
        {k: entry[k] for k in ("reference_id", "label", "text", "url")} for entry in entries
    )
