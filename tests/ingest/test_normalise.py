"""What the one normalisation keeps and takes out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footnoted.ingest.normalise import normalise, normalise_line


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        ("ig\u200dno\u200cre", "ignore"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        ("👩🏽\u200d🚀", "👩🏽\u200d🚀"),
        ("☎\ufe0f", "☎\ufe0f"),
        ("葛\U000e0100", "葛\U000e0100"),
        ("☎\ufe0f\U000e0110\U000e0152\ufe00 rings", "☎\ufe0f rings"),
        ("to\u3164l\u115fl\u1160s\uffa0 \u034fhere", "tolls here"),
        ("a\u202eb\u2066c\U000e0041", "abc"),
        ("e\u0301\u00a0x", "\u00e9 x"),
        ("a\r\nb\u2028c\n\n\n\nd", "a\nb\nc\n\nd"),
    ],
)
def test_what_is_unseen_goes_and_what_means_something_stays(given_text: str, kept: str) -> None:
    assert normalise(given_text) == kept


SIGNS = st.text(
    st.sampled_from("aZé \n\r\u200d\u200c\ufe0f\ufe00\U000e0100\u0301\u202e葛🚀\u3164 ")
)


@given(st.one_of(st.text(), SIGNS))
def test_a_normalised_text_stays_as_it_is(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert "\n" not in normalise_line(text)
