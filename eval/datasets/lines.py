"""JSON Lines of a dataset, each with its file and line number, so that every fault names both."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from footnoted.errors import InputError, UnreadableFile

HINT = "The heads of the modules in footnoted/eval/datasets show the files and fields of each kind."


@dataclass(frozen=True, slots=True)
class Line:
    """One JSON object of a file; its getters raise ``InputError`` with file and line."""

    path: Path
    number: int
    fields: dict[str, Any]

    def text(self, name: str) -> str:
        """A field that is text and not blank."""
        value = self.fields.get(name)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(f"{name!r} is text that is not empty")
        return value

    def optional_text(self, name: str) -> str | None:
        """A text field, blank ones included; ``None`` where it is missing or null."""
        value = self.fields.get(name)
        if value is not None and not isinstance(value, str):
            raise self.wrong(f"{name!r} is text")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; empty where the field is missing or null."""
        value = self.fields.get(name)
        if not isinstance(value, list | None) or not all(isinstance(v, str) for v in value or ()):
            raise self.wrong(f"{name!r} is a list of texts")
        return tuple(value or ())

    def flags(self, name: str) -> tuple[bool, ...]:
        """A list of booleans."""
        value = self.fields.get(name)
        if not isinstance(value, list) or not all(isinstance(v, bool) for v in value):
            raise self.wrong(f"{name!r} is a list of true and false")
        return tuple(value)

    def flag(self, name: str) -> bool | None:
        """A boolean; ``None`` where it is missing."""
        value = self.fields.get(name)
        if value is not None and not isinstance(value, bool):
            raise self.wrong(f"{name!r} is true or false")
        return value

    def index_sets(self, name: str, size: int) -> tuple[tuple[int, ...], ...]:
        """Lists of numbers from 0 to ``size - 1``; empty where the field is missing or null."""
        value = self.fields.get(name) or []
        if not isinstance(value, list) or not all(isinstance(numbers, list) for numbers in value):
            raise self.wrong(f"{name!r} is a list of lists of numbers")
        for number in (number for numbers in value for number in numbers):
            if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < size:
                raise self.wrong(f"{name!r} names sentence {number!r}, and there are {size}")
        return tuple(tuple(numbers) for numbers in value)

    def counts(self, name: str) -> dict[str, int]:
        """The whole numbers of an object; what else it holds is left out."""
        value = self.fields.get(name)
        if not isinstance(value, dict):
            raise self.wrong(f"{name!r} is an object")
        return {k: n for k, n in value.items() if isinstance(n, int) and not isinstance(n, bool)}

    def wrong(self, what: str) -> InputError:
        """The error that this line deserves."""
        about = f"{self.path}:{self.number}"
        return InputError(f"{self.path}, line {self.number}: {what}.", about=about, hint=HINT)


def read_lines(path: Path) -> Iterator[Line]:
    """The objects of ``path``, blank lines left out.

    Raises ``UnreadableFile`` for no such text, ``InputError`` for a line that is no JSON object.
    """
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            fields = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise Line(path, number, {}).wrong(f"it is not JSON ({error})") from error
        if not isinstance(fields, dict):
            raise Line(path, number, {}).wrong("it is no JSON object")
        yield Line(path, number, fields)


def read_by_id(path: Path, name: str = "_id") -> dict[str, Line]:
    """The objects of ``path`` by a field that is another one in each; ``InputError`` if not."""
    found: dict[str, Line] = {}
    for line in read_lines(path):
        key = line.text(name)
        if key in found:
            raise line.wrong(f"the {name} {key!r} already stands on line {found[key].number}")
        found[key] = line
    if not found:
        raise InputError(f"{path} holds no line.", about=str(path), hint=HINT)
    return found


def read_text(path: Path) -> str:
    """The text of a file in UTF-8; ``UnreadableFile`` when it is none."""
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(f"{path} cannot be read: {error}.", about=str(path), hint=HINT) from (
            error
        )
