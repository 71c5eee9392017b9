"""Folding: what must be found by what, and what passage and query must agree on."""

from __future__ import annotations

import unicodedata
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footnoted.index.tokens import MAX_QUERY_TOKENS, fold, query_tokens

LANGUAGES = st.sampled_from(["en", "ar", "de", "fr", "ru", "zh", "el", "hi", "xx", "", "EN-gb"])


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "70,000 men", "70000 men"),
        ("en", "1,234,567.50", "1234567.50"),
        ("de", "70.000", "70000"),
        ("de", "3,5", "3.5"),
        ("ar", "٧٠٬٠٠٠", "70000"),
        ("hi", "२०२३", "2023"),
        ("en", "the bridge's toll", "the bridges toll"),
        ("en", "the bridge’s toll", "the bridge's toll"),
        ("en", "Müller's café", "MULLER cafe"),
        ("en", "ﬁve walkers", "five walker"),
        ("en", "the U.S. Army", "the US army"),
        ("en", "O’Brien", "o'brien"),
        ("de", "Straße", "STRASSE"),
        ("de", "Häuser", "haus"),
        ("fr", "l'homme", "homme"),
        ("fr", "décidé", "decide"),
        ("ru", "ёлка", "елка"),
        ("ru", "города", "город"),
        ("ru", "за́мок", "замок"),
        ("el", "Αθήνα", "αθηνα"),
        ("he", "שָׁלוֹם", "שלום"),
        ("ar", "مُحَمَّد", "محمد"),
        ("ar", "محمـــد", "محمد"),
        ("ar", "المقاومة", "مقاومه"),
        ("ar", "والإسلام", "اسلام"),
        ("ar", "مستشفى", "مستشفي"),
        ("ar", "کتاب", "كتاب"),
        ("ar", "وكتاب", "كتاب"),
        ("ar", "وبالمدينة", "مدينه"),
        ("ar", "مهندسون", "المهندسين"),
        ("fr", "10\u202f000 hommes", "10000 hommes"),
        ("de", "1\u00a0234\u00a0567", "1234567"),
        ("en", "1.5m people", "1.5 m people"),
        ("zh", "ＡＢＣ", "abc"),
    ],
)
def test_two_spellings_fold_alike(language: str, one: str, other: str) -> None:
    assert fold(one, language)
    assert fold(one, language) == fold(other, language)


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "3.14", "314"),
        ("uk", "край", "краи"),
        ("uk", "їжак", "іжак"),
        ("bn", "কি", "কী"),
        ("en", "university", "unit"),
        ("ar", "كتاب", "كتب"),
        ("fa", "وكتاب", "كتاب"),
        ("fr", "1914\u00a0200", "1914200"),
    ],
)
def test_different_words_stay_apart(language: str, one: str, other: str) -> None:
    assert fold(one, language) != fold(other, language)


def test_a_date_is_found_whole_and_by_its_parts() -> None:
    assert fold("On 2023-10-25, again", "xx") == ["on", "2023-10-25", "2023", "10", "25", "again"]
    assert fold("3.5", "en") == ["3.5"]


def test_a_number_keeps_nothing_of_the_letters_that_stand_against_it() -> None:
    assert fold("$1.5m", "en") == ["1.5", "m"]
    assert fold("2023-10-25T12:30", "xx")[0] == "2023-10-25"
    assert fold("و٢٠٢٣م", "ar") == ["و", "2023", "م"]
    assert fold("ال٢٠", "ar")[-1] == "20"
    assert fold("7b and 1990s", "xx") == ["7b", "and", "1990s"]


def test_a_hyphenated_name_is_found_with_and_without_its_article() -> None:
    tokens = fold("al-Hamidawi", "en")
    assert fold("Hamidawi", "en") == ["hamidawi"]
    assert "hamidawi" in tokens
    assert fold("alHamidawi", "en")[0] in tokens
    assert fold("al", "en") == ["al"]
    assert fold("COVID-19", "en") == ["covid", "19", "covid19"]


def test_each_word_is_stemmed_by_the_rules_of_its_own_script() -> None:
    assert fold("the القادر walked", "en") == ["the", *fold("القادر", "ar"), "walk"]
    assert fold("مدينة walking", "ar")[1] == "walk"
    assert fold("города walking", "ru")[1] == "walk"
    assert fold("walking", "xx") == ["walking"], "no stemmer for a language that we do not know"


def test_unspaced_scripts_give_pairs_and_leave_other_words_alone() -> None:
    assert fold("中国银行", "zh") == ["中国", "国银", "银行"]
    assert fold("中", "zh") == ["中"]
    assert fold("第7章iPhone手机", "zh") == ["第", "7", "章", "iphon", "手机"]
    assert fold("한국어", "ko") == ["한국", "국어"]


def test_a_query_leaves_out_english_stop_words_unless_it_has_no_others() -> None:
    assert query_tokens("Who built the bridge and the bridges?", ["en"]) == ["built", "bridg"]
    assert query_tokens("to be or not to be", ["en"]) == ["to", "be", "or", "not"]
    assert "was" in query_tokens("was ist das", ["de"])
    assert query_tokens("?!", ["en"]) == []
    assert query_tokens("words", []) == []


def test_a_query_is_folded_for_each_language_of_the_index() -> None:
    tokens = query_tokens("Häuser running", ["en", "de"])
    assert set(fold("Häuser running", "en")) | set(fold("Häuser running", "de")) == set(tokens)
    assert len(tokens) == len(set(tokens))


def test_a_query_is_capped() -> None:
    assert len(query_tokens(" ".join(f"w{n}" for n in range(2000)), ["en"])) == MAX_QUERY_TOKENS


def test_threads_agree() -> None:
    words = [f"running{n} walked{n} المدينة{n} города" for n in range(200)]
    expected = [fold(word, "en") for word in words]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: fold(words[n], "en"), range(len(words))))
    assert found == expected


@given(st.text(), LANGUAGES)
def test_tokens_are_clean_and_decomposition_changes_nothing(text: str, language: str) -> None:
    tokens = fold(text, language)
    assert all(token and token.split() == [token] for token in tokens)
    assert fold(unicodedata.normalize("NFC", text), language) == tokens


@given(st.text(), st.text(), LANGUAGES)
def test_folding_goes_word_by_word(one: str, other: str, language: str) -> None:
    assert fold(f"{one} {other}", language) == fold(one, language) + fold(other, language)


@given(st.text(alphabet=st.characters(max_codepoint=127)), LANGUAGES)
def test_plain_text_takes_a_short_way_to_the_same_tokens(text: str, language: str) -> None:
    # Behind a sign that is left out, the same text goes the long way.
    assert fold(text, language) == fold(f"\u0640{text}", language)
