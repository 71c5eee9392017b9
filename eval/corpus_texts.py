"""What scoring must know of a corpus, as plain data: its texts, claims and references.

Eval sets name documents and references as people do: ``article``, ``7``, ``note:a``, or an id.
Here those names meet the ids that answer documents use.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from footnoted.domain import Article, Document, Kind
from footnoted.errors import InputError
from footnoted.ids import text_sha256

ARTICLE = "article"


class CorpusDocument(NamedTuple):
    """A text of the corpus and the id that citations and passages know it by."""

    document_id: str
    text: str


class CorpusClaim(NamedTuple):
    """A sentence of the article: its span in the article's text, and the references it cites."""

    start: int
    end: int
    references: tuple[str, ...]


class CorpusReference(NamedTuple):
    """A footnote, and the document that holds its source's words (``None`` when unread)."""

    reference_id: str
    label: str
    group: str = ""
    document_id: str | None = None


class CorpusTexts(NamedTuple):
    """Lookups over one corpus revision; ``collect_texts`` makes them.

    ``documents`` maps each name of a document to it, ``reference_names`` each name of a reference
    to its id, ``document_references`` a document's id to the references whose source it is, and
    ``by_sha256`` a text's SHA-256 to the text.
    """

    documents: Mapping[str, CorpusDocument]
    claims: tuple[CorpusClaim, ...]
    reference_names: Mapping[str, str]
    document_references: Mapping[str, frozenset[str]]
    by_sha256: Mapping[str, str]

    def document(self, name: str) -> CorpusDocument:
        """The document of that name; ``InputError`` when there is none."""
        if (found := self.documents.get(name)) is None:
            raise InputError(
                f"The corpus has no document that is called {name!r}.",
                about=name,
                hint="Name it `article`, by its footnote's label, or by its document id.",
            )
        return found


def collect_texts(
    documents: Mapping[str, CorpusDocument],
    claims: Iterable[CorpusClaim] = (),
    references: Sequence[CorpusReference] = (),
) -> CorpusTexts:
    """Lookups over documents by name, the article's claims and its references.

    A document also answers to its own id and to every name of a reference whose source it is. A
    claim's references may be given by any of their names; ``InputError`` for an unknown one.
    """
    names = _reference_names(references)
    named = {document.document_id: document for document in documents.values()}
    sources: dict[str, set[str]] = {}
    by_reference: dict[str, CorpusDocument] = {}
    for reference in references:
        if reference.document_id in named:
            sources.setdefault(reference.document_id, set()).add(reference.reference_id)
            by_reference[reference.reference_id] = named[reference.document_id]
    labelled = {name: by_reference[i] for name, i in names.items() if i in by_reference}
    return CorpusTexts(
        documents={**labelled, **named, **documents},
        claims=tuple(_with_ids(claim, names) for claim in claims),
        reference_names=names,
        document_references={key: frozenset(ids) for key, ids in sources.items()},
        by_sha256={text_sha256(document.text): document.text for document in named.values()},
    )


def texts_of_corpus(article: Article | None, documents: Iterable[Document]) -> CorpusTexts:
    """The lookups of a corpus as the store holds it: its article and all its documents."""
    held = list(documents)
    names = {d.document_id: CorpusDocument(d.document_id, d.text) for d in held}
    for document in held:
        if document.kind is Kind.ARTICLE:
            names[ARTICLE] = names[document.document_id]
    if article is None:
        return collect_texts(names)
    source_of = {r: d.document_id for d in held if d.kind is Kind.SOURCE for r in d.reference_ids}
    return collect_texts(
        names,
        (CorpusClaim(c.span.start, c.span.end, c.reference_ids) for c in article.claims),
        [
            CorpusReference(r.reference_id, r.label, r.group, source_of.get(r.reference_id))
            for r in article.references
        ],
    )


def _reference_names(references: Sequence[CorpusReference]) -> dict[str, str]:
    """Ids and ``group:label`` name one reference; a bare label does, where it is not ambiguous."""
    names: dict[str, str] = {}
    bare: dict[str, list[CorpusReference]] = {}
    for reference in references:
        names[f"{reference.group}:{reference.label}"] = reference.reference_id
        bare.setdefault(reference.label, []).append(reference)
    for label, same in bare.items():
        ungrouped = [reference for reference in same if not reference.group]
        if len(choice := ungrouped or same) == 1:
            names[label] = choice[0].reference_id
    return names | {reference.reference_id: reference.reference_id for reference in references}


def _with_ids(claim: CorpusClaim, names: Mapping[str, str]) -> CorpusClaim:
    if unknown := [name for name in claim.references if name not in names]:
        raise InputError(
            f"A claim cites {unknown[0]!r}, which is no reference of the article.",
            about=unknown[0],
            hint="Give `collect_texts` the references of the same revision as the claims.",
        )
    return claim._replace(references=tuple(names[name] for name in claim.references))
