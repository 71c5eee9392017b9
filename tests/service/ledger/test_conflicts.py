"""Conflicts between statements: the pairs made for them, their wording, and another's credit."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from footnoted.service.facts.names import read_names
from footnoted.service.facts.wordings import words
from footnoted.service.ledger.conflicts import Said, conflicts
from footnoted.service.ledger.credit import credited, other_credit

PAIRS = Path(__file__).parents[2] / "fixtures" / "conflicts" / "pairs.jsonl"


def pairs() -> list[dict[str, Any]]:
    return [json.loads(line) for line in PAIRS.read_text("utf-8").splitlines()]


def found_in(pair: dict[str, Any]) -> list[str]:
    language = (
        "en" if pair["claim"].isascii() or words(pair["claim"])[0].letters.isascii() else "ar"
    )
    other = Said(pair["evidence"], language, pair.get("published"), "source 1")
    return [one.kind for one in conflicts(Said(pair["claim"], language), [other])]


def test_the_pairs_are_what_they_say() -> None:
    rows = pairs()
    assert len({row["id"] for row in rows}) == len(rows) >= 60
    counts = Counter((row["kind"], row["altered"]) for row in rows)
    assert all(
        counts[kind, altered] >= 12 for kind in ("number", "date", "name") for altered in (0, 1)
    )
    by_claim: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        assert row["claim"] != row["evidence"]
        by_claim.setdefault(row["claim"], []).append(row)
    for row in rows:
        if row["altered"]:  # each altered one has an unaltered twin of the same kind
            twins = [one for one in by_claim[row["claim"]] if not one["altered"]]
            assert any(one["id"] == row["id"].removesuffix("-altered") for one in twins)


def test_precision_and_recall_on_the_pairs() -> None:
    rows = pairs()
    said = {row["id"]: bool(found_in(row)) for row in rows}
    right = sum(said[row["id"]] for row in rows if row["altered"])
    wrong = [row["id"] for row in rows if said[row["id"]] and not row["altered"]]
    assert right / (right + len(wrong)) >= 0.95, wrong
    assert right / sum(row["altered"] for row in rows) >= 0.8


def test_a_conflict_says_what_and_who() -> None:
    claim = Said("The lamp of Grennock was lit in 1871.")
    other = Said("The lamp of Grennock was lit in 1878.", voice="a digest of source 9")
    (found,) = conflicts(claim, [Said("It rained."), other])
    assert found.in_words == "a digest of source 9 says 1878, not 1871"
    assert (found.kind, found.part) == ("date", 1)
    assert found.span.of(other.text) == "1878"


@pytest.mark.parametrize(
    ("sentence", "names"),
    [
        ("The Front for the Orme Valley (FOV) claimed it.", ["Front for the Orme Valley"]),
        ("Harakat Nour has since claimed responsibility.", ["Harakat Nour"]),
        ("The raid was attributed to the Orme Brigade.", ["Orme Brigade"]),
        ("The Orme Brigade claimed that it was raining.", []),
        ("Harakat Nour praised the attack.", []),
    ],
)
def test_who_is_credited(sentence: str, names: list[str]) -> None:
    assert [one.name.text for one in credited(sentence)] == names


def test_another_credit() -> None:
    subject = read_names("by Resistance of Orme")
    claim, article = "A drone hit the depot.", "The Resistance of Orme hit it. Fajr Cell is part."

    def other(sentence: str) -> str | None:
        found = other_credit(claim, sentence, subject, article)
        return found.name.text if found else None

    assert other("The Front for the Orme Valley claimed it.") == "Front for the Orme Valley"
    assert other("The Resistance of Orme claimed it.") is None
    assert other("The Fajr Cell claimed it.") is None  # the article knows it
    assert other("The Nour Front claimed it, then withdrew its claim.") is None
    assert other_credit(claim, "The Nour Front claimed it.", [], article) is None
