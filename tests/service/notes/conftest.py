"""An article in memory that can be made anew, served with notes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.middleware import Middleware
from starlette.middleware.exceptions import ExceptionMiddleware

from footnoted import ids
from footnoted.domain import Kind
from footnoted.service import problems
from footnoted.service.envelope import Envelope
from footnoted.service.notes.api import notes
from footnoted.service.notes.store import NoteStore
from footnoted.service.operations.stack import Operations
from footnoted.service.shelf import Shelf
from footnoted.settings import Settings

URL = "https://example.org/bridge"


class Article:
    """What a served corpus says of its article: ``claims`` are sentences with reference ids."""

    def __init__(self, *claims: tuple[str, list[str]]) -> None:
        self.url, self.name, self.corpus_id, self.revision = URL, "town", "c1", "1-aaa"
        self.says(*claims)

    def says(self, *claims: tuple[str, list[str]]) -> None:
        document = ids.document_id(Kind.ARTICLE, self.url)
        numbers = ids.claim_ids(document, [text for text, _ in claims])
        self.claims = [
            {"id": claim_id, "text": text, "reference_ids": cited}
            for claim_id, (text, cited) in zip(numbers, claims, strict=True)
        ]

    def id_of(self, text: str) -> str:
        return next(str(claim["id"]) for claim in self.claims if claim["text"] == text)

    @contextmanager
    def held(self) -> Iterator[Article]:
        yield self

    def info(self) -> dict[str, Any]:
        named = {"title": "Bridge", "url": self.url, "revision": "77", "licence": None}
        return {
            "id": self.corpus_id,
            "name": self.name,
            "revision": self.revision,
            "generation": None,
            "article": named,
        }

    def article(self) -> dict[str, Any]:
        return {"url": self.url, "title": "Bridge", "revision": "77", "claims": self.claims}

    def sources(self) -> dict[str, Any]:
        rows = [
            {"reference_id": f"r{n}", "label": str(n), "text": f"Printed {n}", "url": None}
            for n in range(1, 4)
        ]
        return {"references": rows}


@pytest.fixture
def article() -> Article:
    return Article(("It fell in 1931.", ["r1"]), ("It was rebuilt.", ["r2", "r3"]), ("Alas.", []))


@pytest.fixture
def serve(tmp_path: Path, article: Article) -> Callable[..., TestClient]:
    """Makes a client of another worker each time; all have the same state folder."""

    def client(**settings: Any) -> TestClient:
        chosen = Settings(state_dir=tmp_path / "state", **settings)
        # The whole application takes a second to make; this is what stands around these routes.
        app = FastAPI(
            middleware=[
                Middleware(Envelope),
                Middleware(ExceptionMiddleware, handlers=problems.HANDLERS),
                Operations(chosen).admission(),
            ]
        )
        problems.install(app)
        shelf = Shelf({"town": article})  # type: ignore[dict-item]
        app.include_router(notes(shelf, NoteStore(chosen.state_dir), chosen))
        return TestClient(app, base_url="http://localhost", raise_server_exceptions=False)

    return client
