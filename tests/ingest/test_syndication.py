from __future__ import annotations

import random
import time

from hypothesis import given, settings
from hypothesis import strategies as st

from footnoted.ingest.states.syndication import copies, folded_words

VOCABULARY = [f"{a}{b}" for a in ("bar", "lum", "tor", "ves", "قار") for b in map(str, range(80))]


def text(seed: int, words: int = 300) -> str:
    """Made-up prose, the same for the same seed."""
    return " ".join(random.Random(seed).choices(VOCABULARY, k=words))


unhurried = settings(deadline=None, max_examples=60)  # the first example loads numpy
seeds = st.integers(0, 10**9)
lengths = st.integers(80, 500)


@unhurried
@given(seeds, seeds, lengths, st.integers(0, 500), st.integers(0, 200))
def test_a_copy_is_one_whichever_comes_first(
    seed: int, other: int, words: int, cut: int, added: int
) -> None:
    one = text(seed, words)
    two = " ".join(one.split()[: max(40, cut)]) + " " + text(other, max(1, added))
    assert ("b" in copies({"a": one, "b": two})) == ("b" in copies({"a": two, "b": one}))


@unhurried
@given(seeds, lengths, st.floats(0, 1), st.integers(1, 60))
def test_an_inserted_paragraph_leaves_a_copy(
    seed: int, words: int, where: float, added: int
) -> None:
    original = text(seed, words).split()
    place = int(where * len(original))
    longer = [*original[:place], *text(seed + 1, added).split(), *original[place:]]
    assert copies({"first": " ".join(original), "second": " ".join(longer)}) == {"second": "first"}
    assert copies({"second": " ".join(longer), "first": " ".join(original)}) == {"first": "second"}


@unhurried
@given(seeds, st.integers(120, 500), st.integers(120, 500), st.integers(8, 50))
def test_two_reports_with_one_quote_are_no_copies(seed: int, a: int, b: int, quoted: int) -> None:
    quote = text(seed, quoted)
    one = f"{text(seed + 1, a)} {quote} {text(seed + 2, a)}"
    two = f"{text(seed + 3, b)} {quote} {text(seed + 4, b)}"
    assert copies({"one": one, "two": two}) == {}


@unhurried
@given(seeds, st.integers(1, 59))
def test_a_short_text_is_never_a_copy(seed: int, words: int) -> None:
    short = text(seed, words)
    assert copies({"a": short, "b": short, "c": short + " " + text(seed + 1, 200)}) == {}


def test_the_bounds_are_sixty_words_and_six_tenths_of_the_shorter_text() -> None:
    sixty = text(1, 60)
    assert copies({"a": sixty, "b": sixty}) == {"b": "a"}
    words = text(2, 207).split()  # 200 shingles
    nearly = [*words[:126], *text(3, 400).split()]  # 119 of them
    enough = [*words[:132], *text(4, 400).split()]  # 125 of them
    assert copies({"a": " ".join(words), "b": " ".join(nearly)}) == {}
    assert copies({"a": " ".join(words), "b": " ".join(enough)}) == {"b": "a"}


def test_all_copies_point_to_the_first_and_none_to_a_copy() -> None:
    report, other = text(5), text(6)
    texts = {
        "mail": other,
        "agency": report,
        "gazette": report.upper(),
        "courier": "Headline. " + report,
        "post": text(7),
        "herald": ", ".join(report.split()),
    }
    assert copies(texts) == dict.fromkeys(("gazette", "courier", "herald"), "agency")


def test_the_order_of_words_counts() -> None:
    words = text(8).split()
    assert copies({"a": " ".join(words), "b": " ".join(reversed(words))}) == {}


def test_chinese_and_vocalised_arabic_are_compared_too() -> None:
    chinese = "".join(random.Random(9).choices([chr(0x4E00 + n) for n in range(900)], k=200))
    arabic = "أُضِيئَتِ المَنَارَةُ عَلَى الرَّأْسِ لِأَوَّلِ مَرَّةٍ " * 3 + text(10, 60)
    bare = "أضيئت المنـــارة على الرأس لأول مرة " * 3 + text(10, 60)
    assert copies({"a": chinese, "b": chinese[:70] + "。" + chinese[70:]}) == {"b": "a"}
    assert copies({"a": arabic, "b": bare}) == {"b": "a"}


def test_words_are_folded() -> None:
    assert folded_words("Straße ÉTÉ, don_t कि 灯塔 ２") == [
        "strasse", "ete", "don", "t", "क", "灯", "塔", "2",
    ]  # fmt: skip
    assert folded_words("…!") == []


def test_hundreds_of_texts_with_a_common_footer_take_seconds() -> None:
    footer = text(11, 60)
    texts = {str(n): f"{text(100 + n, 600)} {footer}" for n in range(400)}
    texts["copy"] = texts["17"]
    began = time.process_time()
    assert copies(texts) == {"copy": "17"}
    assert time.process_time() - began < 8
