"""The works of a bibliography as CSL-JSON items that every reader of that format accepts.

An item has an ``id``, a ``type`` and a title, whatever the article's own reference lacks; ``URL``
is there only where it is a web address. A work that was quoted says so in its ``note``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from footnoted import ids
from footnoted.domain import Citation, Json, Kind, Reference
from footnoted.errors import Gone, NotFound, UsageError
from footnoted.ingest.corpus import Corpus
from footnoted.service.citations import cite
from footnoted.service.exporting.plain import web_address
from footnoted.service.verify import verify_citation

MOST_CITATIONS = 100


def reference_works(corpus: Corpus) -> list[Json]:
    """Every reference of the article, in its order; ``NotFound`` for a corpus without any."""
    if not corpus.references:
        name = corpus.info.corpus_name
        raise NotFound(
            f"The corpus {name} has no references.",
            about=name,
            hint="It holds plain documents: export the citations of an answer instead.",
        )
    return [_reference_work(reference) for reference in corpus.references.values()]


def citation_works(corpus: Corpus, citation_ids: Sequence[str]) -> list[Json]:
    """What these citations quote, each work once with all its quotes, in their order.

    Raises ``NotFound`` for an unknown id, ``Gone`` where its source is no longer in the corpus,
    ``UsageError`` for too many.
    """
    if len(citation_ids) > MOST_CITATIONS:
        raise UsageError(
            f"{len(citation_ids)} citations were given; at most {MOST_CITATIONS} are exported.",
            about="citation",
            hint="Export them in several parts.",
        )
    works: dict[str, Json] = {}
    for citation_id in dict.fromkeys(citation_ids):
        citation = _cited(corpus, citation_id)
        work = _quoted_work(corpus, citation)
        if (first := works.setdefault(work["id"], work)) is not work:
            first["note"] += f" {_quoted(citation)}"
    return list(works.values())


def _reference_work(reference: Reference) -> Json:
    address = next(iter(reference.urls), None)
    notes = [f"Archived at {archived}."] if (archived := web_address(reference.archive_url)) else []
    work = _complete(reference.csl, reference.reference_id, reference.text, address, notes)
    return work | {"citation-label": f"{reference.group} {reference.label}".strip()}


def _cited(corpus: Corpus, citation_id: str) -> Citation:
    """The citation with this id; of an earlier text of its document, where it means that."""
    verified = verify_citation(corpus, citation_id)
    cited = ids.parse_citation_id(citation_id)
    if not verified["ok"]:
        raise NotFound(
            f"The citation {citation_id} means no words of the text that it names.",
            about=citation_id,
            hint="Citation ids stand in every answer, as `citation_id`.",
        )
    document = corpus.documents.get(cited.document_id)
    if document is None:
        raise Gone(
            f"What the citation {citation_id} quotes is no longer in this corpus.",
            about=citation_id,
            hint="Ask again: the answer may rest on other sources now.",
        )
    if verified["status"] == "superseded":
        text = corpus.text_with_prefix(cited.document_id, cited.text_prefix) or ""
        document = replace(document, text=text, text_sha256=verified["text_sha256"], pages=())
    return cite(corpus, document, cited.span, 1)


def _quoted_work(corpus: Corpus, citation: Citation) -> Json:
    notes = [_quoted(citation)]
    if archived := web_address(citation.archive_url):
        notes.insert(0, f"Archived at {archived}.")
    owner = _owner(corpus, citation)
    work = _complete(citation.csl, owner, citation.title, citation.url, notes)
    article = corpus.article
    if citation.kind is Kind.ARTICLE and article is not None and article.licence:
        work["note"] = f"Licence: {article.licence}. {work['note']}"
    return work | ({"citation-label": citation.label} if citation.label else {})


def _owner(corpus: Corpus, citation: Citation) -> str:
    """The id of the reference that the document was read for, as the export of all has it."""
    for reference_id in corpus.documents[citation.document_id].reference_ids:
        if reference_id in corpus.references:
            return reference_id
    return citation.document_id


def _quoted(citation: Citation) -> str:
    span = citation.span
    return (
        f"Quoted: “{citation.quote}” (characters {span.start} to {span.end}, "
        f"citation {citation.citation_id})."
    )


def _complete(
    csl: Json, identity: str, title: str, address: str | None, notes: Sequence[str]
) -> Json:
    work = {key: value for key, value in csl.items() if value not in (None, "", [], {})}
    work |= {"id": identity, "type": work.get("type", "document")}
    work["title"] = work.get("title") or title or address or "Untitled"
    work.pop("URL", None)
    if url := web_address(csl.get("URL")) or web_address(address):
        work["URL"] = url
    if said := [*([work["note"]] if work.get("note") else []), *notes]:
        work["note"] = " ".join(said)
    return work
