"""States, reasons and caveats as a reader would say them: one wording for page and terminal."""

from __future__ import annotations

from typing import NamedTuple

from footnoted.domain import Access, Caveat, Identity, RefusalReason

ACCESS_IN_WORDS = {
    Access.FETCHED: "read on the web",
    Access.ARCHIVED_COPY: "read from a web archive",
    Access.SUPPLIED: "read from a supplied file",
    Access.PARTIAL: "read in part",
    Access.CONSENT_WALL: "hidden behind a consent page",
    Access.NEEDS_JS: "shown only by JavaScript",
    Access.SOFT_404: "gone: the address now shows another page",
    Access.DEAD: "dead: the address does not answer",
    Access.BLOCKED_BY_ROBOTS: "closed to programs by robots.txt",
    Access.BLOCKED_BY_SITE: "refused by its site",
    Access.UNSAFE: "not opened: an unsafe address",
    Access.TOO_LARGE: "not read: too large",
    Access.UNSUPPORTED_TYPE: "not read: no kind of text",
    Access.EXTRACTION_FAILED: "not read: no text could be taken from it",
    Access.NOT_ONLINE: "not online",
    Access.URL_UNKNOWN: "no address known",
    Access.NOT_ATTEMPTED: "not fetched",
}

IDENTITY_IN_WORDS = {
    Identity.EXACT: "the cited page",
    Identity.OTHER_URL_SAME_SITE: "the cited page under another address",
    Identity.SYNDICATED_COPY: "a copy on another site",
    Identity.CHANGED_SINCE_CITED: "the cited page, changed since it was cited",
    Identity.DIGEST: "a digest, not the source's words",
    Identity.UNVERIFIED: "not checked to be the cited page",
}

REFUSALS = {
    RefusalReason.NOT_IN_CORPUS: "neither the article nor the sources that were read say this.",
    RefusalReason.SOURCES_UNREADABLE: "the sources that should say this could not be read.",
    RefusalReason.FALSE_PREMISE: "the question presumes something that the corpus contradicts.",
    RefusalReason.INCOMPLETE_QUESTION: "the question leans on something that was not asked.",
}

CAVEATS = {
    Caveat.ARTICLE_ONLY: "only the article says this; none of the sources behind it was read.",
    Caveat.DIGEST_ONLY: "this rests on a digest, somebody's own-words notes on a source.",
    Caveat.SOURCES_CONFLICT: "the sources do not agree on this.",
    Caveat.PARTIAL_SOURCE: "a source behind this could be read only in part.",
}

WHAT_NEXT = {
    RefusalReason.NOT_IN_CORPUS: (
        "Try other words, or look at the closest passages below. If a source that was not read "
        "may say it, supply that source."
    ),
    RefusalReason.SOURCES_UNREADABLE: (
        "Look at the sources that were not read: for each, the list says what you can do. "
        "Supply them, and ask again."
    ),
    RefusalReason.FALSE_PREMISE: (
        "Read the closest passages below for what is said instead, and ask without the presumption."
    ),
    RefusalReason.INCOMPLETE_QUESTION: "Ask again with the thing itself: its name, place or date.",
}
"""What a reader can do after a refusal."""


class Advice(NamedTuple):
    """What to do about a source, and the options of ``footnoted ingest`` that do it, if any.

    ``{key}`` in the options stands for the footnote; words in capitals are for the reader to fill.
    """

    words: str
    options: str = ""


_SUPPLY = "--source {key}=PAGE.html"
_SAVE = Advice(
    "Open it in a browser, save the page as one HTML file or as a PDF, and supply that.", _SUPPLY
)

ADVICE: dict[Access | Identity, Advice] = {
    Access.PARTIAL: Advice("Supply the whole text, if you have it.", _SUPPLY),
    Access.CONSENT_WALL: _SAVE,
    Access.NEEDS_JS: _SAVE,
    Access.SOFT_404: Advice(
        "Look for its new address or for a copy, and give that.", "--links LINKS.json"
    ),
    Access.DEAD: Advice("Try it again later; or supply a copy of the page.", "--refresh"),
    Access.BLOCKED_BY_ROBOTS: Advice(
        "Read it yourself, and supply it if its terms let you.", _SUPPLY
    ),
    Access.BLOCKED_BY_SITE: _SAVE,
    Access.UNSAFE: Advice("Check the address, and give the right one.", "--links LINKS.json"),
    Access.TOO_LARGE: Advice("Save it, cut it to what you need, and supply that.", _SUPPLY),
    Access.UNSUPPORTED_TYPE: Advice("Supply a text of it, or your own notes on it.", _SUPPLY),
    Access.EXTRACTION_FAILED: Advice("Supply a copy whose text can be selected.", _SUPPLY),
    Access.NOT_ONLINE: Advice("If you have its text, supply that.", "--source {key}=TEXT.txt"),
    Access.URL_UNKNOWN: Advice(
        "Find its address and give it, or supply the page itself.", "--links LINKS.json"
    ),
    Access.NOT_ATTEMPTED: Advice("Fetch the sources.", "--refresh"),
    Identity.DIGEST: Advice("Supply the source itself, so that its own words are read.", _SUPPLY),
    Identity.CHANGED_SINCE_CITED: Advice(
        "Look for an archived copy of the day it was cited, and supply that.", _SUPPLY
    ),
    Identity.UNVERIFIED: Advice(
        "Compare it with the reference; if it is another page, supply the cited one.", _SUPPLY
    ),
}
"""What to do about a source that was not read, or may be another one; others need nothing."""
