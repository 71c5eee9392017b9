"""What may be ingested over HTTP, and where it goes: no files of the server, no private addresses.

The fetcher checks every address again when it connects, redirects and sources included. These
checks tell at once what could never be read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from footnoted.errors import UsageError
from footnoted.ingest.fetching.addresses import AddressRules, Unanswered
from footnoted.ingest.forms import FORMS
from footnoted.ingest.locations import packaged_names, refuse_packaged, slug
from footnoted.ingest.wikipedia.names import WikiPage, checked_revision, parse_name
from footnoted.service.ingestion import Web
from footnoted.service.jobs.shapes import IngestRequest
from footnoted.service.opened import opened
from footnoted.service.shelf import Shelf
from footnoted.settings import Settings

_NAME = re.compile(r"\w[\w.-]{0,59}")
_MOST_BYTES = 200  # of a file's name, on every file system
_WEB = re.compile(r"(https?)(://.+)", re.IGNORECASE | re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Wanted(NamedTuple):
    """A request that can be tried: its article, the corpus by name, and the folder of that."""

    source: str
    corpus: str
    folder: Path


def wanted(request: IngestRequest, shelf: Shelf, settings: Settings) -> Wanted:
    """What ``request`` asks for.

    Raises ``UsageError`` for an article that is no Wikipedia page or address that may be read,
    for a name that is none, and for options that make no sense together; ``ReadOnly`` for a
    corpus of the package.
    """
    source, page = _source(request.source, settings)
    if request.revision is not None:
        checked_revision(request.revision, "revision")
        if page is None:
            raise UsageError(
                "A revision is of a Wikipedia page, and the source is none.",
                about="revision",
                hint="Leave it out, or name the page: wikipedia:Title.",
            )
    if request.form is not None and request.form not in FORMS:
        raise UsageError(
            f"There is no form {request.form}.",
            about="form",
            hint=f"The forms are {', '.join(FORMS)}.",
        )
    Web(refresh=request.refresh, from_captures=request.from_captures)
    _check_links(request, settings)
    name = _corpus(request.corpus, page)
    return Wanted(source, name, _folder(name, shelf, settings))


def _source(given: str, settings: Settings) -> tuple[str, WikiPage | None]:
    """The article as the ingest is to be told, and the wiki's page that it is, if it is one."""
    if _CONTROL.search(given):
        raise UsageError(
            "The source holds control characters.", about="source", hint="Copy it again."
        )
    source = given.strip()
    if (page := parse_name(source)) is not None:
        return source, page
    address = _WEB.fullmatch(source)
    if address is None:
        raise UsageError(
            "The source is neither a Wikipedia page nor an http or https address.",
            about="source",
            hint="Send wikipedia:Title, wikipedia:ar:Title or an address. Files on the server "
            "are read with `footnoted ingest` there.",
        )
    source = address[1].lower() + address[2]
    _check_addresses([source], "source", settings)
    return source, None


def _check_links(request: IngestRequest, settings: Settings) -> None:
    for key, given in request.links.items():
        urls = [given] if isinstance(given, str) else given
        if not all(url.startswith(("http://", "https://")) for url in urls):
            raise UsageError(
                f"The link of {key} is no http or https address.",
                about="links",
                hint='Example: {"7": "https://example.org/page"}',
            )
        _check_addresses(urls, "links", settings)


def _check_addresses(urls: Iterable[str], about: str, settings: Settings) -> None:
    rules = AddressRules.parse(settings.fetch_allow)
    for url in urls:
        try:
            rules.check_url(url)
        except Unanswered as error:
            raise UsageError(
                f"{url} cannot be read: {error.why}",
                about=about,
                hint="Public http and https addresses are read; whoever runs the server can "
                "allow others with the setting fetch_allow.",
            ) from error


def _corpus(given: str | None, page: WikiPage | None) -> str:
    """The corpus's name, as its folder is written; a Wikipedia page's title makes one."""
    if given is None:
        if page is None or not page.title:
            raise UsageError(
                "The corpus has no name.",
                about="corpus",
                hint="Send one: letters, digits, hyphens. Only a page's title makes one by itself.",
            )
        return slug(page.title)
    name = unicodedata.normalize("NFC", given)
    if _NAME.fullmatch(name) is None or len(name.encode()) > _MOST_BYTES:
        raise UsageError(
            "A corpus's name is up to 60 letters, digits, hyphens, dots and underscores, and "
            "begins with a letter or a digit.",
            about="corpus",
            hint="Leave it out for a Wikipedia page, or send one like old-bridge.",
        )
    return name


def _folder(name: str, shelf: Shelf, settings: Settings) -> Path:
    """Where the corpus of this name lies: the served one, else a named one of the data folder."""
    if name in shelf.corpora:
        with opened(shelf.corpora[name]) as corpus:
            folder = corpus.folder.absolute()
        refuse_packaged(folder)
        return folder
    if name in packaged_names():
        raise UsageError(
            f"{name} is a corpus of the package, which is never written.",
            about="corpus",
            hint="Choose another name.",
        )
    return settings.data_dir.absolute() / "corpora" / name
