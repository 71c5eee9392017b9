"""The examples of a page of the documentation, as a reader would copy them."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"
PRINTED = "http://127.0.0.1:8321"
"""The address in the examples: that of a server started without a flag."""

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def examples(page: str, language: str) -> list[str]:
    """The blocks of code in ``language`` on ``docs/page``, in order."""
    text = (DOCS / page).read_text("utf-8")
    return [code for kind, code in _BLOCK.findall(text) if kind == language]
