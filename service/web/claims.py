"""The view of one claim: what the article says, beside what each of its sources says."""

from __future__ import annotations

from footnoted.domain import Json
from footnoted.service.audit_document import VERDICT_IN_WORDS
from footnoted.service.ledger.judging import Verdict
from footnoted.service.shelf import Answers
from footnoted.service.web.article import signs
from footnoted.service.web.citing import as_text
from footnoted.service.web.evidence import Card
from footnoted.service.web.paragraphs import paragraph

DISPUTED = "disputed"
"""The mark of a claim of which some source says otherwise, whatever the verdict over all is."""

MARKS_IN_WORDS = {
    **{verdict.value: words for verdict, words in VERDICT_IN_WORDS.items()},
    DISPUTED: "a source says otherwise",
}
"""What the underlining of a sentence means."""

OWN_VERDICTS = {
    Verdict.SUPPORTED: "they say it",
    Verdict.PARTLY_SUPPORTED: "they say part of it",
    Verdict.NOT_FOUND: "they do not say it",
    Verdict.CONTRADICTED: "they say something else",
    Verdict.SOURCE_UNREADABLE: "they cannot be read",
    Verdict.UNCITED: "it cites none",
}
"""The verdicts as a researcher gives them."""


def comparison(answers: Answers, claim_id: str) -> Json:
    """A claim with what its sources say, each quote in its paragraph; ``NotFound``."""
    with answers.held() as told:
        claim = told.claim(claim_id)
        article = told.article()
        references = {row["reference_id"]: row for row in told.sources()["references"]}
    conflicts = [one for row in claim["evidence"] for one in row["conflicts"]]
    disputed = conflicts and claim["verdict"] != Verdict.CONTRADICTED.value
    place = next(n for n, one in enumerate(article["claims"]) if one["id"] == claim_id)
    return {
        "claim": claim,
        "conflicts": conflicts,
        "shown": DISPUTED if disputed else claim["verdict"],
        "language": article["language"],
        "signs": signs(article["claims"][place], references),
        "quoted": {
            citation["citation_id"]: Card(citation, paragraph(answers, citation), as_text(citation))
            for row in claim["evidence"]
            for citation in row["citations"][:1]
        },
        "previous": article["claims"][place - 1] if place else None,
        "following": next(iter(article["claims"][place + 1 : place + 2]), None),
        "place": place + 1,
        "claims": len(article["claims"]),
    }
