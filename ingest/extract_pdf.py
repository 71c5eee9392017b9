"""The text of a PDF, read by pypdf in a process of its own with limits on memory and time.

A PDF is a program: a few kilobytes can ask for gigabytes or for ever. So the parent never loads
pypdf; the child (``python -m footnoted.ingest.extract_pdf``, bytes in, JSON out) limits itself
before it does, inherits no environment, and is killed when the clock runs out.
"""

from __future__ import annotations

import io
import json
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from itertools import pairwise
from typing import Any, NamedTuple

from footnoted.ingest.children import child_command, child_environment
from footnoted.ingest.extract import Extraction, ExtractionFailed
from footnoted.ingest.language import detect_language
from footnoted.ingest.normalise import normalise, normalise_line

_OURS = "footnoted-pdf 2"
_HYPHENS = "-\u2010\xad"
_WORD = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*")
_ENTRY = re.compile(r"(?:[•‣▪◦–—*·●○]|\(?(?:\d{1,3}|[a-z])[.)])\s|\d{1,3}(?:\.\d{1,3})+\s")
_SENTENCE_END = re.compile(r"[.!?:;。！？؟。…][\"'”’»)\]]*$")
_SHORT = 0.8  # of the usual line: a last line, or one that ends where it does on purpose
_JUNK_TITLE = re.compile(
    r"untitled|\(?anonymous\)?|microsoft \w+ - .*|.*\.(?:docx?|pdf|indd|qxd|tex|dvi|rtf|odt)",
    re.IGNORECASE,
)
_JUNK_AUTHOR = re.compile(r"\(?(?:anonymous|unspecified|unknown|user|admin\w*)\)?", re.IGNORECASE)
_MOST_CHARACTERS = 20_000_000  # a thousand-page book has three million
_TOO_MUCH_MEMORY = "Reading the PDF takes more than {} MB of memory."
_HINT = "Supply a readable copy (text or another PDF) with --source."


class Limits(NamedTuple):
    """What the child may use: address space in MB, processor and wall-clock seconds."""

    memory_mb: int = 204  # 12 of them for cryptography, which pypdf loads where it is installed
    cpu_s: int = 60
    wall_s: float = 90


LIMITS = Limits()


class _Unreadable(Exception):
    """In the child: why there is no text, in words."""


def read_pdf(body: bytes, url: str | None, limits: Limits = LIMITS) -> Extraction:
    """The text of the PDF ``body``, page by page, with the offsets of its pages.

    Raises ``ExtractionFailed`` for a PDF that is encrypted, broken, scanned or beyond ``limits``.
    """
    answer = _ask_child(body, url, limits)
    if "error" in answer:
        raise ExtractionFailed(str(answer["error"]), about=url, hint=_HINT)
    raw: list[str] = answer["pages"]
    words = Counter(_WORD.findall("\n".join(raw)))
    text = ""
    offsets = []
    for page in raw:
        gap = "\n\n" if text else ""
        offsets.append(len(text) + len(gap))
        if words_of_page := normalise(join_lines(page.split("\n"), words)):
            text += gap + words_of_page
    if not any(map(str.isalpha, text)):
        raise ExtractionFailed(
            f"The PDF has {len(raw)} pages and no text in them; they may be scanned images.",
            about=url,
            hint="Run OCR on it and supply the result with --source.",
        )
    # A page without text begins where the next text does, or at the end of the text.
    starts = [min(offset, len(text)) for offset in offsets]
    author = normalise_line(answer["author"])
    return Extraction(
        text=text,
        title=_title(answer["title"], text),
        authors=() if not author or _JUNK_AUTHOR.fullmatch(author) else _names(author),
        published=None,  # a PDF says when its file was made, which for a scan is decades later
        language=detect_language(text),
        headings=(),
        pages=tuple(starts),
        extractor=_extractor(),
    )


def join_lines(lines: Sequence[str], words: Counter[str]) -> str:
    """Paragraphs from the lines of one page; ``words`` are those of the whole document.

    A line ends a paragraph when it is blank, much shorter than usual and either ends a sentence or
    is followed by a capital, or when a list entry follows. A hyphen at a line's end goes where the
    document also writes the word without it, or nowhere with it.
    """
    lines = [line.strip() for line in lines]
    lengths = sorted(len(line) for line in lines if line)
    usual = lengths[int(len(lengths) * 0.8)] if lengths else 0
    text = lines[0] if lines else ""
    for line, following in pairwise(lines):
        if not line or not following or _ends_paragraph(line, following, usual):
            text = text.rstrip("\n") + "\n\n" + following
        elif (
            len(line) > 1 and line[-1] in _HYPHENS and line[-2].isalpha() and following[0].islower()
        ):
            text = _rejoin(text, following, words)
        else:
            text += " " + following
    return text


