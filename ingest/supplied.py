"""What a user gives along with an article: links, source files and digests, each by its key.

A key is a reference's id, its label (``7``), or ``group:label`` (``note:a``) where the label
alone would be ambiguous.
"""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from footnoted.domain import Reference
from footnoted.errors import UnreadableFile, UsageError


class SuppliedFile(NamedTuple):
    """A file's name (without its folder) and its bytes."""

    name: str
    body: bytes

    @property
    def media_type(self) -> str:
        """What the name's ending says; the extractor looks at the bytes as well."""
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Supplied:
    """What the user supplied, by the user's own keys."""

    links: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sources: Mapping[str, SuppliedFile] = field(default_factory=dict)
    digests: Mapping[str, SuppliedFile] = field(default_factory=dict)

    def after(self, earlier: Supplied) -> Supplied:
        """This, and what was supplied ``earlier`` under other keys."""
        return Supplied(
            {**earlier.links, **self.links},
            {**earlier.sources, **self.sources},
            {**earlier.digests, **self.digests},
        )


def read_file(path: Path, limit_mb: int) -> SuppliedFile:
    """The file at ``path``; ``UnreadableFile`` when it is missing, empty or over the limit."""
    try:
        size = path.stat().st_size
        if size > limit_mb * 1_000_000:
            raise UnreadableFile(
                f"{path} has {size / 1e6:.0f} MB; at most {limit_mb} MB are read.",
                about=str(path),
                hint="Raise FOOTNOTED_MAX_ARTICLE_MB if the file is really that large.",
            )
        body = path.read_bytes()
    except (FileNotFoundError, IsADirectoryError) as error:
        raise UnreadableFile(
            f"{path} is not a file.", about=str(path), hint="Check the path."
        ) from error
    except OSError as error:
        raise UnreadableFile(
            f"{path} cannot be read: {error.strerror}.",
            about=str(path),
            hint="Check who may read the file.",
        ) from error
    if not body.strip():
        raise UnreadableFile(f"{path} is empty.", about=str(path), hint="Check the path.")
    return SuppliedFile(path.name, body)


def read_keyed_files(values: Sequence[str], limit_mb: int) -> dict[str, SuppliedFile]:
    """The files of ``KEY=PATH`` arguments, by key."""
    files: dict[str, SuppliedFile] = {}
    for value in values:
        key, sign, path = value.partition("=")
        if not (key and sign and path):
            raise UsageError(
                f"{value!r} is not KEY=PATH.", about=value, hint="Example: 7=page.html"
            )
        if key in files:
            raise UsageError(f"The key {key} is given twice.", about=key, hint="Keep one of them.")
        files[key] = read_file(Path(path), limit_mb)
    return files


def read_links(file: SuppliedFile) -> dict[str, tuple[str, ...]]:
    """The addresses of a links file, by key: ``{"7": "https://…", "note:a": ["https://…"]}``."""
    try:
        data = json.loads(file.body)
    except ValueError as error:
        raise UnreadableFile(
            f"The links file {file.name} is not JSON: {error}.", about=file.name, hint="Mend it."
        ) from error
    links: dict[str, tuple[str, ...]] = {}
    for key, value in data.items() if isinstance(data, dict) else [("", None)]:
        urls = [value] if isinstance(value, str) else value
        if not isinstance(urls, list) or not all(isinstance(url, str) for url in urls):
            raise UnreadableFile(
                f"The links file {file.name} must map each key to an address or a list of them.",
                about=key or file.name,
                hint='Example: {"7": "https://example.org/page"}',
            )
        for url in urls:
            if not url.startswith(("http://", "https://")):
                raise UnreadableFile(
                    f"The links file {file.name} gives reference {key} {url!r}, "
                    "which is no http or https address.",
                    about=key,
                    hint="Give the full address.",
                )
        links[key] = tuple(urls)
    return links


def reference_for(key: str, references: Sequence[Reference]) -> Reference:
    """The one reference that ``key`` names; ``UsageError`` when none or several do."""
    by_id = [r for r in references if r.reference_id == key]
    group, sign, label = key.partition(":")
    exact = [r for r in references if sign and (r.group, r.label) == (group, label)]
    found = by_id or exact or [r for r in references if r.label == key]
    if len(found) > 1 and (plain := [r for r in found if not r.group]):
        found = plain
    if len(found) == 1:
        return found[0]
    known = ", ".join(f"{r.group}:{r.label}" if r.group else r.label for r in references)
    what = "no reference" if not found else "several references"
    raise UsageError(
        f"The key {key!r} names {what} of the article.",
        about=key,
        hint=f"Use a label, group:label or reference id; the article has: {known}.",
    )


def by_reference(
    given: Mapping[str, SuppliedFile], references: Sequence[Reference]
) -> dict[str, SuppliedFile]:
    """``given`` by reference id."""
    return {reference_for(key, references).reference_id: file for key, file in given.items()}


def with_links(
    references: Sequence[Reference], links: Mapping[str, tuple[str, ...]]
) -> tuple[Reference, ...]:
    """The references, the supplied addresses before their own."""
    extra = {reference_for(key, references).reference_id: urls for key, urls in links.items()}
    return tuple(
        replace(r, urls=tuple(dict.fromkeys((*extra.get(r.reference_id, ()), *r.urls))))
        for r in references
    )
