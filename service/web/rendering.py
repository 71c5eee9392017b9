"""From a template and its values to a page: everything escaped, every link an own or a web one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from footnoted.domain import Json
from footnoted.errors import FootnotedError
from footnoted.service.audit_document import (
    VERDICT_IN_WORDS,
    missing_in_words,
    source_in_words,
)
from footnoted.service.display import SHOWN, neutral
from footnoted.service.problems import error_problem
from footnoted.service.shelf import Answers, Shelf
from footnoted.service.web.claims import MARKS_IN_WORDS, OWN_VERDICTS
from footnoted.service.web.shared import STANDING_IN_WORDS

FOLDER = Path(__file__).parents[1] / "page"

Step = Callable[[Answers], Json]


class Frame(NamedTuple):
    """What stands around every view: where we are, which corpus it is of, which others there are.

    ``parameter`` is the corpus as an address has to name it: ``None`` for the default one.
    """

    view: str
    path: str
    corpora: tuple[str, ...]
    corpus: str | None
    parameter: str | None
    info: Mapping[str, Any] | None

    @property
    def article(self) -> Mapping[str, Any] | None:
        """The article of this corpus, as its ``info`` tells it."""
        return self.info["article"] if self.info else None

    @property
    def subject(self) -> str:
        """What is asked about: the article's title, else the corpus's name."""
        if self.article:
            return str(self.article["title"])
        return self.corpus or "a corpus"


class Pages:
    """Renders views of the corpora of ``shelf``; ``assets`` are the static files by name."""

    def __init__(self, shelf: Shelf, assets: dict[str, bytes]) -> None:
        self._shelf = shelf
        self._templates = environment(assets)

    def show(
        self,
        request: Request,
        view: str,
        corpus: str | None,
        steps: Sequence[Step],
        values: Json | None = None,
    ) -> HTMLResponse:
        """The page ``view`` of one corpus, its values made by ``steps``, each after the last.

        What goes wrong is told on the page, with its status; the first step's values are shown
        all the same, those of the default corpus where another was asked for that is not served.
        """
        problem: Json | None = None
        made: Json = dict(values or {})
        name: str | None = None
        try:
            name = self._shelf.name(corpus)
        except FootnotedError as error:
            problem = error_problem(error, request)
            name = self._shelf.name(None) if self._shelf.corpora else None
        if name is not None:
            answers = self._shelf.named(name)
            for step in steps[:1] if problem else steps:
                try:
                    made |= step(answers)
                except FootnotedError as error:
                    problem = problem or error_problem(error, request)
                    break
        return self.render(
            f"{view}.html",
            status=problem["status"] if problem else 200,
            frame=self.frame(view, request.url.path, name),
            problem=problem,
            **made,
        )

    def frame(self, view: str, path: str, name: str | None) -> Frame:
        """What stands around a view of the corpus ``name``."""
        shelf = self._shelf
        default = name is not None and name == shelf.name(None)
        info = shelf.named(name).info() if name is not None else None
        return Frame(view, path, tuple(shelf.corpora), name, None if default else name, info)

    def render(self, template: str, status: int = 200, **values: object) -> HTMLResponse:
        """The template with these values, as a response."""
        html = self._templates.get_template(template).render(**values)
        return HTMLResponse(html, status_code=status)


def environment(assets: dict[str, bytes]) -> Environment:
    """The templates: everything escaped, unshowable characters replaced, nothing undefined."""
    templates = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        finalize=neutral,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.globals.update(
        SHOWN,
        missing_in_words=missing_in_words,
        source_in_words=source_in_words,
        standing_in_words=STANDING_IN_WORDS,
        verdicts_in_words=VERDICT_IN_WORDS,
        own_verdicts=OWN_VERDICTS,
        marks_in_words=MARKS_IN_WORDS,
    )
    templates.globals["address"] = address
    templates.globals["assets"] = {
        name: f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:12]}"
        for name, content in assets.items()
    }
    return templates


def address(path: str, **parameters: object) -> str:
    """``path`` with the parameters that are given; ``None`` and what is empty are not.

    A list gives one parameter for each of its values.
    """
    given = {name: value for name, value in parameters.items() if value not in (None, "", [])}
    return f"{path}?{urlencode(given, doseq=True, errors='replace')}" if given else path