def _ends_paragraph(line: str, following: str, usual: int) -> bool:
    if _ENTRY.match(following):
        return True
    if len(line) >= _SHORT * usual:
        return False
    # Scripts without capitals: a short line that ends a sentence is all there is to go by.
    return bool(_SENTENCE_END.search(line)) or following[0].isupper() or following[0].isdigit()


def _rejoin(text: str, following: str, words: Counter[str]) -> str:
    head = re.search(r"[^\W\d_]+(?=.$)", text)
    tail = re.match(r"[^\W\d_]+", following)
    if head is None or tail is None:
        return text[:-1] + following
    joined, compound = head[0] + tail[0], f"{head[0]}-{tail[0]}"
    keep = text[-1] != "\xad" and words[compound] > words[joined]
    return (text if keep else text[:-1]) + following


def _title(said: str, text: str) -> str:
    title = normalise_line(said)
    if title and not _JUNK_TITLE.fullmatch(title):
        return title
    first = text.partition("\n")[0]
    return first if len(first) <= 150 else ""


def _names(author: str) -> tuple[str, ...]:
    parts = re.split(r"\s*;\s*|\s+(?:and|und|et|y)\s+|\s*&\s*", author)
    return tuple(dict.fromkeys(part.strip(" ,") for part in parts if part.strip(" ,")))


@cache
def _extractor() -> str:
    return f"pypdf {version('pypdf')}/{_OURS}"


def _ask_child(body: bytes, url: str | None, limits: Limits) -> dict[str, Any]:
    """What the child found: ``pages``, ``title`` and ``author``, or an ``error`` in words."""
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module, data on stdin
            [*child_command(__name__), str(limits.memory_mb), str(limits.cpu_s)],
            input=body,
            capture_output=True,
            env=child_environment(),
            timeout=limits.wall_s,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ExtractionFailed(
            f"The PDF was not read within {limits.wall_s} seconds.", about=url, hint=_HINT
        ) from error
    if done.returncode == 0:
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer
    raise ExtractionFailed(_why(done, limits), about=url, hint=_HINT)


def _why(done: subprocess.CompletedProcess[bytes], limits: Limits) -> str:
    """Why the child ended without an answer, in words."""
    said = done.stderr.decode("utf-8", "replace")
    # Out of memory, an interpreter may fail even to say so properly; or the system ends it.
    if "MemoryError" in said or done.returncode == -getattr(signal, "SIGKILL", 9):
        return _TOO_MUCH_MEMORY.format(limits.memory_mb)
    if done.returncode == -getattr(signal, "SIGXCPU", 24):
        return f"The PDF was not read within {limits.cpu_s} seconds of processor time."
    last = said.strip().rpartition("\n")[2]
    return f"The PDF is broken: {last or f'its reader ended with {done.returncode}'}."


def _limit(memory_mb: int, cpu_s: int) -> None:
    try:
        import resource  # noqa: PLC0415 - not on every platform
    except ImportError:
        return  # the parent's clock still ends the process
    size = memory_mb * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _read(body: bytes) -> dict[str, Any]:
    """Run in the child: the text of each page and what the file says of itself."""
    import pypdf  # noqa: PLC0415 - never in the parent
    from pypdf.errors import DependencyError, PyPdfError  # noqa: PLC0415

    try:
        reader = pypdf.PdfReader(io.BytesIO(body))
        if reader.is_encrypted and not reader.decrypt(""):
            raise _Unreadable("The PDF is encrypted and needs a password.")
        pages, length = [], 0
        for page in reader.pages:
            pages.append(page.extract_text())
            length += len(pages[-1])
            if length > _MOST_CHARACTERS:
                raise _Unreadable(f"The PDF holds more than {_MOST_CHARACTERS:,} characters.")
        about = reader.metadata
    except DependencyError as error:
        raise _Unreadable("The PDF is encrypted in a way that cannot be read here.") from error
    except PyPdfError as error:
        raise _Unreadable(f"The PDF is broken: {str(error).rstrip('.')}.") from error
    except RecursionError as error:
        raise _Unreadable("The PDF is broken: its objects are nested without end.") from error
    if not pages:
        raise _Unreadable("The PDF has no pages.")
    title, author = (about.title, about.author) if about is not None else (None, None)
    return {"pages": pages, "title": str(title or ""), "author": str(author or "")}


def _main() -> None:
    import logging  # noqa: PLC0415 - only the child reads without asking

    memory_mb, cpu_s = map(int, sys.argv[1:])
    _limit(memory_mb, cpu_s)
    logging.disable(logging.CRITICAL)
    answer = json.dumps({"error": _TOO_MUCH_MEMORY.format(memory_mb)})
    try:
        answer = json.dumps(_read(sys.stdin.buffer.read()))
    except _Unreadable as error:
        answer = json.dumps({"error": str(error)})
    except MemoryError:
        pass  # the answer is made already: now there may be no room for another string
    sys.stdout.write(answer)


if __name__ == "__main__":
    _main()
