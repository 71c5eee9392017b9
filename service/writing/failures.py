"""What goes wrong between us and a chat endpoint, as one ``FetchError`` that says what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from footnoted.errors import FetchError

if TYPE_CHECKING:
    import openai

_SHOWN = 200  # characters of what the server said
_CHECK_URL = "Check that the server runs and that FOOTNOTED_LLM_URL names it; it mostly ends in /v1"
_LATER = "Ask again later; the statements themselves are the answer."


def protocol_errors() -> tuple[type[Exception], ...]:
    """Everything that asking the endpoint can raise because of the network or the server."""
    import httpx2  # noqa: PLC0415
    import msgspec  # noqa: PLC0415
    import openai  # noqa: PLC0415

    # ValueError: JSON or UTF-8 that is none; RecursionError: JSON nested without end.
    return (
        *(openai.OpenAIError, httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, OSError),
        *(ValueError, RecursionError, msgspec.MsgspecError),
    )


def too_long() -> Exception:
    """The error of an answer that goes on and on."""
    from footnoted.service.writing.transport import TooLong  # noqa: PLC0415

    return TooLong("its answer has no end")


def failure(error: Exception, url: str, model: str, key: str, seconds: float) -> FetchError:
    """``error`` as the user is told of it; the server's own words are in the hint at most."""
    import openai  # noqa: PLC0415

    if isinstance(error, openai.APIStatusError):
        return _refused(error, url, model, key)
    if isinstance(error, TimeoutError | openai.APITimeoutError):
        return FetchError(
            f"The chat endpoint {url} was not done within {seconds:g} seconds.",
            about=url,
            hint="A slow model needs a larger FOOTNOTED_LLM_SECONDS.",
        )
    if (why := _transport_reason(error)) is not None:
        return FetchError(f"The chat endpoint {url} {why}.", about=url, hint=_LATER)
    if isinstance(error, openai.APIConnectionError):
        return FetchError(f"The chat endpoint {url} cannot be reached.", about=url, hint=_CHECK_URL)
    if isinstance(error, openai.APIError):  # an error object in the middle of a stream
        return FetchError(
            f"The chat endpoint {url} broke off with an error.",
            about=url,
            hint=f"{_LATER} It says: {_words(error.message, key)}",
        )
    return FetchError(
        f"The chat endpoint {url} does not speak the chat completions protocol.",
        about=url,
        hint=_CHECK_URL,
    )


def _transport_reason(error: Exception) -> str | None:
    import httpx2  # noqa: PLC0415

    from footnoted.service.writing.transport import Packed, TooLong  # noqa: PLC0415

    for reason in (error, error.__cause__):
        if isinstance(reason, TooLong):
            return "sent more than any answer needs"
        if isinstance(reason, Packed):
            return "packs its answers although it is asked not to"
        if isinstance(reason, httpx2.RemoteProtocolError):
            return "sent what is not HTTP, or hung up in the middle"
        if isinstance(reason, httpx2.ReadError):
            return "hung up in the middle"
    return None


def _refused(error: openai.APIStatusError, url: str, model: str, key: str) -> FetchError:
    status = error.status_code
    if status in (401, 403):
        what = "does not accept the key" if key else "wants a key"
        hint = "Check FOOTNOTED_LLM_KEY."
    elif status == 404:
        what = f"knows no model {model}, or is not at this address"
        hint = "Check FOOTNOTED_LLM_MODEL and FOOTNOTED_LLM_URL, which mostly ends in /v1."
    elif 300 <= status < 400:
        what = "sends on to another address, where the key must not go"
        hint = "Set FOOTNOTED_LLM_URL to the address where the endpoint really is."
    elif status == 429:
        what, hint = "takes no more requests for now", _LATER
    elif status >= 500:
        what, hint = "failed", _LATER
    else:
        what = "refuses the request"
        hint = "Check FOOTNOTED_LLM_MODEL: not every model takes a temperature of 0."
    said = _words(error.message, key)
    return FetchError(
        f"The chat endpoint {url} {what} (HTTP {status}).",
        about=url,
        hint=f"{hint} It says: {said}" if said else hint,
    )


def _words(message: str, key: str) -> str:
    """What the server said, short, in one line, and without the key, which some repeat."""
    shown = message.replace(key, "***") if key else message
    return " ".join("".join(c if c.isprintable() else " " for c in shown).split())[:_SHOWN]
