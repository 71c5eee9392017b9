from __future__ import annotations

from footnoted.domain import Access, Caveat, Identity, RefusalReason
from footnoted.service.wording import ACCESS_IN_WORDS, CAVEATS, IDENTITY_IN_WORDS, REFUSALS


def test_every_state_reason_and_caveat_has_words_of_its_own():
    for kind, words in (
        (Access, ACCESS_IN_WORDS),
        (Identity, IDENTITY_IN_WORDS),
        (RefusalReason, REFUSALS),
        (Caveat, CAVEATS),
    ):
        assert set(words) == set(kind)
        assert len(set(words.values())) == len(words)
        assert all(text and "_" not in text for text in words.values())


def test_a_digest_is_not_called_the_source():
    assert "not the source's words" in IDENTITY_IN_WORDS[Identity.DIGEST]
