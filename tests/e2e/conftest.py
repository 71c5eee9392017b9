"""A server of three corpora on loopback, and visits to it that must leave no trace."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import pytest
import uvicorn
from tests.conftest import PATIENCE_MS, Commands
from tests.e2e.hostile_page import ARTICLE, SOURCE

from footnoted import Assistant
from footnoted.service.app import create_app
from footnoted.settings import Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="session")
def hostile_corpus(commands: Commands) -> Path:
    """A corpus whose article and sources try everything against the page that shows them."""
    article, source = commands.folder / "hostile.html", commands.folder / "hostile-source.html"
    article.write_text(ARTICLE, "utf-8")
    source.write_text(SOURCE, "utf-8")
    folder = commands.folder / "hostile"
    done = commands("ingest", article, "--corpus", folder, "--source", f"1={source}", "--json")
    assert done.code == 0, done.err
    return folder


@pytest.fixture(scope="session")
def origin(hostile_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that answers from the packaged corpora and from the hostile one."""
    with ExitStack() as stack:
        corpora = {
            name: stack.enter_context(Assistant.open(where))
            for name, where in (
                ("default", "default"),
                ("example", "example"),
                ("hostile", hostile_corpus),
            )
        }
        settings = Settings(state_dir=tmp_path_factory.mktemp("state"))
        yield stack.enter_context(serving(create_app(corpora, settings=settings)))


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """The address at which ``app`` answers while the block runs."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(20)
    assert not thread.is_alive()


class Visit:
    """A researcher's visit: goes to views by their path and parameters."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page = page
        self.origin = origin

    def to(self, path: str = "/", **parameters: str) -> Page:
        """The view at ``path``, loaded."""
        query = f"?{urlencode(parameters)}" if parameters else ""
        self.page.goto(f"{self.origin}{path}{query}")
        return self.page


@pytest.fixture
def visiting(browser: Browser, origin: str) -> Iterator[Callable[..., Visit]]:
    """Makes visits; none may log an error, nor send a request to another place than the server.

    Options are those of Playwright's ``new_context``.
    """
    contexts, logged, asked = [], [], []

    def visit(**options: Any) -> Visit:
        options.setdefault("viewport", {"width": 1280, "height": 900})
        context = browser.new_context(**options)
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: logged.append(str(error)))
        page.on("console", lambda m: logged.append(m.text) if m.type in _BAD else None)
        context.on("request", lambda request: asked.append(request.url))
        return Visit(page, origin)

    yield visit
    for context in contexts:
        context.close()
    assert logged == []
    assert {f"{urlsplit(url).scheme}://{urlsplit(url).netloc}" for url in asked} <= {origin}


_BAD = ("error", "warning")


@pytest.fixture
def visit(visiting: Callable[..., Visit]) -> Visit:
    """A visit with a wide window and the light theme."""
    return visiting(color_scheme="light")


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures of the views go: ``FOOTNOTED_SCREENSHOTS``, for CI to keep, else nowhere."""
    given = os.environ.get("FOOTNOTED_SCREENSHOTS")
    folder = Path(given) if given else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
