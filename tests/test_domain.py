"""The domain's own invariants: what cannot be built at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footnoted.domain import (
    Access,
    Answer,
    Citation,
    CitedPassage,
    Hit,
    Identity,
    Kind,
    Passage,
    Signals,
    SourceState,
    Span,
    Statement,
)


def citation(quote: str = "Three.", number: int = 1, start: int = 5) -> Citation:
    return Citation(
        citation_id="c",
        number=number,
        kind=Kind.SOURCE,
        label="7",
        title="A page",
        csl={},
        url=None,
        archive_url=None,
        fragment_url=None,
        quote=quote,
        span=Span(start, start + len(quote)),
        document_id="d",
        text_sha256="0" * 64,
        capture_sha256=None,
        captured_at=None,
        access=Access.SUPPLIED,
        identity=Identity.UNVERIFIED,
    )


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (3, 3), (4, 3)])
def test_a_span_is_never_empty_or_backwards(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="span"):
        Span(start, end)


@given(st.text(min_size=1), st.data())
def test_a_span_gives_its_characters_or_refuses(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    assert Span(start, end).of(text) == text[start:end]
    with pytest.raises(ValueError, match="exceeds"):
        Span(start, len(text) + 1).of(text)


def test_an_answer_needs_a_statement() -> None:
    with pytest.raises(ValueError, match="at least one statement"):
        Answer("q", (), (citation(),), (), 0.9)


def test_a_statement_needs_a_citation() -> None:
    with pytest.raises(ValueError, match="at least one citation"):
        Statement("Three.", ())


def test_a_statement_cites_only_what_the_answer_has() -> None:
    with pytest.raises(ValueError, match="lacks"):
        Answer("q", (Statement("Three.", (2,)),), (citation(),), (), 0.9)


def test_an_answer_span_is_part_of_its_statement() -> None:
    with pytest.raises(ValueError, match="part of the statement"):
        Statement("Three.", (1,), span="four")


def test_a_quote_fills_its_span() -> None:
    with pytest.raises(ValueError, match="quote"):
        Citation(
            **{name: getattr(citation(), name) for name in Citation.__slots__ if name != "quote"},
            quote="longer than its span",
        )


def test_no_passage_goes_without_its_own_citation() -> None:
    passage = Passage("p", "d", Span(5, 11), (), (Span(5, 11),))
    hit = Hit(passage, 1.0, 1, Signals())
    assert CitedPassage(hit, "Three.", citation()).text == "Three."
    with pytest.raises(ValueError, match="differs from its quote"):
        CitedPassage(hit, "Four!!", citation())


@pytest.mark.parametrize(
    ("access", "identity", "readable"),
    [
        (Access.FETCHED, Identity.EXACT, True),
        (Access.PARTIAL, Identity.UNVERIFIED, True),
        (Access.SUPPLIED, Identity.DIGEST, False),
        (Access.DEAD, Identity.UNVERIFIED, False),
    ],
)
def test_a_digest_never_makes_a_source_readable(
    access: Access, identity: Identity, readable: bool
) -> None:
    assert SourceState("r", access, identity, "why").readable is readable
