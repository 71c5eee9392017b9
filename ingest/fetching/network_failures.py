"""Turns every failure of httpcore2, OpenSSL and the operating system into words, in one place."""

from __future__ import annotations

import ssl

import httpcore2

from footnoted.domain import Access
from footnoted.ingest.fetching.addresses import Unanswered, shown

FAILURES = (
    httpcore2.TimeoutException,
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpcore2.UnsupportedProtocol,
    httpcore2.ProxyError,
    OSError,
)
"""Everything that a connection can raise; ``translated`` knows what each of them means."""


def translated(error: Exception) -> Unanswered:
    """What a researcher is told of a failure of httpcore2, OpenSSL or the operating system."""
    words = shown(str(error)).rstrip(".") or type(error).__name__
    if isinstance(error, httpcore2.ConnectTimeout):
        return Unanswered(Access.DEAD, "its server accepted no connection in time.", transient=True)
    if isinstance(error, httpcore2.TimeoutException):
        return Unanswered(Access.DEAD, "its server fell silent.", transient=True)
    if isinstance(error, httpcore2.LocalProtocolError | httpcore2.UnsupportedProtocol):
        return Unanswered(Access.DEAD, f"it could not be asked over HTTP ({words}).")
    if isinstance(error, httpcore2.ProtocolError):
        return Unanswered(
            Access.DEAD, f"its answer broke off or is not HTTP ({words}).", transient=True
        )
    return Unanswered(Access.DEAD, f"the connection broke off ({words}).", transient=True)


def unreachable(host: str, port: int, error: Exception) -> Exception:
    """What to raise when the last number of ``host`` accepts no connection."""
    if isinstance(error, httpcore2.ConnectTimeout):
        return error
    return Unanswered(
        Access.DEAD,
        f"{host} accepts no connection on port {port} ({_root_words(error)}).",
        transient=True,
    )


def not_secure(host: str, error: Exception) -> Unanswered:
    """What to raise when no TLS connection came about: a bad certificate is named as such."""
    cause = error.__cause__
    if isinstance(cause, ssl.SSLCertVerificationError):
        flaw = cause.verify_message.rstrip(".")
        return Unanswered(
            Access.DEAD,
            f"the certificate of {host} was not accepted ({flaw}), so nobody can "
            "tell whose page it would be.",
        )
    if isinstance(error, httpcore2.ConnectTimeout):
        words = "the server did not answer in time"
    else:
        words = _root_words(error)
    refused = isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLEOFError)
    return Unanswered(
        Access.DEAD,
        f"no secure connection to {host} could be made ({words}).",
        transient=not refused,
    )


def _root_words(error: BaseException) -> str:
    """What the operating system or OpenSSL said, at the bottom of a chain of exceptions."""
    while error.__cause__ is not None:
        error = error.__cause__
    if isinstance(error, ssl.SSLError):
        return (error.reason or str(error)).replace("_", " ").lower()
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error).rstrip(".") or "the connection was closed"
