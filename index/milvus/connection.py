"""A connection to a Milvus server, and its library's errors as ours."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from footnoted.errors import FetchError, IndexBroken, StorageError, UsageError

if TYPE_CHECKING:
    from pymilvus import MilvusClient

CONNECT_SECONDS = 10.0
QUESTION_SECONDS = 10.0
WRITE_SECONDS = 300.0

_FILE = ".db"  # how pymilvus tells a file of milvus-lite from the address of a server
_CONNECT_FAILED = 2  # pymilvus.client.types.Status.CONNECT_FAILED
_NO_PINGS = {"grpc.keepalive_time_ms": 1 << 30}  # milvus-lite hangs up on pymilvus's, noisily
_GAVE_UP = "Retry timeout"  # pymilvus, without a code, after its last attempt
_MISSING = frozenset({100, 101, 200, 201})  # a collection or partition not found, or not loaded
_NOT_INSTALLED = "pip install 'footnoted[milvus]'"


@dataclass(frozen=True, slots=True)
class Connection:
    """A client that threads may share, and where it leads, in words that hold no password."""

    client: MilvusClient
    address: str


def connect(uri: str, token: str = "") -> Connection:
    """A connection to the Milvus at ``uri``, an ``http(s)://`` address or a ``.db`` file's path.

    The file is milvus-lite's, and serves one process. ``token`` is ``user:password`` or a key;
    without it, that of the address is taken. Raises ``UsageError`` for what is no address and
    where pymilvus is not installed, ``StorageError`` for a file that cannot be opened,
    ``FetchError`` where no server answers.
    """
    address, in_file = safe_address(uri), uri.endswith(_FILE)
    try:
        from pymilvus import MilvusClient  # noqa: PLC0415  # a second, and 140 MB, for its users
        from pymilvus.exceptions import ConnectionConfigException  # noqa: PLC0415
    except ImportError as error:
        raise UsageError(
            f"pymilvus is not installed, so the index in Milvus ({address}) cannot be used.",
            about=address,
            hint=f"`{_NOT_INSTALLED}`, or unset FOOTNOTED_MILVUS_URI.",
        ) from error
    _silence(("pymilvus", "milvus_lite", "grpc._server") if in_file else ("pymilvus",))
    options: dict[str, Any] = {"grpc_options": _NO_PINGS} if in_file else {}
    try:
        with translated(address):
            client = MilvusClient(uri, token=token, timeout=CONNECT_SECONDS, **options)
    except ConnectionConfigException as error:
        raise _unusable(uri, address, error.message) from error
    return Connection(client, address)


def safe_address(uri: str) -> str:
    """``uri`` without the user, password and query in it, for messages and records."""
    if "://" not in uri:
        return uri
    try:
        parts = urlsplit(uri)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise UsageError(
            "The address of Milvus cannot be read: its host or port is no such thing.",
            hint="It looks like http://localhost:19530 or https://user:password@host:19530.",
        ) from error
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}{parts.path.rstrip('/')}"


@contextmanager
def translated(address: str) -> Iterator[None]:
    """Turn what pymilvus and gRPC raise in the block into our errors, about ``address``.

    ``IndexBroken`` for what is no longer there, ``FetchError`` where no answer came,
    ``StorageError`` for every other refusal.
    """
    import grpc  # noqa: PLC0415
    from pymilvus.exceptions import (  # noqa: PLC0415
        ConnectionConfigException,
        MilvusException,
    )

    try:
        yield
    except ConnectionConfigException:
        raise
    except MilvusException as error:
        raise _from_code(address, error.code, error.message) from error
    except grpc.FutureTimeoutError as error:
        raise _silent(address, "it did not answer in time") from error
    except grpc.RpcError as error:
        status = error.code() if isinstance(error, grpc.Call) else None
        details = str(error.details()) if isinstance(error, grpc.Call) else str(error)
        raise _from_code(address, status, details) from error


def _from_code(address: str, code: object, message: str) -> FetchError | IndexBroken | StorageError:
    """``code`` is Milvus's number, or gRPC's status where no answer of Milvus came."""
    import grpc  # noqa: PLC0415

    if code in (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED):
        return FetchError(
            f"Milvus at {address} does not let us in: {_short(message)}",
            about=address,
            hint="Check the user and password (or key) in FOOTNOTED_MILVUS_URI.",
        )
    if code == _CONNECT_FAILED or isinstance(code, grpc.StatusCode) or _GAVE_UP in message:
        return _silent(address, _short(message))
    if code in _MISSING:
        return IndexBroken(
            f"Milvus at {address} no longer has these rows: {_short(message)}",
            about=address,
            hint="`footnoted index rebuild` writes them again.",
        )
    return StorageError(
        f"Milvus at {address} refused (code {code}): {_short(message)}",
        about=address,
        hint="The server's own log says more.",
    )


def _silent(address: str, why: str) -> FetchError:
    return FetchError(
        f"Milvus at {address} does not answer: {why}",
        about=address,
        hint="Check that the server runs and that FOOTNOTED_MILVUS_URI names it.",
    )


def _silence(loggers: tuple[str, ...]) -> None:
    """They log each error that they also raise, with its traceback, on standard error.

    milvus-lite's server runs in this process, and so does what it has not implemented.
    """
    for name in loggers:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def _unusable(uri: str, address: str, message: str) -> UsageError | StorageError:
    """What pymilvus says of an address before it connects: its words may hold the password."""
    if not uri.endswith(_FILE):
        return UsageError(
            f"{address} is no address of Milvus.",
            about=address,
            hint="It looks like http://localhost:19530, or like a file's path that ends in .db.",
        )
    if "milvus-lite is required" in message:
        return UsageError(
            f"milvus-lite is not installed, so the Milvus file {address} cannot be opened.",
            about=address,
            hint="`pip install milvus-lite`, or name a server in FOOTNOTED_MILVUS_URI.",
        )
    return StorageError(
        f"The Milvus file {address} cannot be opened: {_short(message)}",
        about=address,
        hint="Its folder must exist, and only one process may use it at a time;"
        " `milvus-lite server` shares it among several.",
    )


def _short(message: str) -> str:
    lines = message.strip().splitlines() or ["no reason given"]
    return lines[0][:300]
