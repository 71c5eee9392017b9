"""The error tree: what it draws is what it is, and each error is a whole problem document."""

from __future__ import annotations

import errno
import re
from pathlib import Path

import pytest

from footnoted import errors


def all_errors(root: type[errors.FootnotedError] = errors.FootnotedError) -> list[type]:
    return [root, *(found for child in root.__subclasses__() for found in all_errors(child))]


def test_the_drawn_tree_lists_every_error_with_its_codes() -> None:
    drawn = {
        name: (int(code), int(status))
        for name, code, status in re.findall(r"─ (\w+) +(\d+) +(\d{3})", errors.__doc__ or "")
    }
    ours = [e for e in all_errors() if e.__module__ == "footnoted.errors"]
    real = {
        e.__name__: (e.exit_code, e.http_status) for e in ours if e is not errors.FootnotedError
    }
    assert drawn == real


def test_a_problem_says_what_and_what_next() -> None:
    error = errors.IndexBroken("It is cut short.", about="x.faiss", hint="Rebuild it.")
    assert errors.problem(error) == {
        "type": "urn:footnoted:problem:index-broken",
        "title": "The index cannot be used",
        "status": 503,
        "detail": "It is cut short.",
        "about": "x.faiss",
        "hint": "Rebuild it.",
    }


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOSPC, errors.DiskFull),
        (errno.EROFS, errors.ReadOnly),
        (errno.EACCES, errors.ReadOnly),
    ],
)
def test_the_system_refusing_to_write_becomes_ours(
    number: int, kind: type[errors.FootnotedError]
) -> None:
    with pytest.raises(kind, match="corpus"), errors.storage_errors(Path("corpus")):
        raise OSError(number, "refused")


def test_other_system_errors_pass() -> None:
    with pytest.raises(FileNotFoundError), errors.storage_errors("x"):
        raise FileNotFoundError(errno.ENOENT, "no such file")
