"""The tools themselves: each takes its arguments and gives the document that ``schemas`` describes.

They know nothing of the protocol. An id is ``corpus:passage``, so that what one tool found another
can fetch, whichever corpus it lies in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from typing import Any

from footnoted.documents import ArticleName
from footnoted.domain import Caveat, Json, RefusalReason
from footnoted.errors import UsageError
from footnoted.service.connectors import schemas
from footnoted.service.connectors.addresses import Addresses
from footnoted.service.display import (
    kind_in_words,
    neutral,
    reference_words,
    state_in_words,
    web_link,
)
from footnoted.service.schemas import Shape
from footnoted.service.shelf import Shelf
from footnoted.service.wording import CAVEATS, REFUSALS

MOST_RESULTS = 10
_NEAREST = 3
"""Passages of an answer that are named: who wants more of them searches."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool as clients see it, and the function of a shelf, a base address and arguments."""

    name: str
    title: str
    description: str
    takes: type[Shape]
    gives: type[Shape]
    answer: Callable[[Shelf, str, Any], Json]


def search(shelf: Shelf, base: str, asked: schemas.SearchArguments) -> Json:
    """The passages nearest to a query, in one corpus or in all; each corpus keeps its order."""
    default = shelf.name(asked.corpus)
    others = [] if asked.corpus else [name for name in shelf.corpora if name != default]
    found = (_found(shelf, base, name, asked.query) for name in (default, *others))
    merged = merge(*found, key=_nearness, reverse=True)
    return {"results": [_result(*passage) for passage in islice(merged, MOST_RESULTS)]}


def _found(
    shelf: Shelf, base: str, corpus: str, query: str
) -> list[tuple[Mapping[str, Any], Addresses]]:
    passages = shelf.named(corpus).search(query, MOST_RESULTS)["passages"]
    addresses = Addresses(base, corpus)
    return [(passage, addresses) for passage in passages if passage["duplicate_of"] is None]


def _nearness(found: tuple[Mapping[str, Any], Addresses]) -> tuple[float, float]:
    """How near a passage is, whatever its corpus: scores only compare those of one search.

    A corpus that has nothing to do with the query is .3 to .5 by late interaction, one that has is
    above .7 (same model); without it, shared words must do.
    """
    signals = found[0]["signals"]
    return signals["maxsim"] or 0.0, signals["bm25"] or 0.0


def _result(passage: Mapping[str, Any], addresses: Addresses) -> Json:
    return {
        "id": f"{addresses.corpus}:{passage['id']}",
        "title": _title(passage),
        "url": addresses.of(passage["citation"]),
    }


def fetch(shelf: Shelf, base: str, asked: schemas.FetchArguments) -> Json:
    """One passage by its id; ``NotFound``, or ``Gone`` where its source no longer says it."""
    corpus, separator, passage_id = asked.id.rpartition(":")
    if not (corpus and separator and passage_id):
        raise UsageError(
            f"{asked.id[:100]!r} is not the id of a passage.",
            about="id",
            hint="An id is corpus:passage, as `search` gives it.",
        )
    passage = shelf.named(corpus).passage(passage_id)
    article = _article(shelf, corpus)
    return {
        **_result(passage, Addresses(base, corpus)),
        "text": passage["text"],
        "metadata": _metadata(passage, corpus, article),
    }


def _metadata(passage: Mapping[str, Any], corpus: str, article: Mapping[str, Any] | None) -> Json:
    """What else is known of a passage, flat and without what is not known."""
    citation = passage["citation"]
    known = {
        "corpus": corpus,
        "kind": kind_in_words(citation),
        "state": state_in_words(citation),
        "label": citation["label"],
        "footnotes": ", ".join(row["label"] for row in citation["references"]),
        "heading": " › ".join(passage["heading"]),
        "before": passage["before"],
        "after": passage["after"],
        "authors": "; ".join(citation["authors"]),
        "publisher": citation["publisher"],
        "published": citation["published"],
        "language": citation["language"],
        "page": citation["page"],
        "archive_url": web_link(citation["archive_url"]),
        "captured_at": citation["captured_at"],
        "citation_id": citation["citation_id"],
        "start": citation["start"],
        "end": citation["end"],
        "article": article and article["title"],
        "article_url": article and article["url"],
        "article_revision": article and article["revision"],
        "article_licence": article and article["licence"],
    }
    return {name: value for name, value in known.items() if value not in (None, "")}


