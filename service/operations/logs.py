"""The log of a server, on standard error: lines to read, or one JSON object a line.

A request is one line at info: method, route template, status, milliseconds, request id, and where
there are such: corpus, outcome, the name of the key. No question is ever logged, nor any address
with its parameters: what people ask is theirs.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Literal

REQUESTS = "footnoted.requests"
_OURS = ("footnoted", "uvicorn")
_SERVERS = ("uvicorn", "uvicorn.error", "uvicorn.access")


def configure(form: Literal["text", "json"], level: str) -> None:
    """Log what this process says on standard error, from ``level`` on; libraries from warning on.

    uvicorn's messages are among ours; it must be given no logging configuration of its own.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines() if form == "text" else JsonLines())
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    ours = logging.getLevelNamesMapping()[level.upper()]
    root.setLevel(max(ours, logging.WARNING))
    for name in _OURS:
        logging.getLogger(name).setLevel(ours)
    for name in _SERVERS:  # uvicorn gives itself handlers of its own wherever nobody stops it
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    logging.captureWarnings(True)


def notices(form: Literal["text", "json"], tell: Callable[[str], None]) -> Callable[[str], None]:
    """``tell``, or, where the log is JSON, what writes such notices as JSON too."""
    if form == "text":
        return tell

    def write(message: str) -> None:
        line = _line("info", "footnoted", message)
        sys.stderr.write(json.dumps(line, ensure_ascii=False) + "\n")
        sys.stderr.flush()

    return write


class Lines(logging.Formatter):
    """``2026-11-23T10:22:25.123Z info message name=value``, a traceback below it."""

    def format(self, record: logging.LogRecord) -> str:
        said = "".join(
            (
                f"{_time(record.created)} {record.levelname.lower()} ",
                _visible(record.getMessage()),
                *(f" {name}={value}" for name, value in _facts(record).items()),
            )
        )
        trace = self.formatException(record.exc_info) if record.exc_info else ""
        return f"{said}\n{trace}" if trace else said


class JsonLines(logging.Formatter):
    """One object a line: time, level, logger, process, message, then the facts, then a trace."""

    def format(self, record: logging.LogRecord) -> str:
        line = _line(
            record.levelname.lower(), record.name, record.getMessage(), record.created
        ) | dict(_facts(record))
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=True, default=str)


def _line(level: str, logger: str, message: str, created: float | None = None) -> dict[str, object]:
    moment = datetime.now(UTC).timestamp() if created is None else created
    return {
        "time": _time(moment),
        "level": level,
        "logger": logger,
        "process": os.getpid(),
        "message": message,
    }


def _facts(record: logging.LogRecord) -> Mapping[str, object]:
    facts: Mapping[str, object] = getattr(record, "facts", {})
    return facts


def _time(created: float) -> str:
    return datetime.fromtimestamp(created, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def _visible(message: str) -> str:
    """``message`` on one line, with no character that a terminal or a reader would stumble on."""
    if message.isascii() and message.isprintable():
        return message
    return "".join(
        c if c == " " or unicodedata.category(c)[0] not in "CZ" else f"\\u{ord(c):04x}"
        for c in message
    )
