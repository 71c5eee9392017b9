"""Evidence cards: a citation, the paragraph it stands in, what its sources say, how to cite it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from footnoted.documents import ClaimDocument
from footnoted.errors import NotFound
from footnoted.service.display import cited_by
from footnoted.service.shelf import Answers
from footnoted.service.web.citing import as_text
from footnoted.service.web.paragraphs import Paragraph, paragraph


class Card(NamedTuple):
    """What stands on one card.

    ``text`` is the citation as one would paste it, ``statements`` are the numbers of the
    statements that it backs, ``claims`` the claims of the article under its quote, each with what
    its sources say.
    """

    citation: Mapping[str, Any]
    paragraph: Paragraph
    text: str
    statements: Sequence[int] = ()
    claims: Sequence[Mapping[str, Any]] = ()


def cards(answers: Answers, answer: Mapping[str, Any]) -> list[Card]:
    """The cards of an answer document, one for each citation, in their order."""
    backed = cited_by(answer["statements"])
    return [
        Card(
            citation=citation,
            paragraph=paragraph(answers, citation, answer["passages"]),
            text=as_text(citation),
            statements=backed.get(citation["number"], ()),
            claims=claims_under(answers, citation) if citation["kind"] == "article" else (),
        )
        for citation in answer["citations"]
    ]


def claims_under(answers: Answers, citation: Mapping[str, Any]) -> list[ClaimDocument]:
    """The article's claims under a citation of it that cite a source, with what each says."""
    if not citation["references"]:
        return []
    try:
        with answers.held() as told:
            return [
                told.claim(claim["id"])
                for claim in told.article()["claims"]
                if claim["reference_ids"]
                and claim["start"] < citation["end"]
                and citation["start"] < claim["end"]
            ]
    except NotFound:  # another generation has come into use meanwhile
        return []
