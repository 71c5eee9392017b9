"""One process that answers: corpora opened, models loaded, then uvicorn until it is told to end.

SIGTERM ends it gently: readiness says 503 for ``drain_seconds`` while requests are still taken,
so that a load balancer turns elsewhere; then no more are taken, those at work are finished, open
streams are closed. Ctrl+C leaves the first step out.
"""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

import uvicorn

from footnoted.errors import FootnotedError
from footnoted.service.app import create_app
from footnoted.service.envelope import LOOPBACK
from footnoted.service.indexing import embedder_for
from footnoted.service.judging_ahead import JudgingAhead
from footnoted.service.operations.ending import Ending
from footnoted.service.operations.stack import Operations, names_in
from footnoted.service.served import ServedCorpus
from footnoted.settings import Settings

BACKLOG = 512
"""How many connections may wait to be accepted, as `server` has it."""
LAST_SECONDS = 5.0
"""How long after the deadline of the last request its thread may go on before it is left."""

Notify = Callable[[str], None]


def answer(
    names: Sequence[str],
    settings: Settings,
    listener: socket.socket,
    notify: Notify,
    when_ready: Callable[[], None],
    *,
    metrics_folder: Path | None = None,
    one_of_many: bool = False,
) -> None:
    """Answer from these corpora (else the default one) on ``listener`` until told to end.

    Every model and index is loaded before ``when_ready`` is called. ``one_of_many``: Ctrl+C goes
    to the parent as well, which says so. Raises what opening a corpus does, and ``FetchError``
    when a chat endpoint is set and does not answer.
    """
    with ExitStack() as stack:
        if settings.llm_url:
            _check_writing(settings)
        embedder = embedder_for(settings, notify)  # one for all: its memory counts
        corpora: dict[str, ServedCorpus] = {}
        for name in names or [settings.corpus]:
            corpus = ServedCorpus.open(name, settings, embedder, notify)
            stack.callback(corpus.close)
            corpora[corpus.name] = corpus
        app = create_app(
            corpora,
            allowed_hosts=_hosts(settings),
            settings=settings,
            metrics_folder=metrics_folder,
        )
        operations: Operations = app.state.operations
        stack.callback(operations.close)
        if settings.judge_ahead:
            stack.enter_context(JudgingAhead(corpora.values()))
        server = _Server(
            _config(app, settings),
            operations.ending,
            drain_seconds=settings.drain_seconds,
            when_ready=when_ready,
            one_of_many=one_of_many,
        )
        server.run(sockets=[listener])


class _Server(uvicorn.Server):
    """uvicorn, told to end gently, and ending with 0 when it did."""

    def __init__(
        self,
        config: uvicorn.Config,
        ending: Ending,
        *,
        drain_seconds: float,
        when_ready: Callable[[], None],
        one_of_many: bool,
    ) -> None:
        super().__init__(config)
        self._ending = ending
        self._drain_seconds = drain_seconds
        self._when_ready = when_ready
        self._one_of_many = one_of_many
        self._ends_at: float | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to accept, and say so; ``FootnotedError`` where the application cannot start."""
        try:
            await super().startup(sockets)
        except SystemExit as error:  # uvicorn's way to say it; the exit code would be a refusal's
            raise FootnotedError(
                "The server could not start.", hint="What went wrong stands in the log above."
            ) from error
        self._when_ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end; a second signal leaves out what is left of the waiting."""
        if sig == signal.SIGINT and not self._one_of_many:
            super().handle_exit(sig, frame)  # raised again at the end: the command says so
        elif sig == signal.SIGINT or self._ends_at is not None:
            self.should_exit = True
        else:
            self._ending.begin()
            self._ends_at = time.monotonic() + self._drain_seconds

    async def on_tick(self, counter: int) -> bool:
        """Whether it is time to end; asked ten times a second."""
        ends = self._ends_at is not None and time.monotonic() >= self._ends_at
        return await super().on_tick(counter) or ends

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more requests, close streams that have no end, and finish the others."""
        self._ending.close_streams()
        await super().shutdown(sockets)


def _config(app: object, settings: Settings) -> uvicorn.Config:
    proxies = names_in(settings.trusted_proxies)
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        http="h11",  # it bounds what a client may send before its request is whole
        log_config=None,
        log_level=settings.log_level,
        access_log=False,
        server_header=False,
        backlog=BACKLOG,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies,
        timeout_graceful_shutdown=int(settings.request_seconds + LAST_SECONDS),
    )


def _check_writing(settings: Settings) -> None:
    """A wrong address, key or model is an error now, and not a note under every answer."""
    from footnoted.service.writing.endpoint import ChatEndpoint  # noqa: PLC0415

    ChatEndpoint.of(
        settings.llm_url, settings.llm_model, settings.llm_key, settings.llm_seconds
    ).check()


def _hosts(settings: Settings) -> list[str]:
    return [*names_in(settings.allowed_hosts), settings.host, *LOOPBACK]
