"""The collections of Milvus that hold generations: one schema, a partition for each generation."""

from __future__ import annotations

from footnoted.index.milvus.connection import WRITE_SECONDS, Connection, translated

DENSE = "dense"
TERMS = "terms"
MAX_PARTITIONS = 1000  # Milvus makes at most 1,024 in a collection (rootCoord.maxPartitionNum)

_PREFIX = "footnoted_v1"


def collection_with_room(connection: Connection, dim: int) -> str:
    """The name of a loaded collection for vectors of ``dim`` that can take another partition.

    Corpora share it, whatever model made their vectors: a search reads one partition. It is made
    where there is none yet, and another one when it is full.
    """
    client = connection.client
    number = 1
    with translated(connection.address):
        while client.has_collection(name := f"{_PREFIX}_{dim}_{number}", timeout=WRITE_SECONDS):
            if len(client.list_partitions(name, timeout=WRITE_SECONDS)) < MAX_PARTITIONS:
                break
            number += 1
        else:
            _create(connection, name, dim)
        _index(connection, name)
        client.load_collection(name, timeout=WRITE_SECONDS)
    return name


def _create(connection: Connection, name: str, dim: int) -> None:
    from pymilvus import DataType  # noqa: PLC0415

    client = connection.client
    schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field(DENSE, DataType.FLOAT_VECTOR, dim=dim)
    schema.add_field(TERMS, DataType.SPARSE_FLOAT_VECTOR)
    client.create_collection(
        name, schema=schema, consistency_level="Bounded", timeout=WRITE_SECONDS
    )


def _index(connection: Connection, name: str) -> None:
    """Give the collection what it lacks of its indexes: a killed build may have left it without."""
    client = connection.client
    kinds = {DENSE: "FLAT", TERMS: "SPARSE_INVERTED_INDEX"}
    for field in kinds.keys() - set(client.list_indexes(name, timeout=WRITE_SECONDS)):
        indexes = client.prepare_index_params()
        indexes.add_index(field, index_name=field, index_type=kinds[field], metric_type="IP")
        client.create_index(name, indexes, timeout=WRITE_SECONDS)
