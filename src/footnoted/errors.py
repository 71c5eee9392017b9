"""Everything that can go wrong, as one tree; a failure is never ``None``.

::

    FootnotedError                        exit  HTTP
    ├── UsageError                           2   400  a flag, key or parameter that makes no sense
    │   ├── QuestionError                    2   422  an empty, overlong or wordless question
    │   └── ConditionMissing                 2   428  a change that does not say which state it changes
    ├── InputError                           4   422  an article, source or eval set that cannot be read
    │   ├── UnreadableFile                   4   422  missing, empty, binary, unknown encoding
    │   └── NoReferences                     4   422  an article without a reference list
    ├── NotFound                             2   404  no such corpus, passage, claim or reference
    │   └── Gone                             2   410  it was here once, and no longer is
    ├── StorageError                         5   503  what lies on disk cannot be used
    │   ├── CorpusError                      5   503  a broken or missing corpus file
    │   │   └── NewerSchema                  5   503  written by a newer Footnoted
    │   ├── IndexBroken                      5   503  a generation that is missing, damaged or another corpus's
    │   └── ModelError                       5   503  weights with a wrong hash, a model that cannot load
    ├── LockedError                          6   503  another process writes this corpus
    ├── Conflict                             6   409  what is there now does not allow it
    │   └── Outdated                         6   412  somebody changed it since it was read
    ├── DiskFull                             6   507  no space left while writing
    ├── ReadOnly                             6   409  the corpus lies where nothing can be written
    ├── FetchError                           7   502  an address could not be read
    ├── InvariantBroken                      1   500  stored data contradicts itself
    └── QuoteMismatch                       70   500  an answer's quote is not in the stored text

Each error says what happened and to which URL, file or id (``about``), and what to do next
(``hint``). The command line turns it into its exit code, the service into an RFC 9457 problem
document; ``problem`` makes that document for both.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from footnoted.domain import Json

EXIT_DONE = 0
EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_REFUSED = 3
EXIT_INTERNAL = 70
EXIT_INTERRUPTED = 130


class FootnotedError(Exception):
    """What went wrong (``str(error)``), with what (``about``), and what to do next (``hint``)."""

    exit_code: ClassVar[int] = EXIT_INTERNAL
    http_status: ClassVar[int] = 500
    title: ClassVar[str] = "Footnoted failed"

    def __init__(self, message: str, *, about: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.about = about
        self.hint = hint

    @property
    def slug(self) -> str:
        """The name of this kind of problem, as it stands in ``type`` (``index-broken``)."""
        name = type(self).__name__
        return "".join(f"-{c.lower()}" if c.isupper() else c for c in name).lstrip("-")


class UsageError(FootnotedError):
    exit_code = EXIT_USAGE
    http_status = 400
    title = "The request makes no sense"


class QuestionError(UsageError):
    http_status = 422
    title = "The question cannot be asked"


class ConditionMissing(UsageError):
    http_status = 428
    title = "The request must say which state it changes"


class InputError(FootnotedError):
    exit_code = 4
    http_status = 422
    title = "The input cannot be used"


class UnreadableFile(InputError):
    title = "The file cannot be read"


class NoReferences(InputError):
    title = "The article has no references"


class NotFound(FootnotedError):
    exit_code = EXIT_USAGE
    http_status = 404
    title = "Not found"


class Gone(NotFound):
    http_status = 410
    title = "No longer here"


class StorageError(FootnotedError):
    exit_code = 5
    http_status = 503
    title = "The stored data cannot be used"


class CorpusError(StorageError):
    title = "The corpus cannot be used"


class NewerSchema(CorpusError):
    title = "The corpus was written by a newer Footnoted"


class IndexBroken(StorageError):
    title = "The index cannot be used"


class ModelError(StorageError):
    title = "The model cannot be used"


class LockedError(FootnotedError):
    exit_code = 6
    http_status = 503
    title = "The corpus is being written"


class Conflict(FootnotedError):
    exit_code = 6
    http_status = 409
    title = "This cannot be done now"


class Outdated(Conflict):
    http_status = 412
    title = "It was changed meanwhile"


class DiskFull(FootnotedError):
    exit_code = 6
    http_status = 507
    title = "The disk is full"


class ReadOnly(FootnotedError):
    exit_code = 6
    http_status = 409
    title = "The corpus cannot be written"


class FetchError(FootnotedError):
    exit_code = 7
    http_status = 502
    title = "The address could not be read"


class InvariantBroken(FootnotedError):
    exit_code = EXIT_FAILED
    title = "Stored data contradicts itself"


class QuoteMismatch(FootnotedError):
    title = "A quote is not in the stored text"


def problem(error: FootnotedError) -> Json:
    """The RFC 9457 problem document of ``error``, with ``about`` and ``hint`` as extensions."""
    document: Json = {
        "type": f"urn:footnoted:problem:{error.slug}",
        "title": error.title,
        "status": error.http_status,
        "detail": str(error),
    }
    if error.about is not None:
        document["about"] = error.about
    if error.hint is not None:
        document["hint"] = error.hint
    return document


@contextmanager
def storage_errors(path: object) -> Iterator[None]:
    """Turn the operating system's refusals to write ``path`` into this tree."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise DiskFull(
                f"No space left while writing {path}.",
                about=str(path),
                hint="Free some space and run the same command again; nothing was lost.",
            ) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise ReadOnly(
                f"{path} cannot be written ({error.strerror}).",
                about=str(path),
                hint="Name a folder that you can write with --corpus.",
            ) from error
        raise
