"""A generation's rows in Milvus: written, opened, compared with what was written, and removed.

The generation's folder remembers where they are (``milvus.json``, written before the first row, so
that a killed build can be cleared away) and keeps the vocabulary. Milvus knows nothing of which
generation is in use: that is the folder's name in ``CURRENT``, as for files.
"""

from __future__ import annotations

import dataclasses
import hashlib
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from footnoted.index.milvus.connection import (
    QUESTION_SECONDS,
    WRITE_SECONDS,
    Connection,
    translated,
)
from footnoted.index.milvus.place import Place, in_milvus, new_place, read_place, write_place
from footnoted.index.milvus.schema import DENSE, TERMS, collection_with_room
from footnoted.index.milvus.terms import MilvusTerms
from footnoted.index.milvus.vectors import BATCH, MilvusVectors, gone
from footnoted.index.milvus.vocabulary import Vocabulary, write_vocabulary
from footnoted.index.milvus.weights import weigh
from footnoted.protocols import Vectors

_SHOWN_SECONDS = 60.0  # after which a server that has taken the rows must also find them
_PAUSE = 0.2  # seconds between two looks at it


def write_rows(
    folder: Path,
    connection: Connection,
    *,
    corpus_id: str,
    generation_id: str,
    vectors: Vectors,
    tokens: Iterable[Sequence[str]],
) -> None:
    """Write ``vectors`` and the BM25 weights of ``tokens``, row 0 first, into a new partition.

    ``folder`` gets ``milvus.json`` and the vocabulary. When this returns, the rows are flushed and
    a search sees them all. After any error, or a kill, ``remove_rows`` clears them away.
    """
    rows, dim = vectors.shape
    collection = collection_with_room(connection, dim)
    place = new_place(collection, corpus_id, generation_id, rows, dim)
    write_place(folder, place)
    weighed = weigh(tokens)
    if len(weighed.starts) != rows + 1:
        raise ValueError(f"{len(weighed.starts) - 1} token lists for {rows} vectors")
    write_vocabulary(folder, weighed.tokens, weighed.counts)
    client = connection.client
    with translated(connection.address):
        client.create_partition(place.collection, place.partition, timeout=WRITE_SECONDS)
        for start in range(0, rows, BATCH):
            block = range(start, min(start + BATCH, rows))
            client.insert(
                place.collection,
                [
                    {"id": place.first_id + n, DENSE: vectors[n], TERMS: weighed.vector(n)}
                    for n in block
                ],
                partition_name=place.partition,
                timeout=WRITE_SECONDS,
            )
        client.flush(place.collection, timeout=WRITE_SECONDS)
    _wait_for_rows(connection, place)
    write_place(folder, dataclasses.replace(place, vectors_sha256=_sha256([vectors])))


def open_indexes(folder: Path, connection: Connection) -> tuple[MilvusVectors, MilvusTerms]:
    """Both indexes of the generation in ``folder``; ``IndexBroken`` unless all its rows are there.

    Only their number is compared here; ``verify_rows`` compares the vectors. A collection that
    was released is loaded again.
    """
    place = read_place(folder)
    if (found := stored_rows(connection, place)) != place.rows:
        raise gone(connection, place, f"it has {found} rows")
    terms = MilvusTerms(connection, place, Vocabulary(folder))
    return MilvusVectors(connection, place), terms


def verify_rows(folder: Path, connection: Connection) -> None:
    """``IndexBroken`` unless every vector is the one that was written, by their SHA-256."""
    place = read_place(folder)
    vectors, _ = open_indexes(folder, connection)
    blocks = np.split(np.arange(place.rows), range(BATCH, place.rows, BATCH))
    if _sha256(vectors.vectors(block) for block in blocks) != place.vectors_sha256:
        raise gone(connection, place, "its vectors are not those that were written")


def remove_rows(folder: Path, connection: Connection) -> None:
    """Remove what ``write_rows`` wrote for ``folder``, whole or not; nothing where there is none.

    Call it before the folder itself is removed: the folder alone knows the partition.
    """
    if not in_milvus(folder):
        return
    place, client = read_place(folder), connection.client
    with translated(connection.address):
        if not client.has_collection(place.collection, timeout=WRITE_SECONDS):
            return
        if not client.has_partition(place.collection, place.partition, timeout=WRITE_SECONDS):
            return
        _release(connection, place)
        client.drop_partition(place.collection, place.partition, timeout=WRITE_SECONDS)


def stored_rows(connection: Connection, place: Place) -> int:
    """How many rows of ``place`` Milvus has, the latest writes included; it is loaded for this."""
    client = connection.client
    with translated(connection.address):
        if not client.has_collection(place.collection, timeout=QUESTION_SECONDS):
            return 0
        if not client.has_partition(place.collection, place.partition, timeout=QUESTION_SECONDS):
            return 0
        client.load_collection(place.collection, timeout=WRITE_SECONDS)
        records = client.query(
            place.collection,
            filter=place.all_ids,
            output_fields=["count(*)"],
            partition_names=[place.partition],
            consistency_level="Strong",
            timeout=WRITE_SECONDS,
        )
    return int(records[0]["count(*)"])


def _release(connection: Connection, place: Place) -> None:
    """A server drops only partitions that are not loaded; milvus-lite knows no such thing."""
    import grpc  # noqa: PLC0415

    try:
        connection.client.release_partitions(
            place.collection, [place.partition], timeout=WRITE_SECONDS
        )
    except grpc.RpcError as error:
        if not isinstance(error, grpc.Call) or error.code() != grpc.StatusCode.UNIMPLEMENTED:
            raise


def _wait_for_rows(connection: Connection, place: Place) -> None:
    until = time.monotonic() + _SHOWN_SECONDS
    while (found := stored_rows(connection, place)) != place.rows:
        if time.monotonic() > until:
            raise gone(connection, place, f"after writing, it shows {found} rows")
        time.sleep(_PAUSE)


def _sha256(blocks: Iterable[Vectors]) -> str:
    digest = hashlib.sha256()
    for block in blocks:
        digest.update(np.ascontiguousarray(block, "<f4").tobytes())
    return digest.hexdigest()
