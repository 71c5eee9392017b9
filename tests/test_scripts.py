from __future__ import annotations

import pytest

from footnoted.scripts import main_script, script_of


@pytest.mark.parametrize(
    ("character", "script"),
    [
        ("a", "Latin"),
        ("é", "Latin"),
        ("ß", "Latin"),
        ("ж", "Cyrillic"),
        ("α", "Greek"),
        ("ש", "Hebrew"),
        ("ع", "Arabic"),
        ("ﺍ", "Arabic"),
        ("中", "Han"),
        ("𠀀", "Han"),
        ("カ", "Kana"),
        ("한", "Hangul"),
        ("ก", "Thai"),
        ("7", "Other"),
        ("×", "Latin"),
        ("\u0000", "Other"),
        ("🙂", "Other"),
    ],
)
def test_script_of(character: str, script: str) -> None:
    assert script_of(character) == script


def test_main_script_is_that_of_most_words() -> None:
    assert main_script("من بنى bridge؟") == "Arabic"
    assert main_script("是谁建的 bridge?") == "Han"
    assert main_script("who is محمد القادر, exactly?") == "Latin"
    assert main_script("2023-10-25?!") == "Other"
    assert main_script("") == "Other"
