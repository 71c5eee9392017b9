"""Facts of a claim found, denied or missing in evidence."""

from __future__ import annotations

from footnoted.service.facts.comparing import Outcome, compare
from footnoted.service.facts.reading import read_facts


def outcomes(claim: str, *evidence: str, published: str | None = None) -> dict[str, str]:
    parts = [read_facts(text, "en", published) for text in evidence]
    return {item.words: item.outcome.value for item in compare(read_facts(claim), parts)}


def test_each_fact_is_found_in_whatever_spelling() -> None:
    claim = "On 3 May 2011 Mohamed Saleh sold 4,000 prints to the United States."
    said = "Muhammad Salih sold four thousand prints to the US yesterday."
    assert outcomes(claim, said, published="2011-05-04") == {
        "3 May 2011": "found",
        "Mohamed Saleh": "found",
        "4,000": "found",
        "United States": "found",
    }
    assert outcomes(claim, said)["3 May 2011"] == "missing"


def test_facts_may_stand_in_several_sentences() -> None:
    parts = ("Ada Holm lit the lamp.", "That was in 1871.")
    assert outcomes("Ada Holm lit the lamp in 1871.", *parts) == {
        "Ada Holm": "found",
        "1871": "found",
    }


def test_another_value_denies_only_the_same_thing() -> None:
    claim = "A storm drowned three sailors of the Ulla."
    assert outcomes(claim, "The storm drowned two sailors of the Ulla.")["three"] == "contradicted"
    assert outcomes(claim, "The storm hurt five sailors of the Ulla.")["three"] == "missing"
    assert outcomes(claim, "Two bakers closed their shop.")["three"] == "missing"


def test_what_one_sentence_confirms_another_does_not_deny() -> None:
    claim = "The lamp of Grennock was lit in 1871."
    denied = "The lamp of Grennock was lit in 1878."
    assert outcomes(claim, denied) == {"Grennock": "found", "1871": "contradicted"}
    assert outcomes(claim, denied, "In 1871 the lamp was lit.")["1871"] == "found"


def test_roles_in_either_voice() -> None:
    claim = "The bridge at Tolland was designed by Halda Merrowin."
    (name,) = [
        item
        for item in compare(read_facts(claim), [read_facts("Orrin Vask designed the bridge.")])
        if item.outcome is Outcome.CONTRADICTED
    ]
    assert (name.words, name.said, name.part) == ("Halda Merrowin", "Orrin Vask", 0)
    painted = "Orrin Vask painted the bridge at Tolland."
    assert outcomes(claim, painted)["Halda Merrowin"] == "missing"


def test_texts_that_were_read_before_say_the_same_when_they_are_read_again() -> None:
    claim, evidence = (
        "The bridge was designed by Halda Merrowin.",
        "Orrin Vask designed the bridge.",
    )
    first = outcomes(claim, evidence)
    assert first["Halda Merrowin"] == "contradicted"
    read_facts.cache_clear()  # what is kept of their roles is of equal facts, not of these
    assert outcomes(claim, evidence) == first


def test_manners_of_speech_are_not_missed() -> None:
    assert outcomes("Pilots saw it for the first time, and one of them landed.", "Rain fell.") == {}
