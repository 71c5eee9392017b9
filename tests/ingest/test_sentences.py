"""Sentences: where they begin and end, in several scripts, and what holds for any text."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footnoted.ingest.sentences import sentence_spans


def split(text: str, language: str = "en") -> list[str]:
    return [span.of(text) for span in sentence_spans(text, language)]


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("en", ["He joined the U.S. Army in 1917.", "He left it in 1919."]),
        ("en", ["It was written by J. R. Smith.", "Nobody read it."]),
        ("en", ["They met on Jan. 28, 1920.", "It rained."]),
        ("en", ["See p. 5 of the report, e.g. the table.", "Then compare No. 5 with it."]),
        ("en", ["The lamp is 12.5 times brighter.", "It costs $3.20."]),
        ("en", ["They waited... and waited.", "Nobody came."]),
        ("en", ["“Nobody slept.”", "The keeper wrote it down."]),
        ("en", ['He said, "Go."', "They went."]),
        ("en", ["Was it lit?", "Yes!", "It was."]),
        ("en", ["Yahoo! is a company.", "It is old."]),
        ("en", ["Maj. Gen. Reck came.", "St. Holm did not."]),
        ("de", ["Am 1. Januar 2016 kam er an.", "Dr. Holm ging z. B. im Jahr 2016.", "Er blieb."]),
        ("es", ["El Sr. Reck vive en la torre.", "Nació en 1950."]),
        ("ru", ["В 229 г. до н. э. Рим начал войну.", "Он победил."]),
        ("ar", ["أضيئت المنارة.", "هل رآها أحد؟", "نعم، رآها د. سالم."]),
        ("ur", ["یہ مینار ہے۔", "وہ روشن ہے۔"]),
        ("he", ["המגדלור נבנה.", "האם ראו אותו?", "כן."]),
    ],
)
def test_splits_spaced_sentences(language: str, sentences: list[str]) -> None:
    assert split(" ".join(sentences), language) == sentences


def test_splits_chinese_and_japanese_without_spaces() -> None:
    sentences = ["灯塔建于1888年。", "它高3.5米！", "「谁看见了？」"]
    assert split("".join(sentences), "zh") == sentences
    assert split("灯台です。光る？", "ja") == ["灯台です。", "光る？"]


def test_the_script_decides_line_by_line() -> None:
    text = "It was lit. It shone.\n\nأضيئت المنارة. هل رآها أحد؟ نعم.\n\n灯塔。很高。"
    assert split(text, "en") == [
        "It was lit.",
        "It shone.",
        "أضيئت المنارة.",
        "هل رآها أحد؟",
        "نعم.",
        "灯塔。",
        "很高。",
    ]


def test_an_ordinal_ends_an_english_sentence_but_no_german_one() -> None:
    text = "Er kam am 3. Mai an."
    assert split(text, "de") == [text]


def test_a_line_end_always_ends_a_sentence() -> None:
    assert split("Location: the\nVarna Bay", "en") == ["Location: the", "Varna Bay"]


WORDS = st.sampled_from(
    ["U.S.", "J.", "Smith", "e.g.", "3.5", "No.", "5.", "end.", "Why?", "؟", "نعم.", "灯。", "」",
     '"', "(", ")", "...", "a", "I", "\n", "\n\n", " ", "\u00e9", "👩‍🚀", "[1]"]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(WORDS).map(" ".join), st.lists(WORDS).map("".join)))
def test_spans_cover_every_visible_character_once_and_cross_no_line(text: str) -> None:
    covered = [0] * len(text)
    previous = 0
    for span in sentence_spans(text, "en"):
        words = span.of(text)
        assert words == words.strip()
        assert "\n" not in words
        assert span.start >= previous
        previous = span.end
        for position in range(span.start, span.end):
            covered[position] += 1
    for character, times in zip(text, covered, strict=True):
        assert times <= 1
        assert times == 1 or character.isspace()


def test_the_model_is_loaded_on_first_use_and_quickly() -> None:
    code = (
        "import sys, time\n"
        "from footnoted.ingest.sentences import sentence_spans\n"
        "assert 'nupunkt' not in sys.modules\n"
        "start = time.perf_counter()\n"
        "sentence_spans('It was lit. It shone.', 'en')\n"
        "print(time.perf_counter() - start)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(run.stdout) < 2.0  # 0.05 s here; the margin is for a busy machine
