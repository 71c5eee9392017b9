"""From an audit document to one HTML page that needs nothing else: no network, no other file.

All texts are somebody else's: the template escapes everything, and characters that steer the
direction of text are replaced. The style stands in the page, and its content security policy
allows that alone, by its hash; there is no script.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from footnoted.ingest.language import direction_of
from footnoted.service.audit_document import VERDICT_IN_WORDS, source_in_words
from footnoted.service.display import neutral, reference_words, web_link
from footnoted.service.ledger.judging import Verdict

TEMPLATES = Path(__file__).parent / "page" / "audit"
ORDER = (
    Verdict.CONTRADICTED,
    Verdict.NOT_FOUND,
    Verdict.PARTLY_SUPPORTED,
    Verdict.SUPPORTED,
    Verdict.SOURCE_UNREADABLE,
    Verdict.UNCITED,
)
"""The verdicts as a researcher wants to see them: the doubtful ones first."""


def audit_page(document: Mapping[str, Any]) -> str:
    """The page of an audit document, as text without lone surrogates: write it as UTF-8."""
    style = (TEMPLATES / "audit.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        finalize=neutral,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        direction_of=direction_of,
        reference_words=reference_words,
        source_in_words=source_in_words,
        web_link=web_link,
    )
    article = document["corpus"]["article"]
    return environment.get_template("audit.html").render(
        document=document,
        title=article["title"] if article else document["corpus"]["name"],
        sections=[
            (verdict.value, VERDICT_IN_WORDS[verdict], of_it)
            for verdict in ORDER
            if (of_it := [c for c in document["claims"] if c["verdict"] == verdict])
        ],
        style=Markup(style),  # noqa: S704 - a file of this package
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'",
    )
