"""From a corpus with an article to the claims that can be asked of its sources.

A claim that carries footnotes is a query whose answer somebody has already looked up: the sources
of its footnotes. Texts that are copies of each other (one agency report on several sites) count as
one source here, and each of them goes by the id of the first.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from footnoted.domain import Claim, Document, Identity, Kind, Reference
from footnoted.errors import InputError
from footnoted.eval.corpus_texts import CorpusTexts
from footnoted.eval.runs import HIDDEN
from footnoted.ingest.corpus import Corpus
from footnoted.ingest.states.syndication import copies, folded_words
from footnoted.service.questions import LONGEST

_FEWEST_WORDS = 6
_SENTENCE_END = re.compile(r"[.!?…؟۔।॥။።。！？｡][\"'”’»›)\]」』】）》〉]*$")
_UNSPACED = re.compile(r"[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_CELL = " | "  # what stands between the cells of a table row in the article's text
# Remarks by which the article's own editors say that the footnote does not bear the claim out.
_DOUBTED = frozenset({"failed_verification", "dubious", "dubious_discuss", "disputed"})

Groups = Mapping[str, str]
"""The id of each source document that was read, to the id of the first copy of its words."""


class AutoClaim(NamedTuple):
    """A cited claim with a source that was read.

    ``reference_ids`` are those of its footnotes whose source was read, ``sources`` their texts as
    groups of copies, and ``digest_only`` says that all of these are somebody else's notes.
    """

    claim: Claim
    reference_ids: tuple[str, ...]
    sources: frozenset[str]
    digest_only: bool

    @property
    def name(self) -> str:
        """The id of its question."""
        return self.claim.claim_id

    @property
    def hidden_id(self) -> str:
        """The id of its question when its sources are hidden."""
        return f"{self.claim.claim_id}{HIDDEN}"

    def own(self, groups: Groups) -> frozenset[str]:
        """The ids of all documents that hold its sources' words, copies included."""
        return frozenset(key for key, first in groups.items() if first in self.sources)


def source_groups(corpus: Corpus) -> Groups:
    """Each source document that has passages, with the first of those that share its words.

    Both orders of the texts are compared, since a copy is only ever compared with the first.
    """
    indexed = {passage.document_id for passage in corpus.passages.values()}
    texts = {
        key: document.text
        for key, document in corpus.documents.items()
        if document.kind is Kind.SOURCE and key in indexed
    }
    first = {key: key for key in texts}
    backwards = copies(dict(reversed(texts.items())))
    for pair in (*copies(texts).items(), *backwards.items()):
        one, other = sorted((first[name] for name in pair), key=list(texts).index)
        first = {key: one if of == other else of for key, of in first.items()}
    return first


def auto_claims(corpus: Corpus, groups: Groups) -> list[AutoClaim]:
    """The claims of the article that make good queries, in its order, the same words once.

    Sentences of six words or more and infobox rows as long; no table rows, no captions or other
    fragments, none that the editors doubt. ``InputError`` for a corpus without an article or
    without any such claim.
    """
    if corpus.article is None:
        raise InputError(
            f"The corpus {corpus.info.corpus_name} has no article, so no claim tells what its "
            "texts answer.",
            about=corpus.info.corpus_name,
            hint="Name a corpus that was made from an article, or an eval set of your own.",
        )
    documents: dict[str, list[Document]] = defaultdict(list)
    for key in groups:
        for reference_id in corpus.documents[key].reference_ids:
            documents[reference_id].append(corpus.documents[key])
    found = list(_distinct(corpus.article.claims, groups, documents))
    if not found:
        raise InputError(
            f"No sentence of the article {corpus.article.title!r} cites a source that was read.",
            about=corpus.info.corpus_name,
            hint="`footnoted sources` says what became of each; supply some with --source.",
        )
    return found


def _distinct(
    claims: tuple[Claim, ...], groups: Groups, documents: Mapping[str, list[Document]]
) -> Iterator[AutoClaim]:
    seen: set[tuple[str, ...]] = set()
    for claim in claims:
        read = tuple(r for r in claim.reference_ids if r in documents)
        words = tuple(folded_words(claim.text))
        if not read or words in seen or not is_query(claim):
            continue
        seen.add(words)
        texts = [document for reference_id in read for document in documents[reference_id]]
        yield AutoClaim(
            claim=claim,
            reference_ids=read,
            sources=frozenset(groups[document.document_id] for document in texts),
            digest_only=all(document.identity is Identity.DIGEST for document in texts),
        )


def is_query(claim: Claim) -> bool:
    """Whether the claim's words alone say enough to be looked for."""
    if _CELL in claim.text or len(claim.text) > LONGEST or _DOUBTED & set(claim.flags):
        return False
    if claim.label is None and not _SENTENCE_END.search(claim.text):
        return False
    return _length(claim.text) >= _FEWEST_WORDS


def _length(text: str) -> float:
    """The words of ``text``; where no space parts them, two signs are about one."""
    return sum(0.5 if _UNSPACED.match(word) else 1 for word in folded_words(text))


def printed_label(reference: Reference, texts: CorpusTexts) -> str:
    """The shortest name that means this reference alone: its label, else with its group."""
    known = texts.reference_names.get(reference.label) == reference.reference_id
    return reference.label if known else f"{reference.group}:{reference.label}"
