"""What the views are made of: examples, paragraphs, the cut article, advice on sources."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footnoted.domain import Access, Identity
from footnoted.errors import Gone, NotFound, QuestionError
from footnoted.service.web.article import blocks
from footnoted.service.web.citing import as_text
from footnoted.service.web.examples import examples
from footnoted.service.web.paragraphs import NEAR, Paragraph, paragraph
from footnoted.service.web.references import advice_for
from footnoted.service.web.rendering import address


def claim(text, label=None, references=(), start=0, number=1):
    return {
        "id": f"c{number}",
        "text": f"{label}: {text}" if label else text,
        "label": label,
        "start": start,
        "end": start + len(text),
        "markers": [],
        "reference_ids": list(references),
        "flags": [],
    }


def article(*claims, title="Harrow Weir (river)", language="en"):
    return {"title": title, "language": language, "claims": list(claims)}


def test_infobox_rows_become_questions_with_figures_first():
    made = examples(
        article(
            claim("Harrow Weir", "Name"),
            claim("Carries", "Carries"),
            claim("Anna Moss", "Designer"),
            claim("stone", "Material"),
            claim("9 m", "Height"),
            claim("1871", "Opened"),
            claim("A; B", "Part of"),
            claim("12", "No. of gates"),
            claim("Bo", "Keepers"),
            claim("Di", "Keepers"),
            claim("1871–1902", "Years of use"),
        ),
        most=9,
    )
    assert made == [
        "What is the height of Harrow Weir?",
        "When was Harrow Weir opened?",
        "What are the years of use of Harrow Weir?",
        "Who is the designer of Harrow Weir?",
        "Which keepers does Harrow Weir have?",
        "What is the material of Harrow Weir?",
    ]


def test_dates_of_cited_sentences_become_questions():
    made = examples(
        article(
            claim("It was mended on 3 May 1902.", references=["r"]),
            claim("Nobody cites 4 May 1903."),
            claim("It broke again on May 5, 1904, at noon.", references=["r"]),
            claim("And on 3 May 1902 too.", references=["r"]),
        )
    )
    assert made == ["What happened on 3 May 1902?", "What happened on May 5, 1904?"]


def test_other_languages_have_their_rows_own_words_and_nothing_gives_nothing():
    arabic = article(claim("سد", "الاسم"), claim("٩ م", "الارتفاع"), title="سد هارو", language="ar")
    assert examples(arabic) == ["الارتفاع: سد هارو؟"]
    assert examples(article()) == []


class Around:
    """A corpus of one text, of which one stretch is a passage."""

    def __init__(self, text, start, end, *, gone=False):
        self.text, self.start, self.end, self.gone = text, start, end, gone

    def search(self, *_, **__):
        if self.gone:
            raise NotFound("No such document.")
        return {"passages": [self.held]}

    @property
    def held(self):
        place = {"document_id": "d", "text_sha256": "t", "start": self.start, "end": self.end}
        words = self.text[self.start : self.end]
        return {"id": "p", "text": words, "heading": ["Weir"], "citation": place}

    def passage(self, _):
        if self.gone:
            raise Gone("It moved on.")
        return {
            "before": self.text[max(0, self.start - 300) : self.start],
            "after": self.text[self.end : self.end + 300],
        }


def cited(text, start, end):
    place = {"document_id": "d", "text_sha256": "t", "start": start, "end": end}
    return place | {"quote": text[start:end]}


@given(st.data())
def test_the_words_around_a_quote_are_those_of_the_text(data):
    text = data.draw(st.text("ab \n", min_size=3, max_size=900))
    start = data.draw(st.integers(0, len(text) - 2))
    end = data.draw(st.integers(start + 1, len(text)))
    first, last = data.draw(st.integers(0, start)), data.draw(st.integers(end, len(text)))
    corpus = Around(text, first, last)
    found = paragraph(corpus, cited(text, start, end), [corpus.held])
    whole = found.far_before + found.before + found.quote + found.after + found.far_after
    earlier, later = text[max(0, first - 300) : first], text[last : last + 300]
    if len(earlier) == 300:
        earlier = earlier.lstrip("ab")
    if len(later) == 300:
        later = later.rstrip("ab")
    assert whole == earlier + text[first:last] + later
    assert found.quote == text[start:end]
    assert "\n\n" not in found.before + "|" + found.after
    assert max(len(found.before), len(found.after)) <= NEAR


def test_a_paragraph_is_looked_for_in_the_document_and_may_be_missing():
    text = "One.\n\nTwo is here. Three. Four.\n\nFive."
    place = cited(text, 19, 25)
    found = paragraph(Around(text, 6, 31), place)
    assert (found.before, found.quote, found.after) == ("Two is here. ", "Three.", " Four.")
    assert (found.far_before, found.far_after, found.more) == ("One.\n\n", "\n\nFive.", True)
    assert (found.begun, found.goes_on) == (True, True)
    whole = paragraph(Around("Two. Three.", 0, 11), cited("Two. Three.", 5, 11))
    assert (whole.before, whole.begun, whole.goes_on) == ("Two. ", False, False)
    assert found.heading == ["Weir"]
    assert paragraph(Around(text, 6, 10), place) == Paragraph("Three.")
    gone = Around(text, 6, 31, gone=True)
    assert paragraph(gone, place) == Paragraph("Three.")
    assert paragraph(gone, place, [gone.held]).before == "Two is here. "


@given(st.lists(st.sampled_from(["One.", "Two is", " ", "\n", "\n\n", "Head"]), max_size=30))
def test_the_cut_article_loses_no_word_and_no_claim(parts):
    text, claims = "", []
    for number, part in enumerate(parts):
        if part.strip() and part != "Head":
            claims.append(claim(part, start=len(text), number=number))
        text += part
    made = blocks({"text": text, "claims": claims}, {})
    shown = "".join(b.heading or "".join(s.text for s in b.sentences) for b in made)
    assert "".join(shown.split()) == "".join(text.split())
    assert [s.claim["id"] for b in made for s in b.sentences if s.claim] == [
        c["id"] for c in claims
    ]


def test_headings_are_the_lines_between_claims_and_rows_follow_tightly():
    text = "Height: 9 m\n\nFirst. Second.\n\nFlood\n\nThird.\nFourth."
    spans = [(0, 11, "Height"), (13, 19, None), (20, 27, None), (36, 42, None), (43, 50, None)]
    claims = [
        claim(text[start:end], start=start, number=n) | {"label": label}
        for n, (start, end, label) in enumerate(spans)
    ]
    made = blocks({"text": text, "claims": claims}, {})
    assert [(b.heading, "".join(s.text for s in b.sentences), b.tight) for b in made] == [
        (None, "First. Second.", False),
        ("Flood", "", False),
        (None, "Third.", False),
        (None, "Fourth.", True),
    ]


@pytest.mark.parametrize("access", list(Access))
def test_every_source_that_was_not_read_has_advice(access):
    row = {"access": access.value, "identity": Identity.UNVERIFIED.value, "csl": {"title": "x"}}
    advice = advice_for(row)
    assert advice is not None
    assert advice.words.endswith(".")
    exact = advice_for(row | {"identity": Identity.EXACT.value})
    assert (exact is None) == (access in ("fetched", "archived_copy", "supplied"))
    digest = advice_for(row | {"identity": Identity.DIGEST.value})
    assert digest is not None
    assert "its own words" in digest.words


def test_a_remark_of_the_article_needs_nothing():
    assert (
        advice_for({"access": "not_online", "identity": "unverified", "csl": {"note": "x"}}) is None
    )


def test_addresses_carry_what_is_given():
    assert address("/x", a=None, b="", c="1 & ü", d=["p", "q"]) == "/x?c=1+%26+%C3%BC&d=p&d=q"
    assert address("/x", a=None) == "/x"
    assert address("/x", q="\ud800") == "/x?q=%3F"


def test_a_citation_as_text_has_quote_source_address_and_id():
    citation = {
        "quote": "It fell. ",
        "csl": {"title": "Flood"},
        "title": "Flood",
        "url": "https://example.org/",
        "captured_at": "2024-02-03T04:05:06Z",
        "citation_id": "a.b.1-9",
    }
    assert as_text(citation) == (
        "“It fell.” “Flood”. https://example.org/ (captured 2024-02-03 04:05 UTC) [a.b.1-9]"
    )
    assert as_text(citation | {"url": None, "captured_at": None}) == "“It fell.” “Flood”. [a.b.1-9]"


def test_signs_that_cannot_be_searched_are_a_quote_alone():
    class Wordless(Around):
        def search(self, *_, **__):
            raise QuestionError("The question has no word.")

    text = "²³ and more."
    assert paragraph(Wordless(text, 0, 12), cited(text, 0, 2)) == Paragraph("²³")
