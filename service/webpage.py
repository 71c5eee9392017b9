"""The web page: a question in the address, the cited answer in HTML, no script anywhere."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, NamedTuple, TypeAlias

from fastapi import FastAPI, Query, Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException

from footnoted.domain import Caveat, Json, RefusalReason
from footnoted.errors import FootnotedError, UsageError
from footnoted.service import api_page
from footnoted.service.display import SHOWN, neutral
from footnoted.service.problems import error_problem
from footnoted.service.shelf import Shelf
from footnoted.service.wording import CAVEATS, REFUSALS

FOLDER = Path(__file__).parent / "page"
MEDIA_TYPES = {".css": "text/css", ".svg": "image/svg+xml"}
MAX_QUESTION_SHOWN = 2_000

Field: TypeAlias = Annotated[str | None, Query()]


class Asked(NamedTuple):
    """What the form was sent with; ``question`` is ``None`` when nothing was asked yet."""

    question: str | None
    corpus: str | None
    only: str


class About(NamedTuple):
    """The corpus that is asked: its name, its ``info`` and its ``sources``."""

    name: str
    info: Json
    sources: Json


def install(app: FastAPI, shelf: Shelf) -> None:
    """Add the page (``/``), the API's description (``/docs``) and their style sheet to ``app``."""
    assets = {path.name: path.read_bytes() for path in sorted((FOLDER / "static").iterdir())}
    templates = environment(assets)

    def page(
        request: Request, q: Field = None, corpus: Field = None, only: Field = None
    ) -> HTMLResponse:
        return _page(templates, shelf, request, Asked(q, corpus, only or ""))

    def docs() -> HTMLResponse:
        html = templates.get_template("api.html").render(api=api_page.outline(app.openapi()))
        return HTMLResponse(html)

    def static(name: str) -> Response:
        if name not in assets:
            raise HTTPException(404)
        return Response(
            assets[name],
            media_type=MEDIA_TYPES[Path(name).suffix],
            # The address carries a hash of the content, so it never needs asking again.
            headers={"Cache-Control": "public, max-age=31536000, immutable"},
        )

    for path, endpoint in (("/", page), ("/docs", docs), ("/static/{name}", static)):
        app.add_api_route(path, endpoint, methods=["GET", "HEAD"], include_in_schema=False)


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
    templates.globals.update(SHOWN)
    templates.globals["assets"] = {
        name: f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:12]}"
        for name, content in assets.items()
    }
    return templates


def _page(templates: Environment, shelf: Shelf, request: Request, asked: Asked) -> HTMLResponse:
    about: About | None = None
    answer: Json | None = None
    problem: Json | None = None
    try:
        about = _about(shelf, asked.corpus)
        answer = _answer(shelf, about.name, asked)
    except FootnotedError as error:
        problem = error_problem(error, request)
        about = about or _default(shelf)
    html = templates.get_template("ask.html").render(
        about=about,
        answer=answer,
        problem=problem,
        question=(asked.question or "")[:MAX_QUESTION_SHOWN],
        only=asked.only,
        corpora=list(shelf.corpora),
        printed={r["reference_id"]: r["text"] for r in about.sources["references"]}
        if about
        else {},
        reason=answer and answer["reason"] and REFUSALS[RefusalReason(answer["reason"])],
        caveats=[CAVEATS[Caveat(name)] for name in answer["caveats"]] if answer else [],
    )
    return HTMLResponse(html, status_code=problem["status"] if problem else 200)


def _about(shelf: Shelf, corpus: str | None) -> About:
    name = shelf.name(corpus)
    chosen = shelf.named(name)
    return About(name, chosen.info(), chosen.sources())


def _default(shelf: Shelf) -> About | None:
    """What can be shown beside a problem: the default corpus, unless that is the problem."""
    try:
        return _about(shelf, None)
    except FootnotedError:
        return None


def _answer(shelf: Shelf, corpus: str, asked: Asked) -> Json | None:
    if asked.only not in ("", "article", "sources"):
        raise UsageError(
            f"Questions can be asked of the article or of its sources, not of {asked.only[:40]!r}.",
            about="only",
            hint="Choose one of the three places to look in.",
        )
    if asked.question is None:
        return None
    return shelf.named(corpus).ask(asked.question.strip(), only=asked.only or None)