def ask(shelf: Shelf, base: str, asked: schemas.AskArguments) -> Json:
    """An answer with its citations, or a refusal with its reason, as short as a model needs it."""
    corpus = shelf.name(asked.corpus)
    document = shelf.named(corpus).ask(
        *(asked.question, None, asked.only, asked.reference), history=asked.history
    )
    addresses = Addresses(base, corpus)
    reason = document["reason"]
    return {
        "question": document["question"],
        "status": document["status"],
        "reason": reason,
        "explanation": reason and REFUSALS[RefusalReason(reason)],
        "confidence": document["confidence"],
        "statements": [
            {"text": row["text"], "citations": row["citations"]} for row in document["statements"]
        ],
        "citations": [
            _quote(citation, document["passages"], addresses) for citation in document["citations"]
        ],
        "caveats": [CAVEATS[Caveat(caveat)] for caveat in document["caveats"]],
        "notes": document["notes"],
        "nearest": [_result(passage, addresses) for passage in document["passages"][:_NEAREST]],
        "corpus": corpus,
        "article": _article(shelf, corpus),
    }


def _quote(
    citation: Mapping[str, Any], passages: Sequence[Mapping[str, Any]], addresses: Addresses
) -> Json:
    around = next((p["id"] for p in passages if _holds(p["citation"], citation)), None)
    return {
        "number": citation["number"],
        "id": around and f"{addresses.corpus}:{around}",
        "citation_id": citation["citation_id"],
        "kind": kind_in_words(citation),
        "label": citation["label"],
        "title": neutral(citation["title"]),
        "publisher": citation["publisher"],
        "published": citation["published"],
        "url": addresses.of(citation),
        "quote": citation["quote"],
        "state": state_in_words(citation),
        "footnotes": [
            {
                "label": row["label"],
                "title": neutral(reference_words(row["csl"])),
                "state": state_in_words(row),
            }
            for row in citation["references"]
        ],
    }


def _holds(passage: Mapping[str, Any], citation: Mapping[str, Any]) -> bool:
    return bool(
        passage["document_id"] == citation["document_id"]
        and passage["text_sha256"] == citation["text_sha256"]
        and passage["start"] <= citation["start"]
        and citation["end"] <= passage["end"]
    )


def sources(shelf: Shelf, base: str, asked: schemas.SourcesArguments) -> Json:  # noqa: ARG001
    """What the article cites and what became of it, some at a time; and which corpora are here."""
    corpus = shelf.name(asked.corpus)
    document = shelf.named(corpus).sources()
    end = asked.offset + asked.limit
    return {
        "corpus": corpus,
        "corpora": list(shelf.corpora),
        "article": _article(shelf, corpus),
        "counts": {key: document["counts"][key] for key in ("references", "readable", "digests")},
        "sources": [_source(row) for row in document["references"][asked.offset : end]],
        "offset": asked.offset,
        "next_offset": end if end < len(document["references"]) else None,
    }


def _source(row: Mapping[str, Any]) -> Json:
    return {
        "reference_id": row["reference_id"],
        "label": row["label"],
        "title": neutral(reference_words(row["csl"], row["text"])),
        "url": web_link(row["url"]),
        "state": state_in_words(row),
        "reason": row["reason"],
        "characters": row["characters"],
    }


def _title(passage: Mapping[str, Any]) -> str:
    """The source's title and the heading that a passage stands under."""
    parts = [passage["citation"]["title"], *passage["heading"][-1:]]
    title = " › ".join(dict.fromkeys(part for part in parts if part))
    return str(neutral(title)) or "Untitled"


def _article(shelf: Shelf, corpus: str) -> ArticleName | None:
    """The article of a corpus, to be named wherever its words are: it may have a licence."""
    article = shelf.named(corpus).info()["article"]
    return article and {**article, "url": web_link(article["url"])}


TOOLS = (
    Tool(
        "search",
        "Search an article and its sources",
        "Find passages about a question in an article and in everything that it cites. Gives the"
        " id, title and address of each passage, best first; `fetch` gives its words. To have a"
        " question answered with citations, use `ask`.",
        schemas.SearchArguments,
        schemas.Results,
        search,
    ),
    Tool(
        "fetch",
        "Read one passage",
        "Read one passage by its id: its verbatim words, its source's title and address, and in"
        " `metadata` the words before and after it, who published it and when, and which footnotes"
        " of the article stand at it.",
        schemas.FetchArguments,
        schemas.Fetched,
        fetch,
    ),
    Tool(
        "ask",
        "Ask for a cited answer",
        "Answer one question with sentences quoted from an article and its cited sources, each with"
        " its citation. When they do not say it, the status is `refused` and the reason says why:"
        " then do not answer from memory as if they did. Quote statements as they stand and give"
        " their citations.",
        schemas.AskArguments,
        schemas.Answered,
        ask,
    ),
    Tool(
        "sources",
        "List the article's sources",
        "List what the article cites: each reference's label, title and address, and whether it"
        " could be read. Also names the corpora that can be asked. Long lists come in parts: ask"
        " again with `offset` set to `next_offset`.",
        schemas.SourcesArguments,
        schemas.ListedSources,
        sources,
    ),
)
