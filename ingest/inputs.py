"""What a user gave to read, as readings: the article, a source's file, a digest of a source."""

from __future__ import annotations

from dataclasses import dataclass

from footnoted.domain import Access, Article, Identity, Origin, Reference
from footnoted.ingest.digests import Digest
from footnoted.ingest.fetching.responses import Get
from footnoted.ingest.readings import Reading
from footnoted.ingest.rereading import DIGEST, with_reader
from footnoted.ingest.supplied import SuppliedFile


@dataclass(frozen=True, slots=True)
class ArticleInput:
    """The bytes of an article, and what is known of where they came from.

    ``identity`` is ``digest`` for somebody's own-words version of another article. ``captures``
    are responses that came with it, and that nobody else need be asked for.
    """

    file: SuppliedFile
    url: str | None = None
    form: str | None = None
    identity: Identity = Identity.EXACT
    origin: Origin = Origin.SUPPLIED
    captures: Get | None = None


def article_reading(source: ArticleInput, article: Article) -> Reading:
    """The reading of the article itself; its media type says which form read it."""
    supplied = source.origin is Origin.SUPPLIED
    return Reading(
        body=source.file.body,
        media_type=with_reader(source.file.media_type, article.form),
        url=article.url or f"urn:footnoted:article:{source.file.name}",
        final_url=article.url or f"urn:footnoted:article:{source.file.name}",
        origin=source.origin,
        access=Access.SUPPLIED if supplied else Access.FETCHED,
        identity=Identity.EXACT,
        reason="The article, as it was supplied." if supplied else "The article, as it was read.",
    )


def supplied_reading(reference: Reference, file: SuppliedFile) -> Reading:
    """The reading of a file that the user says is the source of ``reference``."""
    url = next(iter(reference.urls), None) or f"urn:footnoted:supplied:{reference.reference_id}"
    return Reading(
        body=file.body,
        media_type=file.media_type,
        url=url,
        final_url=url,
        origin=Origin.SUPPLIED,
        access=Access.SUPPLIED,
        identity=Identity.UNVERIFIED,
        reason=f"Read from the supplied file {file.name}; whether it is the cited page was not "
        "checked.",
    )


def digest_reading(reference: Reference, file: SuppliedFile, digest: Digest) -> Reading:
    """The reading of a digest of ``reference``, which never counts as the source's own words."""
    urn = f"urn:footnoted:digest:{reference.reference_id}"
    return Reading(
        body=file.body,
        media_type=with_reader("text/markdown", DIGEST),
        url=urn,
        final_url=urn,
        origin=Origin.SUPPLIED,
        access=Access.SUPPLIED,
        identity=Identity.DIGEST,
        reason=_digest_reason(digest.written, digest.found_at, digest.relation),
    )


def _digest_reason(written: str | None, found_at: str | None, relation: str | None) -> str:
    words = "Not the source's words: a digest of it in somebody's own words"
    words += f", written {written}." if written else "."
    if found_at:
        words += f" Its writer read {found_at}"
        words += f" ({relation})." if relation else "."
    return words
