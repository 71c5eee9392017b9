"""An OpenAI-compatible chat endpoint: messages in, text out, within limits; else ``FetchError``.

The protocol is the ``openai`` package's business, what may be sent and read is ours: one retry, no
redirects, no proxies and no ``OPENAI_…`` variables of the environment, no packed bodies, and an
end to every wait. Nothing that the server sends raises anything but ``FetchError``.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar, cast
from urllib.parse import urlsplit

import msgspec

from footnoted.errors import UsageError
from footnoted.service.writing.failures import failure, protocol_errors, too_long

if TYPE_CHECKING:
    import httpx2
    from openai import AsyncOpenAI

MOST_BYTES = 1_000_000  # on the wire; a streamed token costs two to three hundred
MOST_CHARACTERS = 16_000  # of text; a phrased answer has some hundreds
MOST_TOKENS = 2_048  # asked for; models that think aloud need most of them
MOST_CHUNKS = 2 * MOST_TOKENS  # of a stream; each takes a third of a millisecond to read
CONNECT_SECONDS = 10.0
_PATH = "/chat/completions"
_T = TypeVar("_T")


class Message(TypedDict):
    """One message of a conversation."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class ChatEndpoint:
    """The model ``model`` at the base address ``url`` (``https://host/v1``).

    ``seconds`` is how long one answer may take, the retry included. The key is never shown.
    """

    url: str
    model: str
    key: str = field(default="", repr=False)
    seconds: float = 60.0

    def __post_init__(self) -> None:
        _check_url(self.url)
        if not self.model:
            raise UsageError(
                f"No model is named for the chat endpoint {self.url}.",
                about="llm_model",
                hint="Set FOOTNOTED_LLM_MODEL to a name that the endpoint knows.",
            )
        if not (self.key.isascii() and self.key.isprintable()) or " " in self.key:
            raise UsageError(
                "The key of the chat endpoint holds characters that no key can have.",
                about="llm_key",
                hint="Copy it again into FOOTNOTED_LLM_KEY, without spaces and line ends.",
            )

    @classmethod
    def of(cls, url: str, model: str, key: str, seconds: float) -> ChatEndpoint:
        """The endpoint that settings name; ``UsageError`` where they name none or a wrong one.

        Also where the package that speaks to it is not installed. ``url`` may end in
        ``/chat/completions``, as some print it.
        """
        if not url:
            raise UsageError(
                "No chat endpoint is set, so nothing can phrase the answer.",
                about="llm_url",
                hint="Set FOOTNOTED_LLM_URL (http://localhost:11434/v1) and FOOTNOTED_LLM_MODEL.",
            )
        if find_spec("openai") is None:
            raise UsageError(
                "Phrasing an answer needs the package openai, which is not installed.",
                about="llm_url",
                hint="Install it with: pip install 'footnoted[llm]'",
            )
        return cls(url.rstrip("/").removesuffix(_PATH), model, key, seconds)

    def complete(self, messages: Sequence[Message], most_tokens: int = MOST_TOKENS) -> str:
        """What the model says to ``messages``, without what it thought aloud; may be empty.

        Blocks for at most ``seconds``. Raises ``FetchError``, whose message holds no word of the
        server's; its hint may.
        """
        expected = protocol_errors()  # which loads the package before the clock runs
        try:
            return _without_thoughts(_run(self._within_limits(messages, most_tokens)))
        except expected as error:
            raise failure(error, self.url, self.model, self.key, self.seconds) from error

    def check(self) -> None:
        """Ask for one token: ``FetchError`` tells of a wrong address, key or model."""
        self.complete([{"role": "user", "content": "Say yes."}], most_tokens=1)

    async def _within_limits(self, messages: Sequence[Message], most_tokens: int) -> str:
        async with asyncio.timeout(self.seconds):
            return await self._answer(messages, most_tokens)

    async def _answer(self, messages: Sequence[Message], most_tokens: int) -> str:
        async with self._http() as http:
            raw = await self._client(http).chat.completions.with_raw_response.create(
                model=self.model,
                messages=cast("Any", messages),  # a union of typed dicts, one for each role
                temperature=0,
                max_tokens=most_tokens,
                stream=True,
            )
            if "text/event-stream" not in raw.headers.get("content-type", "").lower():
                # Some servers know no streaming and send one whole answer.
                return _whole(await raw.http_response.aread())
            text, chunks = "", 0
            async for chunk in raw.parse():
                text += _said(chunk)
                chunks += 1
                if len(text) > MOST_CHARACTERS or chunks > MOST_CHUNKS:
                    raise too_long()
            return text

    def _http(self) -> httpx2.AsyncClient:
        import httpx2  # noqa: PLC0415 - a third of a second

        from footnoted.service.writing.transport import KeyedTransport  # noqa: PLC0415

        secure = self.url.lower().startswith("https:")
        verify = _trusted() if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        inner = httpx2.AsyncHTTPTransport(verify=verify, trust_env=False)
        return httpx2.AsyncClient(
            transport=KeyedTransport(inner, self.key, MOST_BYTES),
            trust_env=False,
            follow_redirects=False,
            timeout=httpx2.Timeout(self.seconds, connect=min(CONNECT_SECONDS, self.seconds)),
        )

    def _client(self, http: httpx2.AsyncClient) -> AsyncOpenAI:
        from openai import AsyncOpenAI  # noqa: PLC0415 - half a second

        # The transport knows the key; empty values keep it from looking in the environment.
        return AsyncOpenAI(
            api_key="unused",
            admin_api_key="",
            organization="",
            project="",
            webhook_secret="",
            base_url=self.url,
            http_client=http,
            timeout=http.timeout,
            max_retries=1,
        )


