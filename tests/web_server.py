"""A real web server on loopback that answers as a test tells it to, and remembers who asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Reply(NamedTuple):
    """What the server says to a request for one path; ``delay`` is in seconds."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = {}
    delay: float = 0.0


class Request(NamedTuple):
    """A request as it arrived; header names are in lower case."""

    path: str
    headers: dict[str, str]
    at: float


class WebServer:
    """``replies`` maps a path with its query to a reply, or to what makes one of a request.

    ``fallback`` answers for all other paths.
    """

    def __init__(self) -> None:
        self.replies: dict[str, Reply | Callable[[Request], Reply]] = {}
        self.fallback: Reply | Callable[[Request], Reply] = Reply(b"not here", 404)
        self.requests: list[Request] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        self.address = f"127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def url(self, path: str) -> str:
        return f"http://{self.address}{path}"

    def page(self, path: str, html: str, status: int = 200, **headers: str) -> str:
        """Serve a page and return its address."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.replies[path] = Reply(
            html.encode(), status, {"Content-Type": "text/html; charset=utf-8"} | named
        )
        return self.url(path)

    def asked(self, path: str) -> int:
        """How often ``path`` was asked for."""
        return sum(request.path == path for request in self.requests)

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Request(self.path, headers, time.monotonic())
                server.requests.append(request)
                found = server.replies.get(self.path, server.fallback)
                reply = found(request) if callable(found) else found
                time.sleep(reply.delay)
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)

            def log_message(self, *_: Any) -> None:
                pass

        return Handler
