from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footnoted.ingest.language import (
    detect_language,
    direction_of,
    primary_subtag,
    script_of,
)

SENTENCES = {
    "en": "The lamp on the headland was lit for the first time in the autumn of that year.",
    "de": "Die Lampe auf der Landspitze wurde im Herbst jenes Jahres zum ersten Mal entzündet.",
    "es": "La lámpara del cabo se encendió por primera vez en el otoño de aquel año.",
    "fr": "La lampe du cap fut allumée pour la première fois à l'automne de cette année-là.",
    "pl": "Lampa na przylądku została zapalona po raz pierwszy jesienią tamtego roku.",
    "ar": "أضيئت المنارة على الرأس لأول مرة في خريف ذلك العام.",
    "fa": "چراغ دماغه برای نخستین بار در پاییز همان سال روشن شد و می‌تابد.",
    "ru": "Лампа на мысе была впервые зажжена осенью того года.",
    "uk": "Лампа на мисі була вперше запалена восени того року, і її світло бачили всі.",
    "el": "Ο φάρος άναψε για πρώτη φορά το φθινόπωρο εκείνου του έτους.",
    "he": "המגדלור הודלק לראשונה בסתיו של אותה שנה.",
    "zh": "那一年秋天，岬角上的灯塔第一次点亮。",
    "ja": "岬の灯台はその年の秋に初めて点灯した。",
    "ko": "그해 가을 곶의 등대가 처음으로 켜졌다.",
    "th": "ประภาคารบนแหลมถูกจุดไฟครั้งแรกในฤดูใบไม้ร่วงปีนั้น",
    "hi": "उस वर्ष की शरद ऋतु में अंतरीप का दीपक पहली बार जलाया गया था।",
}


@pytest.mark.parametrize(("language", "sentence"), SENTENCES.items())
def test_a_sentence_is_told_by_its_script_and_words(language: str, sentence: str) -> None:
    assert detect_language(sentence) == language


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("Plain words", "Latin"),
        ("ﬁrst naïve café", "Latin"),
        ("Ωραία μέρα", "Greek"),
        ("كتاب عن الجسور", "Arabic"),
        ("1911–1912: 42 %", "Common"),
        ("", "Common"),
        ("那一年的灯塔", "Han"),
        ("灯台は初めて点灯した", "Kana"),
        ("这个 API 很好用", "Han"),
        ("등대", "Hangul"),
        ("The word منارة means a lighthouse", "Latin"),
    ],
)
def test_script_of(text: str, script: str) -> None:
    assert script_of(text) == script


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        (SENTENCES["ar"], "rtl"),
        (SENTENCES["he"], "rtl"),
        (SENTENCES["en"], "ltr"),
        ("The word منارة means a lighthouse", "ltr"),
        ("كلمة lamp تعني المصباح", "rtl"),
        ("1911–1912: 42 %", "ltr"),
    ],
)
def test_the_direction_of_most_of_a_text(text: str, direction: str) -> None:
    assert direction_of(text) == direction


@pytest.mark.parametrize(
    ("text", "hint", "language"),
    [
        ("42 — 17", None, "und"),
        ("42 — 17", "fr-CA", "fr"),
        ("Tours", "fr", "fr"),
        ("Tours", None, "und"),
        ("Tours", "ar", "und"),  # no Arabic page is written in Latin letters
        (SENTENCES["zh"], "en", "zh"),
        (SENTENCES["zh"], "ja", "ja"),  # Han characters alone cannot disprove it
        (SENTENCES["he"], "yi", "yi"),
        (SENTENCES["de"], "gsw", "gsw"),  # a language that we do not know of
        (SENTENCES["de"] * 4, "en", "de"),  # a template's default
        (SENTENCES["en"], "utf-8", "en"),
    ],
)
def test_what_a_page_says_of_itself_decides_where_it_can(
    text: str, hint: str | None, language: str
) -> None:
    assert detect_language(text, hint) == language


@pytest.mark.parametrize(
    ("tag", "subtag"),
    [
        ("en-GB", "en"),
        ("PT_br", "pt"),
        ("iw", "he"),
        ("deu", "de"),
        ("english", None),
        ("und", None),
        ("x", None),
        ("", None),
        (None, None),
    ],
)
def test_primary_subtag(tag: str | None, subtag: str | None) -> None:
    assert primary_subtag(tag) == subtag


@given(st.text(max_size=200))
def test_the_order_of_letters_changes_no_script(text: str) -> None:
    assert script_of(text) == script_of(text[::-1])


def test_looking_at_a_script_loads_no_model() -> None:
    code = (
        "import sys; from footnoted.ingest.language import detect_language, script_of;"
        "print(script_of('كتاب'), detect_language('شيء', 'ar'), detect_language('Ωραία'),"
        " 'py3langid' in sys.modules, 'numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.split() == ["Arabic", "ar", "el", "False", "False"]
