"""What counts as supported: a shortening of the quote, to the letter where it quotes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footnoted.service.writing.checking import (
    Quote,
    Shortening,
    quotations_are_verbatim,
    signs_are_plain,
)

BRIDGE = (
    "On 2 April 1931, the old bridge, built by Ada Moss in 1890, fell into the river "
    "and 20 workers were hurt."
)
SPEECH = 'The mayor called it "a day of shame for all of us" in 1934.'


def supported(sentence, *quotes, language="en"):
    return Shortening().supported(sentence, [Quote(text, language) for text in quotes])


@pytest.mark.parametrize(
    "sentence",
    [
        BRIDGE,
        BRIDGE.upper(),
        "The old bridge fell into the river.",
        "The old bridge fell into the river on 2 April 1931.",
        "The old bridge, built by Ada Moss in 1890, fell into the river",
        "On 2 April 1931 the old bridge fell into the river.",
        "On 2 April 1931, the old bridge fell into the river and 20 workers were hurt!",
    ],
)
def test_a_shortening_is_supported(sentence):
    assert supported(sentence, BRIDGE)


@pytest.mark.parametrize(
    "sentence",
    [
        "The old bridge fell into the river on 3 April 1931.",  # another date
        "The old bridge fell into the river and 200 workers were hurt.",  # another number
        "The old bridge, built by Eve Moss in 1890, fell into the river.",  # another name
        "The old bridge, built by Ada Moss in 1931, fell into the river.",  # a date of its own
        "The old bridge fell into the river in 1890.",  # a date that belongs elsewhere
        "The old bridge was built in 1931.",
        "Ada Moss fell into the river and 20 workers were hurt.",  # another actor
        "Ada Moss built the old bridge.",
        "The bridge fell into the river.",  # not the old one
        "The old bridge fell.",
        "The old bridge never fell into the river.",
        "The new bridge fell into the river.",
        "20 workers fell into the river.",
        "Der alte Bruecke fiel in den Fluss.",
        "The river fell into the old bridge.",
        "Old bridge",
        "",
        "...",
    ],
)
def test_everything_else_is_not(sentence):
    assert not supported(sentence, BRIDGE)


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        ("Beta attacked Acme.", "Acme attacked Beta."),
        ("Acme attacked Beta.", "Acme was attacked by Beta."),
        ("Acme attacked Beta.", "Acme did not attack Beta."),
        ("Acme attacked Beta.", "The board denied it, Acme attacked Beta."),
        ("Acme attacked Beta.", "According to Beta, Acme attacked Beta."),
        ("Acme attacked Beta in 1931.", "Acme attacked Beta in 1931, officials claimed."),
        ("Acme will attack Beta.", "If Beta moves, Acme will attack Beta."),
        ("Acme sued Delta.", "Acme sued Beta and Gamma sued Delta."),
        ("Acme has 30 men.", "Acme has 20 men and Beta has 30 men."),
        ("Acme attacked Gamma.", "Acme and Beta attacked Gamma."),
        ("Acme lost one hundred.", "Acme lost one hundred and twenty."),
        ("The attackers of Acme fled.", "The attacked of Acme fled."),
        ("Acme has 20 members.", "Acme has at least 20 members."),
        ("The group has ten million members.", "Say that the group has ten million members."),
    ],
)
def test_a_meaning_that_is_turned_is_seen(sentence, quote):
    assert not supported(sentence, quote)
    assert supported(quote, quote)


def test_one_quote_must_say_it_all():
    one, other = "Acme fell in 1931.", "Beta was rebuilt in 1934."
    assert supported(one, one, one)
    assert not supported("Acme was rebuilt in 1934.", one, other)
    assert not supported("Acme fell in 1931, was rebuilt in 1934.", one, other)


def test_every_quote_must_have_the_facts():
    says = "The flood killed 20 people in Mosul."
    assert supported(says, says, "In Mosul, 20 people died in the flood.")
    assert not supported(says, says, "The flood killed 30 people in Mosul.")
    assert not supported(says, says, "The flood killed 20 people in Basra.")


def test_without_words_for_doubt_the_whole_quote_is_needed():
    quote = "سقط الجسر سنة 1931، وأعيد بناؤه سنة 1934."
    assert supported("سقط الجسر سنة 1931، وأعيد بناؤه سنة 1934", quote, language="ar")
    assert not supported("سقط الجسر سنة 1931", quote, language="ar")
    assert not supported("The bridge fell in 1931", quote, language="ar")


@pytest.mark.parametrize(
    "sentence",
    [
        'He called it "a day of shame for all of us".',
        'He called it "a day of shame".',
        "He called it “a day of shame.”",
        "He called it ‘a day of shame’.",
        "He called it 'a day of shame'.",
        "He called it «a day of shame», the workers' day.",
        "No quotation at all, that's it.",
    ],
)
def test_verbatim_quotations(sentence):
    assert quotations_are_verbatim(sentence, [Quote("Other.", "en"), Quote(SPEECH, "en")])


@pytest.mark.parametrize(
    "sentence",
    [
        'He called it "a day of pride for all of us".',
        'He called it "a day of … us".',
        'He called it "a Day of shame".',
        "He called it “a day of shame for us”.",
        "He called it ‘a shame’.",
        "He called it 'a shame'.",
        'He called it "a day of shame for all of us.',
        "He called it “a day of shame.",
        'He called it "".',
        "「a shame」",
        '“He said "it"”',
    ],
)
def test_altered_quotations(sentence):
    assert not quotations_are_verbatim(sentence, [Quote(SPEECH, "en")])


@pytest.mark.parametrize(
    "sign", ["<b>", "**", "`", "[1", "http://x.example", "\u202e", "\u200b", "\x1b", "😀"]
)
def test_markup_and_hidden_characters_are_not_plain(sign):
    assert not signs_are_plain(f"It {sign} fell.", [Quote(SPEECH, "en")])
    shown = sign.isprintable()
    assert signs_are_plain(f"It {sign} fell.", [Quote(f"It {sign} fell.", "en")]) is shown


WORDS = st.lists(
    st.sampled_from(
        (
            *("acme", "beta", "fell", "20", "1931", "in", "by", "the", "not", "said", "old"),
            *(",", ";", "(", ")", "—", "“", "”"),
        )
    ),
    min_size=1,
    max_size=14,
)


@settings(deadline=None)  # other people use this machine
@given(WORDS, WORDS)
def test_what_is_supported_has_no_word_of_its_own(sentence, quote):
    if supported(" ".join(sentence), " ".join(quote)):
        for word in sentence:
            if word.isalnum() and word != "the":
                assert sentence.count(word) <= quote.count(word)
        assert sentence.count("said") == quote.count("said")


@settings(deadline=None)
@given(st.text(max_size=80), st.text(max_size=80), st.sampled_from(["en", "ar", "und"]))
def test_no_text_breaks_the_checks(sentence, quote, language):
    quotes = [Quote(quote, language)]
    assert supported(sentence, quote, language=language) in (True, False)
    assert quotations_are_verbatim(sentence, quotes) in (True, False)
    assert signs_are_plain(sentence, quotes) in (True, False)
