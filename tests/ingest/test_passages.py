"""Passages are windows of whole sentences, in order, and never cross a heading."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from footnoted.domain import Document, Kind, Section
from footnoted.ids import text_sha256
from footnoted.ingest import passages
from footnoted.ingest.sentences import sentence_spans

SENTENCE = st.lists(st.text("abcdeéß٣中", min_size=1, max_size=8), min_size=1, max_size=60).map(
    lambda words: " ".join(words).capitalize() + "."
)
BLOCKS = st.lists(
    st.tuples(st.booleans(), st.lists(SENTENCE, min_size=1, max_size=6)), min_size=1, max_size=8
)


def document(blocks: list[tuple[bool, list[str]]]) -> Document:
    text, headings = "", []
    for n, (titled, sentences) in enumerate(blocks):
        if titled:
            title = f"Heading {n}"
            headings.append(Section(title, 2, len(text)))
            text += f"{title}\n\n"
        text += " ".join(sentences) + "\n\n"
    text = text.rstrip()
    return Document("d", Kind.SOURCE, "T", "en", text, text_sha256(text), headings=tuple(headings))


@given(BLOCKS)
def test_every_sentence_is_in_exactly_one_passage(blocks: list[tuple[bool, list[str]]]) -> None:
    doc = document(blocks)
    starts = {h.start for h in doc.headings}
    expected = [s for s in sentence_spans(doc.text, "en") if s.start not in starts]
    cut = passages.cut(doc)
    assert [s for p in cut for s in p.sentences] == expected
    for p in cut:
        assert (p.span.start, p.span.end) == (p.sentences[0].start, p.sentences[-1].end)
        assert not any(p.span.start <= start < p.span.end for start in starts)
        assert len(p.span.of(doc.text).split()) <= passages.MAX_WORDS or len(p.sentences) == 1


def test_the_heading_path_follows_the_levels() -> None:
    text = "A\n\nOne.\n\nB\n\nTwo.\n\nC\n\nThree.\n\nD\n\nFour."
    headings = (
        Section("A", 2, 0),
        Section("B", 3, text.index("B")),
        Section("C", 3, text.index("C")),
        Section("D", 2, text.index("D")),
    )
    doc = Document("d", Kind.ARTICLE, "T", "en", text, text_sha256(text), headings=headings)
    assert [(p.heading, p.span.of(text)) for p in passages.cut(doc)] == [
        (("A",), "One."),
        (("A", "B"), "Two."),
        (("A", "C"), "Three."),
        (("D",), "Four."),
    ]


def test_a_row_is_a_passage_of_its_own() -> None:
    text = "Size: 70,000\nPart of: Axis\n\nThe body begins. It goes on."
    doc = Document("d", Kind.ARTICLE, "T", "en", text, text_sha256(text))
    cut = passages.cut(doc, rows=[0, text.index("Part of")])
    assert [p.span.of(text) for p in cut] == [
        "Size: 70,000",
        "Part of: Axis",
        "The body begins. It goes on.",
    ]


def test_text_without_spaces_is_cut_too() -> None:
    text = "今天天气很好。" * 100
    doc = Document("d", Kind.SOURCE, "T", "zh", text, text_sha256(text))
    cut = passages.cut(doc)
    assert len(cut) > 3
    assert "".join(p.span.of(text) for p in cut) == text
