"""Notes find their claims again: by id, else by words, each claim once, and none is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from footnoted import ids
from footnoted.service.notes.claims import ArticleClaims, CitedClaim, attach, claims_of, folded

SENTENCES = st.lists(st.sampled_from(["One.", "Two.", "Three.", "Four."]), max_size=8)


def article(texts: list[str], document: str = "d") -> ArticleClaims:
    """The claims that an article with these sentences has."""
    rows = [
        {"id": claim_id, "text": text, "reference_ids": []}
        for claim_id, text in zip(ids.claim_ids(document, texts), texts, strict=True)
    ]
    info = {"name": "n", "id": "i", "revision": "r"}
    document_of = {"claims": rows, "url": None, "title": document, "revision": None}
    return claims_of(info, document_of, {"references": []})


def test_a_claim_knows_its_footnotes_and_which_of_its_words_it_is() -> None:
    info = {"name": "n", "id": "i", "revision": "3-abc"}
    rows = [
        {"id": "a", "text": "It fell.", "reference_ids": ["r7"]},
        {"id": "b", "text": "It  fell.", "reference_ids": ["gone"]},
    ]
    source = {"reference_id": "r7", "label": "7", "text": "Moss 1931", "url": "u", "access": "dead"}
    found = claims_of(
        info,
        {"claims": rows, "url": "https://e.org/a", "title": "A", "revision": "77"},
        {"references": [source]},
    )
    assert found.claims["a"].references == (
        {"reference_id": "r7", "label": "7", "text": "Moss 1931", "url": "u"},
    )
    assert [c.occurrence for c in found.claims.values()] == [0, 1]
    assert found.claims["b"].reference_ids == ()
    assert (found.revision, found.article_revision) == ("3-abc", "77")


def test_a_sentence_of_an_article_with_another_address_is_found_by_its_words() -> None:
    before, now = article(["One.", "Two."], "old"), article(["Two.", "New.", "One."], "new")
    assert not before.claims.keys() & now.claims.keys()
    found = attach(before.claims.values(), now)
    assert [claim and claim.text for claim in found] == ["One.", "Two."]


def test_of_equal_sentences_the_same_one_again_is_taken() -> None:
    before = article(["One.", "One.", "One."], "old")
    now = article(["One.", "One.", "One."], "new")
    second = list(before.claims.values())[1:2]
    assert [c and c.occurrence for c in attach(second, now)] == [1]
    third_of_fewer = attach(list(before.claims.values())[2:], article(["One."], "new"))
    assert [c and c.occurrence for c in third_of_fewer] == [0]


def test_what_is_no_longer_said_has_no_claim() -> None:
    before, now = article(["One.", "Two."]), article(["One!", "Two."])
    assert [claim and claim.text for claim in attach(before.claims.values(), now)] == [None, "Two."]


def test_spaces_and_composed_letters_make_no_other_sentence() -> None:
    old = [CitedClaim("x", "Caf\u0065\u0301  is\nold.", 0, ())]
    (found,) = attach(old, article(["Caf\u00e9 is old."]))
    assert found is not None


@given(SENTENCES, SENTENCES, st.booleans())
def test_every_note_that_can_has_a_claim_of_its_own_words(
    old: list[str], new: list[str], same_address: bool
) -> None:
    before = article(old, "a")
    now = article(new, "a" if same_address else "b")
    written = list(before.claims.values())
    found = attach(written, now)
    given_out = [claim.claim_id for claim in found if claim is not None]
    assert len(given_out) == len(set(given_out))
    for note, claim in zip(written, found, strict=True):
        assert claim is None or folded(claim.text) == folded(note.text)
    for words in set(old):
        attached = sum(
            c is not None for n, c in zip(written, found, strict=True) if n.text == words
        )
        assert attached == min(old.count(words), new.count(words))
