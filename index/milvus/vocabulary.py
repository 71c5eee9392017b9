"""The tokens of a generation, their numbers in Milvus, and how often they occur: mapped files."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from footnoted.errors import IndexBroken

TOKENS_FILE = "terms.utf8"
STARTS_FILE = "terms-starts.npy"
COUNTS_FILE = "terms-counts.npy"


class Vocabulary:
    """Sorted tokens; token ``n`` is dimension ``n + 1`` of the sparse vectors."""

    def __init__(self, folder: Path) -> None:
        """Opens what ``write_vocabulary`` wrote; ``IndexBroken`` when its parts do not fit."""
        path = folder / TOKENS_FILE
        try:
            size = path.stat().st_size
            self._starts = np.load(folder / STARTS_FILE, mmap_mode="r", allow_pickle=False)
            self._counts = np.load(folder / COUNTS_FILE, mmap_mode="r", allow_pickle=False)
            fits = len(self._starts) == len(self._counts) + 1 and int(self._starts[-1]) == size
        except (OSError, ValueError, IndexError) as error:
            raise _broken(path, str(error)) from error
        if not fits:
            raise _broken(path, f"{size} bytes do not fit its table")
        self._bytes = np.memmap(path, np.uint8, "r") if size else np.zeros(0, np.uint8)

    def __len__(self) -> int:
        return len(self._counts)

    def dimension(self, token: str) -> int | None:
        """The token's dimension; ``None`` for one that no passage has."""
        at = self._place(token)
        return None if at is None else at + 1

    def passages_with(self, token: str) -> int:
        """In how many passages the token occurs."""
        at = self._place(token)
        return 0 if at is None else int(self._counts[at])

    def _place(self, token: str) -> int | None:
        wanted = _encoded(token)
        at = bisect_left(range(len(self)), wanted, key=self._token)
        return at if at < len(self) and self._token(at) == wanted else None

    def _token(self, at: int) -> bytes:
        return self._bytes[int(self._starts[at]) : int(self._starts[at + 1])].tobytes()


def write_vocabulary(folder: Path, tokens: Sequence[str], counts: NDArray[np.int64]) -> None:
    """Write ``tokens``, sorted by ``sort_key``, and in how many passages each occurs."""
    encoded = [_encoded(token) for token in tokens]
    (folder / TOKENS_FILE).write_bytes(b"".join(encoded))
    starts = np.cumsum([0, *(len(token) for token in encoded)], dtype=np.int64)
    np.save(folder / STARTS_FILE, starts, allow_pickle=False)
    np.save(folder / COUNTS_FILE, counts.astype(np.int64), allow_pickle=False)


def sort_key(token: str) -> bytes:
    """The order in which tokens are numbered: that of their bytes."""
    return _encoded(token)


def _encoded(token: str) -> bytes:
    return token.encode("utf-8", "surrogatepass")  # a question may hold half a character


def _broken(path: Path, what: str) -> IndexBroken:
    return IndexBroken(
        f"The vocabulary {path} cannot be used: {what}.",
        about=str(path),
        hint="`footnoted index rebuild` makes a new index from the corpus.",
    )
