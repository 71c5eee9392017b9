"""Texts folded to their base letters, and the way back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footnoted.domain import Span
from footnoted.ingest.folding import Folded, fold

TEXTS = st.text(
    st.one_of(
        st.characters(codec="utf-8"),
        st.sampled_from("aB é-\u0301ßﬁ１٣漢がガ\u00ad\u200d👩🏽🚒e\u0301"),
    ),
    max_size=300,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Résumé", "RESUME"),
        ("re\u0301sume\u0301", "résumé"),
        ("Søren Łódź", "soren lodz"),
        ("ﬁnal", "final"),
        ("Straße", "STRASSE"),
        ("١٩٣٤", "1934"),
        ("ＡＢＣ１", "abc1"),
        ("カタ", "かた"),
        ("كتـــاب", "كتاب"),
        ("بُنِيَ", "بني"),
        ("un\u00adcom\u200bmon ly", "uncommonly"),
        ("“by-law – all”", "bylaw all"),
        ("H₂O", "H2O"),
    ],
)
def test_what_a_browser_may_take_for_equal_is_equal(one: str, other: str) -> None:
    assert fold(one) == fold(other) != ""


@given(TEXTS)
def test_a_text_folds_as_its_characters_do(text: str) -> None:
    assert fold(text) == "".join(map(fold, text)) == Folded(text).text
    assert fold(fold(text)) == fold(text)


@given(TEXTS, st.data())
def test_offsets_lead_both_ways(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6, unique=True)))
    without = [Span(a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
    folded = Folded(text, without)
    kept = [i for i in range(len(text)) if not any(s.start <= i < s.end for s in without)]
    assert folded.text == "".join(fold(text[i]) for i in kept)
    for offset in range(len(folded.text)):
        position = folded.position(offset)
        assert position in kept
        assert folded.offset(position) <= offset < folded.offset(position + 1)
    assert folded.offset(len(text)) == len(folded.text)


def test_occurrences_may_overlap_and_are_bounded() -> None:
    folded = Folded("A-na, na! na na")
    assert folded.occurrences("nana") == [1, 3, 5]
    assert folded.occurrences("nana", most=2) == [1, 3]
    assert folded.occurrences("nanu") == []
