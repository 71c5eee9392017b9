"""Running the service: the port taken, corpora opened, the address printed, then until interrupted.

What is heavy is imported by the processes that answer: with workers, the parent only watches.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from contextlib import closing

from footnoted.errors import UsageError
from footnoted.service.operations.logs import configure, notices
from footnoted.settings import Settings

_BACKLOG = 512
_ANY = ("0.0.0.0", "::")  # noqa: S104 - told apart, not listened on


def serve_corpora(names: Sequence[str], settings: Settings, notify: Callable[[str], None]) -> None:
    """Serve these corpora (else the default one) on the settings' host and port.

    Every model and index is loaded before the address is printed: what is printed is ready. The
    port is taken first, so that a port in use costs no loading; who asks meanwhile waits. Raises
    ``UsageError`` when the address cannot be listened on, ``FetchError`` when a chat endpoint is
    set and does not answer.
    """
    configure(settings.log_format, settings.log_level)
    tell = notices(settings.log_format, notify)
    with closing(_listen(settings.host, settings.port)) as listener:
        # asyncio leaves Nagle's algorithm on for a socket that it did not make itself, and every
        # answer would wait 40 ms for the client's delayed acknowledgement.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        host, port = listener.getsockname()[:2]

        def when_ready() -> None:
            tell(f"Footnoted answers at http://{_shown(host)}:{port}/ (stop it with Ctrl+C)")
            if host in _ANY and not settings.allowed_hosts:
                tell("From elsewhere it answers to the names in FOOTNOTED_ALLOWED_HOSTS alone.")

        if settings.workers > 1:
            from footnoted.service.operations.workers import serve_with_workers  # noqa: PLC0415

            serve_with_workers(names, settings, listener, notify, when_ready)
        else:
            from footnoted.service.operations.process import answer  # noqa: PLC0415

            answer(names, settings, listener, tell, when_ready)


def _shown(host: str) -> str:
    """``host`` as an address that this machine's browser can open."""
    if host in _ANY:
        host = "::1" if ":" in host else "127.0.0.1"
    return f"[{host}]" if ":" in host else host


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
