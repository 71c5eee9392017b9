"""Running the service: corpora opened, the address printed, then uvicorn until interrupted."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from contextlib import ExitStack

import uvicorn

from footnoted.errors import UsageError
from footnoted.service.app import create_app
from footnoted.service.indexing import embedder_for
from footnoted.service.judging_ahead import JudgingAhead
from footnoted.service.served import ServedCorpus
from footnoted.settings import Settings

_BACKLOG = 512


def serve_corpora(names: Sequence[str], settings: Settings, notify: Callable[[str], None]) -> None:
    """Serve these corpora (else the default one) on the settings' host and port.

    Every model and index is loaded before the address is printed: what is printed is ready. The
    port is taken first, so that a port in use costs no loading; who asks meanwhile waits. Raises
    ``UsageError`` when the address cannot be listened on, ``FetchError`` when a chat endpoint is
    set and does not answer.
    """
    with ExitStack() as stack:
        listener = stack.enter_context(_listen(settings.host, settings.port))
        if settings.llm_url:
            _check_writing(settings)
        embedder = embedder_for(settings, notify)  # one for all: its memory counts
        corpora: dict[str, ServedCorpus] = {}
        for name in names or [settings.corpus]:
            corpus = ServedCorpus.open(name, settings, embedder, notify)
            stack.callback(corpus.close)
            corpora[corpus.name] = corpus
        # asyncio leaves Nagle's algorithm on for a socket that it did not make itself, and every
        # answer would wait 40 ms for the client's delayed acknowledgement.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        host, port = listener.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        notify(f"Footnoted answers at http://{shown}:{port}/ (stop it with Ctrl+C)")
        config = uvicorn.Config(
            create_app(corpora, allowed_hosts=_hosts(settings), settings=settings),
            log_level="warning",
            access_log=False,
            server_header=False,
        )
        if settings.judge_ahead:
            stack.enter_context(JudgingAhead(corpora.values()))
        uvicorn.Server(config).run(sockets=[listener])


def _check_writing(settings: Settings) -> None:
    """A wrong address, key or model is an error now, and not a note under every answer."""
    from footnoted.service.writing.endpoint import ChatEndpoint  # noqa: PLC0415

    ChatEndpoint.of(
        settings.llm_url, settings.llm_model, settings.llm_key, settings.llm_seconds
    ).check()


def _hosts(settings: Settings) -> list[str] | None:
    named = [name.strip() for name in settings.allowed_hosts.split(",") if name.strip()]
    return [*named, settings.host, "localhost", "127.0.0.1", "::1"] if named else None


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise UsageError(
            f"{host}:{port} cannot be listened on: {error.strerror or error}.",
            about=f"{host}:{port}",
            hint="Another program may use it: choose another with --port, or 0 for any free one.",
        ) from error
