"""The web as an ingest reads it: safely, politely, and by our own name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.metadata import version

from footnoted.ingest.fetching.addresses import AddressRules
from footnoted.ingest.fetching.archive_lookup import WaybackMachine
from footnoted.ingest.fetching.client import Limits, SafeClient
from footnoted.ingest.fetching.politeness import PoliteGet
from footnoted.ingest.fetching.proxy import Proxy
from footnoted.ingest.fetching.responses import Get, NoResponse, Response
from footnoted.ingest.fetching.robots import site_of
from footnoted.settings import Settings

ROBOT = "Footnoted"  # the product token that robots.txt files may name (RFC 9309, 2.2.1)


@asynccontextmanager
async def connect(settings: Settings, *interfaces: str) -> AsyncIterator[Get]:
    """A polite and safe ``Get`` while the block runs; ``UsageError`` for a wrong setting.

    ``interfaces`` are addresses whose hosts offer them to programs: their robots.txt, which is
    for crawlers, is not asked. Those of the web archive are among them always.
    """
    rules = AddressRules.parse(settings.fetch_allow)
    agent = user_agent(settings)
    async with SafeClient(
        rules,
        user_agent=agent,
        limits=Limits(seconds=settings.fetch_seconds),
        proxy=Proxy.parse(settings.proxy),
    ) as client:
        yield PoliteGet(
            client.once,
            ROBOT,
            jobs=settings.jobs,
            pace=settings.pace,
            exempt=_hosts(settings.archive_url, settings.archive_api, *interfaces),
        )


@asynccontextmanager
async def after(
    captures: Get, others: AbstractAsyncContextManager[Get | None]
) -> AsyncIterator[Get]:
    """A ``Get`` that answers from ``captures``, and asks ``others`` for what they lack."""
    async with others as get:

        async def ask(url: str, headers: Sequence[tuple[str, str]] = ()) -> Response | NoResponse:
            found = await captures(url, headers)
            return await get(url, headers) if get and isinstance(found, NoResponse) else found

        yield ask


@asynccontextmanager
async def nobody() -> AsyncIterator[None]:
    """In place of ``connect``, for an ingest that reads nothing but what was captured."""
    yield None


def archive(settings: Settings, get: Get) -> WaybackMachine:
    """The web archive that the settings name, asked through ``get``."""
    return WaybackMachine(get, base=settings.archive_url, api=settings.archive_api)


def user_agent(settings: Settings) -> str:
    """Who we say we are, with the contact that a site's owner may write to."""
    contact = settings.contact.strip()
    return f"{ROBOT}/{version('footnoted')}{f' ({contact})' if contact else ''}"


def _hosts(*urls: str) -> frozenset[str]:
    return frozenset(site.host for url in urls if (site := site_of(url)) is not None)
