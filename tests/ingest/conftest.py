"""A real web server on loopback for the tests of what reads from the web."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.web_server import Reply, Request, WebServer

__all__ = ["Reply", "Request", "WebServer"]


@pytest.fixture
def web() -> Iterator[WebServer]:
    server = WebServer()
    yield server
    server.close()
