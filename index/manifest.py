"""What an index generation says of itself: ``manifest.json``, with a checksum for every file."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from footnoted.errors import IndexBroken
from footnoted.index.models import file_sha256
from footnoted.index.vector_plan import EXACT, VectorFacts

FORMAT = 3  # 1 had no ``vectors``: its index is exact; 2 did not say how texts were read
MANIFEST_FILE = "manifest.json"


@dataclass(frozen=True, slots=True)
class Manifest:
    """``files`` maps each path inside the generation to its size in bytes and its SHA-256.

    ``token_dim`` is 0 for a generation without token vectors; ``languages`` are those of its
    passages, the most frequent first; ``vectors`` says how they are searched and how well.
    ``folding``, ``precision`` and ``passage_prompt`` say how texts were read.
    """

    format: int
    generation_id: str
    corpus_id: str
    revision_id: str
    created_at: str
    model: str
    weights_sha256: str
    dim: int
    token_dim: int
    rows: int
    languages: tuple[str, ...]
    versions: dict[str, str]
    files: dict[str, tuple[int, str]]
    vectors: VectorFacts = EXACT
    folding: str = ""
    precision: str = ""
    passage_prompt: str = ""


def write_manifest(manifest: Manifest, folder: Path) -> None:
    data = dataclasses.asdict(manifest) | {"vectors": manifest.vectors.to_json()}
    text = json.dumps(data, indent=1, ensure_ascii=False, sort_keys=True)
    (folder / MANIFEST_FILE).write_text(text, "utf-8")


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a generation; ``IndexBroken`` when it is missing, damaged or newer."""
    path = folder / MANIFEST_FILE
    try:
        data = json.loads(path.read_text("utf-8"))
        found = int(data["format"])
        if found > FORMAT:
            raise IndexBroken(
                f"The index {folder} has format {found}, written by a newer Footnoted; "
                f"this one reads up to {FORMAT}.",
                about=str(folder),
                hint="Upgrade Footnoted, or `footnoted index rebuild` with this version.",
            )
        data["languages"] = tuple(data["languages"])
        data["files"] = {name: (int(size), str(sha)) for name, (size, sha) in data["files"].items()}
        if "vectors" in data:
            data["vectors"] = VectorFacts.from_json(data["vectors"])
        return Manifest(**data)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise broken(path, f"it cannot be read ({error})") from error


def checksums(folder: Path) -> dict[str, tuple[int, str]]:
    """Size and SHA-256 of each file below ``folder``, hidden locks and the manifest left out."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_size, file_sha256(path))
        for path in paths
        if not path.name.endswith(".lock") and path.name != MANIFEST_FILE
    }


def check_files(folder: Path, manifest: Manifest, unread: Iterable[str] = ()) -> None:
    """``IndexBroken`` unless every file is as recorded, those ``unread`` by size alone."""
    by_size_alone = frozenset(unread)
    for name, (size, sha256) in manifest.files.items():
        path = folder / name
        if not path.is_file():
            raise broken(path, "it is missing")
        if (found := path.stat().st_size) != size:
            raise broken(path, f"it has {found} bytes, expected {size}")
        if name in by_size_alone:
            continue
        try:
            same = file_sha256(path) == sha256
        except OSError as error:  # another user's, who lets nobody read it
            raise broken(path, f"it cannot be read ({error})") from error
        if not same:
            raise broken(path, f"its SHA-256 is not the recorded {sha256}")


def broken(path: Path, what: str, corpus: str | None = None) -> IndexBroken:
    which = f" --corpus {corpus}" if corpus else ""
    return IndexBroken(
        f"The index cannot be used: of {path}, {what}.",
        about=str(path),
        hint=f"`footnoted index rebuild{which}` makes a new index from the corpus.",
    )
