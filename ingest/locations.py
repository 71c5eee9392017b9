"""Where a corpus lies: packaged, named under the data folder, or a folder of the user's."""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path

from footnoted.errors import ReadOnly
from footnoted.ingest.database import FILE_NAME
from footnoted.settings import Settings

PACKAGED = Path(__file__).parent.resolve() / "packaged"
_NAME = re.compile(r"[\w][\w.-]{0,99}")
_IN_USE = "CURRENT"  # the file in an index that names what is in use


def packaged_names() -> list[str]:
    """The corpora that come with the package."""
    return sorted(path.parent.name for path in PACKAGED.glob(f"*/{FILE_NAME}"))


def is_packaged(folder: Path) -> bool:
    """Whether ``folder`` is one of the package's own corpora, which are never written."""
    return folder.resolve().parent == PACKAGED


def corpus_folder(settings: Settings, name: str | None = None) -> Path:
    """The folder that ``name`` means (else the default setting); it need not exist.

    A value with a path separator, or of a folder that exists here, is a folder; then come the
    packaged corpora, then the named ones under the data folder.
    """
    value = name or settings.corpus
    path = Path(value).expanduser()
    separators = {os.sep, os.altsep or os.sep}  # pathlib drops the one in ./name
    if not separators.isdisjoint(value) or path.is_absolute() or (path / FILE_NAME).is_file():
        return path
    if (PACKAGED / value / FILE_NAME).is_file() and _NAME.fullmatch(value):
        return PACKAGED / value
    named = settings.data_dir / "corpora" / value
    if (named / FILE_NAME).is_file() or not path.is_dir():
        return named
    return path


def named_corpora(settings: Settings) -> dict[str, Path]:
    """Every corpus that has a name, packaged ones first."""
    folders = {name: PACKAGED / name for name in packaged_names()}
    for path in sorted((settings.data_dir / "corpora").glob(f"*/{FILE_NAME}")):
        folders.setdefault(path.parent.name, path.parent)
    return folders


def folder_for_new(settings: Settings, title: str) -> Path:
    """Where an article with this title goes when the user names no corpus."""
    return settings.data_dir / "corpora" / slug(title)


def refuse_packaged(folder: Path) -> None:
    """Raise ``ReadOnly`` for a corpus of the package."""
    if is_packaged(folder):
        raise ReadOnly(
            f"The corpus {folder.name} is part of the package and is never written.",
            about=folder.name,
            hint="Name another corpus with --corpus, or leave --corpus out.",
        )


def index_folder(settings: Settings, folder: Path, corpus_id: str) -> Path:
    """Where the index of a corpus is read: beside it, or in the cache if it was built there.

    A corpus that cannot be written here may have an index of its owner's beside it, and one that
    was built here in the cache (for another model, say): the last one put in use counts.
    """
    home, beside = building_folder(settings, folder, corpus_id), folder / "index"
    if is_packaged(folder):
        return home
    return beside if _put_in_use(beside) > _put_in_use(home) else home


def building_folder(settings: Settings, folder: Path, corpus_id: str) -> Path:
    """Where the index of a corpus is built: beside it, or in the cache when that is read-only."""
    if is_packaged(folder) or not os.access(folder, os.W_OK):
        return settings.cache_dir / "indexes" / corpus_id
    return folder / "index"


def _put_in_use(index: Path) -> int:
    """When a generation was last put in use there, in nanoseconds; -1 where none can be read."""
    try:
        return (index / _IN_USE).stat().st_mtime_ns
    except OSError:
        return -1


def slug(title: str) -> str:
    """``title`` as a folder name: letters and digits of any script, joined by hyphens."""
    words = re.findall(r"\w+", unicodedata.normalize("NFKC", title).casefold())
    return "-".join(words)[:60].strip("-") or "article"
