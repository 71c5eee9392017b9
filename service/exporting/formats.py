"""The formats of a bibliography by their names, and what each is called elsewhere."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import NamedTuple

from footnoted.domain import Json
from footnoted.errors import UsageError
from footnoted.service.exporting.bibtex import bibtex
from footnoted.service.exporting.markdown import markdown
from footnoted.service.exporting.ris import ris


class Format(NamedTuple):
    """What a server calls a format, how its files end, and what writes CSL-JSON items in it."""

    media_type: str
    ending: str
    write: Callable[[Sequence[Json]], str]


def csl_json(works: Sequence[Json]) -> str:
    """A CSL-JSON data file (citeproc 1.0.2): a list of items."""
    return json.dumps(list(works), ensure_ascii=False, indent=2) + "\n"


FORMATS = {
    "csl-json": Format("application/vnd.citationstyles.csl+json", "json", csl_json),
    "bibtex": Format("application/x-bibtex; charset=utf-8", "bib", bibtex),
    "ris": Format("application/x-research-info-systems; charset=utf-8", "ris", ris),
    "markdown": Format("text/markdown; charset=utf-8", "md", markdown),
}


def written(works: Sequence[Json], name: str) -> str:
    """``works`` in the format of this name; ``UsageError`` where there is none."""
    if name not in FORMATS:
        raise UsageError(
            f"There is no format {name[:40]!r}.",
            about="format",
            hint=f"Choose one of: {', '.join(FORMATS)}.",
        )
    return FORMATS[name].write(works)
