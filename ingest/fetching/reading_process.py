"""Reads and judges responses in a process of its own: what a page does to it ends with it.

Parsing a hostile page can take minutes, and a large one leaves hundreds of megabytes in the
allocator. The child reads one response at a time; it is ended when it takes too long, and replaced
when it has grown. It gets what to read as a pickle (from us) and answers in JSON (it has read what
strangers wrote), each after its length in eight bytes.
"""

from __future__ import annotations

import json
import os
import pickle
import select
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from footnoted.domain import Access, Identity, Origin, Reference, Section
from footnoted.errors import InputError
from footnoted.ingest.children import child_command, child_environment
from footnoted.ingest.extract import Extraction, ExtractionFailed, extract
from footnoted.ingest.fetching.responses import Response
from footnoted.ingest.rereading import without_reader
from footnoted.ingest.states.page_states import Judgement, judge

SECONDS = 60.0
GROWN_MB = 250  # the peak from which the next response gets a new child
_DATA_MB = 450
_LENGTH = 8


class ToRead(NamedTuple):
    """A response, the reference that it may be the source of, and whose copy it is."""

    reference: Reference
    response: Response
    origin: Origin
    snapshot_at: str | None


class ToExtract(NamedTuple):
    """Bytes whose text alone is wanted: a file that a user supplied."""

    body: bytes
    media_type: str
    url: str | None


class _Silent(Exception):
    """The child did not answer: why, in words."""


class ReadingProcess:
    """One child at a time; not for use by several threads."""

    def __init__(self, seconds: float = SECONDS) -> None:
        """``seconds`` is the longest that one response may take."""
        self._seconds = seconds
        self._child: subprocess.Popen[bytes] | None = None

    def read(self, job: ToRead) -> tuple[Extraction | None, Judgement]:
        """What was read in a response, and what it is to its reference."""
        try:
            answer = self._ask(pickle.dumps(job))
        except _Silent as error:
            self.close()
            reason = f"{job.response.final_url} answered, but {error}. " + _ADVICE
            return None, Judgement(Access.EXTRACTION_FAILED, Identity.UNVERIFIED, reason)
        access, identity, reason = answer["judgement"]
        judgement = Judgement(Access(access), Identity(identity), reason)
        return _extraction(answer["extraction"]), judgement

    def extract(self, body: bytes, media_type: str, url: str | None) -> Extraction:
        """``extract`` in the child; ``ExtractionFailed`` also for what takes it too long."""
        try:
            answer = self._ask(pickle.dumps(ToExtract(body, media_type, url)))
        except _Silent as error:
            self.close()
            raise ExtractionFailed(f"It {error}.", about=url, hint=_SIMPLER) from error
        found = _extraction(answer["extraction"])
        if found is None:
            raise ExtractionFailed(answer["problem"], about=url, hint=_SIMPLER)
        return found

    def close(self) -> None:
        """End the child, if there is one."""
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None

    def _ask(self, job: bytes) -> dict[str, Any]:
        if self._child is None:
            self._child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                child_command(__name__),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=child_environment(),
            )
        stdin, stdout = self._child.stdin, self._child.stdout
        if stdin is None or stdout is None:
            raise ValueError("the child has no pipes")
        try:
            stdin.write(len(job).to_bytes(_LENGTH, "big") + job)
            stdin.flush()
        except BrokenPipeError as error:
            raise _Silent("its reader ended before it began") from error
        until = time.monotonic() + self._seconds
        length = int.from_bytes(self._receive(stdout, _LENGTH, until), "big")
        answer: dict[str, Any] = json.loads(self._receive(stdout, length, until))
        if failure := answer.get("failure"):
            raise _Silent(f"its reader failed ({failure}), which is a fault of Footnoted's")
        if answer["peak_mb"] > GROWN_MB:
            self.close()
        return answer

    def _receive(self, pipe: BinaryIO | Any, size: int, until: float) -> bytes:
        parts = []
        while size:
            left = until - time.monotonic()
            if left <= 0 or not select.select([pipe], [], [], left)[0]:
                raise _Silent(f"could not be read within {self._seconds:g} seconds")
            part = os.read(pipe.fileno(), size)
            if not part:
                raise _Silent("reading it took more memory than a page may")
            parts.append(part)
            size -= len(part)
        return b"".join(parts)


_ADVICE = "Supply its text with --source."
_SIMPLER = "Supply a simpler copy: plain text, or only the part that is cited."


def _extraction(found: dict[str, Any] | None) -> Extraction | None:
    if found is None:
        return None
    values = dict(found)
    values["headings"] = tuple(Section(**heading) for heading in found["headings"])
    values["authors"], values["pages"] = tuple(found["authors"]), tuple(found["pages"])
    return Extraction(**values)


def _answer(job: ToRead | ToExtract) -> dict[str, Any]:
    """In the child: what was asked for, and how large this process has become."""
    found = _extract(job) if isinstance(job, ToExtract) else _read(job)
    return found | {"peak_mb": _peak_mb()}


def _extract(job: ToExtract) -> dict[str, Any]:
    try:
        return {"extraction": asdict(extract(*job))}
    except InputError as error:
        return {"extraction": None, "problem": str(error)}


def _read(job: ToRead) -> dict[str, Any]:
    """Extract and judge."""
    response = job.response
    extraction: Extraction | None = None
    failure: str | None = None
    if 200 <= response.status < 300:
        try:
            # A server may not choose which of our own readers reads its page.
            media_type = without_reader(response.media_type)
            extraction = extract(response.body, media_type, response.final_url)
        except InputError as error:
            failure = str(error)
    judgement = judge(
        job.reference,
        response,
        extraction,
        failure,
        origin=job.origin,
        snapshot_at=job.snapshot_at,
    )
    return {
        "extraction": asdict(extraction) if extraction is not None else None,
        "judgement": judgement,
    }


def _peak_mb() -> float:
    """The most memory that this process has held; a process begins with its parent's ru_maxrss."""
    status = Path("/proc/self/status")
    if status.is_file():
        peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(peak.split()[1]) / 2**10
    import resource  # noqa: PLC0415 - the child's

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # bytes, on macOS


def _main() -> None:
    import resource  # noqa: PLC0415 - the child's

    if sys.platform == "linux":  # where it counts what is really held, not what is only mapped
        resource.setrlimit(resource.RLIMIT_DATA, (_DATA_MB * 2**20, _DATA_MB * 2**20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    given, taken = sys.stdin.buffer, os.dup(sys.stdout.fileno())
    os.dup2(2, 1)  # libraries that print must not end up in an answer
    while size := given.read(_LENGTH):
        job = pickle.loads(given.read(int.from_bytes(size, "big")))  # noqa: S301 - our parent's
        try:
            answer = json.dumps(_answer(job)).encode()
        except MemoryError:
            raise  # there may be no room for an answer; its silence is one
        except Exception as error:  # noqa: BLE001 - told as what it is, not taken for a lack of memory
            answer = json.dumps({"failure": type(error).__name__}).encode()
        with os.fdopen(os.dup(taken), "wb") as out:
            out.write(len(answer).to_bytes(_LENGTH, "big") + answer)


if __name__ == "__main__":
    # Under its own name, so that the jobs that are unpickled are of the classes known here.
    from footnoted.ingest.fetching import reading_process

    reading_process._main()
