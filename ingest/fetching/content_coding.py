"""Takes the content coding off a body as it arrives (RFC 9110, 8.4), in small pieces, up to a cap.

A few kilobytes can unpack to gigabytes, so nothing is unpacked beyond what its caller still wants:
each layer gives at most ``PIECE`` bytes at a time and ``cap`` bytes in all. gzip and deflate only:
the client asks for nothing else, and what a server sends unasked is refused by name.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from footnoted.domain import Access
from footnoted.ingest.fetching.addresses import Unanswered, shown

if TYPE_CHECKING:
    from zlib import _Decompress

ACCEPTED = "gzip, deflate"
PIECE = 2**16
_MOST_LAYERS = 2
_CODINGS = {"gzip": "gzip", "x-gzip": "gzip", "deflate": "deflate"}


class Unpacker:
    """Unpacks one body that was packed with ``codings``, in the order of the header.

    ``feed`` raises ``Unanswered`` for damaged bytes and for more than ``cap`` unpacked ones.
    """

    def __init__(self, codings: Sequence[str], cap: int) -> None:
        self._layers = [_Layer(coding, cap) for coding in reversed(codings)]
        self._plain = _Counter(cap)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What can be unpacked now that ``data`` has arrived, in pieces."""
        pieces: Iterator[bytes] = iter((data,))
        for layer in self._layers:
            pieces = layer.feed_all(pieces)
        for piece in pieces:
            self._plain.add(len(piece))
            yield piece

    def finish(self) -> None:
        """Raise ``Unanswered`` when the body ended before its packing did."""
        for layer in self._layers:
            layer.finish()


def codings_of(values: Sequence[str]) -> tuple[str, ...]:
    """The codings that the ``Content-Encoding`` headers of a response name, ``identity`` left out.

    Raises ``Unanswered`` for one that was not asked for, and for more than two.
    """
    named = [part.strip().lower() for value in values for part in value.split(",")]
    codings = [name for name in named if name not in {"", "identity"}]
    if unknown := next((name for name in codings if name not in _CODINGS), None):
        raise Unanswered(
            Access.UNSUPPORTED_TYPE,
            f"it was sent packed as {shown(unknown)}, although only {ACCEPTED} were asked for. "
            "Save the page and supply it with --source.",
        )
    if len(codings) > _MOST_LAYERS:
        raise Unanswered(
            Access.UNSUPPORTED_TYPE,
            f"it was packed {len(codings)} times over, as no ordinary page is.",
        )
    return tuple(_CODINGS[name] for name in codings)


class _Counter:
    """Counts bytes and stops at a cap."""

    def __init__(self, cap: int) -> None:
        self._cap = cap
        self._count = 0

    def add(self, size: int) -> None:
        self._count += size
        if self._count > self._cap:
            raise Unanswered(
                Access.TOO_LARGE,
                f"it is larger than {self._cap:,} bytes when unpacked, and reading stopped there. "
                "Save the page and supply it with --source.",
            )


class _Layer:
    """One coding: a zlib or raw deflate stream, or any number of gzip members (RFC 1950-1952)."""

    def __init__(self, coding: str, cap: int) -> None:
        self._coding = coding
        self._made = _Counter(cap)
        self._held = b""  # a beginning too short to be recognised
        self._stream: _Decompress | None = None
        self._streams = 0
        self._ended = False

    def feed_all(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            yield from self.feed(piece)

    def feed(self, data: bytes) -> Iterator[bytes]:
        piece = b""
        # zlib may have taken all of the data and still hold more than one piece of its content.
        while (data or len(piece) == PIECE) and not self._ended:
            if self._stream is None:
                data, self._held = self._held + data, b""
                self._begin(data)
                if self._stream is None:
                    return
            piece = self._unpack(self._stream, data)
            self._made.add(len(piece))
            if piece:
                yield piece
            if self._stream.eof:
                data, piece, self._stream = self._stream.unused_data, b"", None
                # A gzip member may follow; after a deflate stream nothing can.
                self._ended = self._coding == "deflate"
            else:
                data = self._stream.unconsumed_tail

    def finish(self) -> None:
        if self._stream is not None or (self._held and not self._streams):
            raise Unanswered(
                Access.DEAD, "its packed content broke off before the end.", transient=True
            )

    def _begin(self, data: bytes) -> None:
        """Choose how to read a stream by its first two bytes, or keep them until there are two."""
        if len(data) < 2:
            self._held = data
            return
        if self._coding == "gzip":
            if self._streams and data[:2] != b"\x1f\x8b":
                self._ended = True  # padding after the last member, as browsers ignore it
                return
            window = zlib.MAX_WBITS | 16
        else:
            # Servers mean zlib by "deflate", or the bare stream; the zlib header has a checksum.
            zlib_header = data[0] & 0x0F == 8 and int.from_bytes(data[:2]) % 31 == 0
            window = zlib.MAX_WBITS if zlib_header else -zlib.MAX_WBITS
        self._stream = zlib.decompressobj(window)
        self._streams += 1

    def _unpack(self, stream: _Decompress, data: bytes) -> bytes:
        try:
            return stream.decompress(data, PIECE)
        except zlib.error as error:
            raise Unanswered(
                Access.DEAD,
                f"it says that it is packed as {self._coding}, but its content is damaged.",
                transient=True,
            ) from error
