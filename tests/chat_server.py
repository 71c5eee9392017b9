"""A chat endpoint on loopback that says what a test tells it to, byte by byte if need be.

It speaks the chat completions protocol, with and without streaming, and breaks it on request.
Everything is sent as raw bytes, so that no well-behaved library stands between a test and what it
wants to break.
"""

from __future__ import annotations

import json
import socketserver
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

Play = Callable[[], Iterable[bytes]]
"""Makes the bytes of one answer, for as long as somebody reads them."""


class Asked(NamedTuple):
    """A request as it came: its path, its header lines in lower case, its JSON body."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


class ChatServer:
    """Plays one of ``plays`` to each request, the last one again; ``asked`` are the requests."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.plays: list[Play] = []
        self.asked: list[Asked] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def raw(self, *parts: bytes, pause: float = 0.0) -> None:
        """Send these bytes next, ``pause`` seconds before each part, and hang up."""

        def play() -> Iterator[bytes]:
            for part in parts:
                time.sleep(pause)
                yield part

        self.plays.append(play)

    def endless(self, head: bytes, part: bytes, pause: float = 0.0) -> None:
        """Send ``head``, and then ``part`` for ever."""

        def play() -> Iterator[bytes]:
            yield head
            while True:
                time.sleep(pause)
                yield part

        self.plays.append(play)

    def says(self, text: str) -> None:
        """Stream ``text``, some characters at a time, as a well-behaved server does."""
        self.raw(STREAM_HEAD, *(event(text[at : at + 7]) for at in range(0, len(text), 7)), DONE)

    def says_at_once(self, text: object, **more: object) -> None:
        """Send ``text`` in one JSON document, though a stream was asked for."""
        message = {"role": "assistant", "content": text, **more}
        self.sends(json.dumps({"choices": [{"index": 0, "message": message}]}).encode())

    def sends(self, body: bytes, status: str = "200 OK", **headers: str) -> None:
        """Send ``body`` as JSON with this status."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named = {"Content-Type": "application/json", "Content-Length": str(len(body))} | named
        self.raw(head(status, named), body)

    def refuses(self, status: str, message: str = "No.", **headers: str) -> None:
        """Send an error object, as the protocol has it."""
        error = {"error": {"message": message, "type": "invalid_request_error", "code": None}}
        self.sends(json.dumps(error).encode(), status, **headers)

    def next_play(self) -> Play:
        return self.plays.pop(0) if len(self.plays) > 1 else self.plays[0]


def head(status: str, headers: dict[str, str]) -> bytes:
    lines = [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([f"HTTP/1.1 {status}", "Connection: close", *lines, "", ""]).encode()


def event(content: object, **more: object) -> bytes:
    """One chunk of a stream; ``more`` stands beside the content."""
    return data({"choices": [{"index": 0, "delta": {"content": content, **more}}]})


def data(value: object) -> bytes:
    """A server-sent event that holds ``value`` as JSON."""
    return f"data: {json.dumps(value)}\n\n".encode()


STREAM_HEAD = head("200 OK", {"Content-Type": "text/event-stream"})
DONE = b"data: [DONE]\n\n"


@contextmanager
def chatting() -> Iterator[ChatServer]:
    """A server on a free port of 127.0.0.1, in threads of its own."""

    class Conversation(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            # A client that hangs up is what most of these answers are made for.
            with suppress(ConnectionError):
                chat.asked.append(_request(self.rfile))
                for part in chat.next_play()():
                    if stopping.is_set():
                        break
                    self.wfile.write(part)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    stopping = threading.Event()
    with Server(("127.0.0.1", 0), Conversation) as server:
        chat = ChatServer(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield chat
        finally:
            stopping.set()
            server.shutdown()
            thread.join()


def _request(lines: Any) -> Asked:
    path = lines.readline().split(b" ")[1].decode()
    headers = {}
    while line := lines.readline().strip().decode():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return Asked(path, headers, json.loads(lines.read(int(headers["content-length"]))))
