"""States, reasons and caveats as a reader would say them: one wording for page and terminal."""

from __future__ import annotations

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