class _Spoken(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    message: _Spoken


class _Completion(msgspec.Struct):
    choices: list[_Choice]


def _whole(body: bytes) -> str:
    """The text of an answer that was not streamed."""
    choices = msgspec.json.decode(body, type=_Completion).choices
    text = (choices[0].message.content or "") if choices else ""
    if len(text) > MOST_CHARACTERS:
        raise too_long()
    return text


def _said(chunk: object) -> str:
    """The words of one chunk: the package builds chunks without checking any type in them."""
    choices = getattr(chunk, "choices", None)
    first = choices[0] if isinstance(choices, list) and choices else None
    content = getattr(getattr(first, "delta", None), "content", None)
    return content if isinstance(content, str) else ""


def _without_thoughts(text: str) -> str:
    """``text`` without what some models think aloud before they answer."""
    if text.lstrip().startswith("<think>"):
        return text.partition("</think>")[2].strip()
    return text.strip()


def _run(work: Coroutine[Any, Any, _T]) -> _T:
    """The result of ``work``, also where this thread runs an event loop already (a notebook)."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, work).result()


@lru_cache(maxsize=1)
def _trusted() -> ssl.SSLContext:
    import httpx2  # noqa: PLC0415

    return httpx2.create_ssl_context()


def _check_url(url: str) -> None:
    """``UsageError`` unless ``url`` is a plain http(s) base address."""
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        fine = fine and url.isascii() and url.isprintable() and " " not in url
    except ValueError:
        fine = False
        parts = urlsplit("")
    if not fine or parts.query or parts.fragment:
        raise UsageError(
            "The address of the chat endpoint is no plain http(s) address.",
            about="llm_url",
            hint="FOOTNOTED_LLM_URL looks like http://localhost:11434/v1.",
        )
    if "@" in parts.netloc:
        raise UsageError(
            "The address of the chat endpoint holds a password, which would be shown.",
            about="llm_url",
            hint="Take it out of FOOTNOTED_LLM_URL and set FOOTNOTED_LLM_KEY.",
        )
