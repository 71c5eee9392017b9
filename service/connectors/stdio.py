"""The MCP server on standard input and output, for a program that starts it and asks it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from footnoted.service.connectors.addresses import base_address
from footnoted.service.indexing import embedder_for
from footnoted.service.served import ServedCorpus
from footnoted.service.shelf import Shelf
from footnoted.settings import Settings


def answer_on_stdio(
    names: Sequence[str], settings: Settings, notify: Callable[[str], None]
) -> None:
    """Answer from these corpora (else the default one) until standard input ends.

    Models and indexes are loaded before the first message is read. Nothing but messages is
    written to standard output: while it serves, the SDK leads all else to standard error.
    """
    with ExitStack() as stack:
        embedder = embedder_for(settings, notify)  # one for all: its memory counts
        corpora: dict[str, ServedCorpus] = {}
        for name in names or [settings.corpus]:
            corpus = ServedCorpus.open(name, settings, embedder, notify)
            stack.callback(corpus.close)
            corpora[corpus.name] = corpus
        stack.enter_context(_interruptible())
        asyncio.run(_answer(Shelf(corpora), base_address(settings.public_url)))


@contextmanager
def _interruptible() -> Iterator[None]:
    """Have Ctrl+C end the process at once while the block runs.

    A thread waits for standard input then, and Python, asked to end, would wait for the thread.
    Nothing is lost: reading a corpus changes nothing.
    """
    usual = signal.getsignal(signal.SIGINT)
    if usual is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)


async def _answer(shelf: Shelf, base: str) -> None:
    from mcp.server.stdio import stdio_server  # noqa: PLC0415 - takes a while to import

    from footnoted.service.connectors.protocol import mcp_server  # noqa: PLC0415

    server = mcp_server(shelf, lambda _: base)
    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())
