"""Parquet files as streams: record batches in, bytes out, a few row groups' worth in memory."""

import io
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa
from pyarrow.parquet import ParquetWriter

# Readers take a row group at once, and the writer holds one, with a page of each column.
_GROUP_ROWS = 32_768
_GROUP_BYTES = 4 * 1024 * 1024
_PAGE_BYTES = 128 * 1024


class _Sink(io.RawIOBase):
    """A file whose written chunks are read as they come."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []
        self._written = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._written

    def write(self, content: Any) -> int:
        chunk = bytes(content)
        self._chunks.append(chunk)
        self._written += len(chunk)
        return len(chunk)

    def drain(self) -> list[bytes]:
        """The chunks that were written since the last call."""
        chunks, self._chunks = self._chunks, []
        return chunks


def parquet(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Iterator[bytes]:
    """The bytes of a file with these rows, packed, the same for the same rows."""
    # Arrow's own allocators keep tens of megabytes that were freed.
    pa.set_memory_pool(pa.system_memory_pool())
    sink = _Sink()
    writer = ParquetWriter(
        pa.PythonFile(sink, mode="w"),
        schema,
        compression="zstd",
        compression_level=1,
        data_page_size=_PAGE_BYTES,
        dictionary_pagesize_limit=_PAGE_BYTES,
    )
    for group in _groups(schema, batches):
        writer.write_table(group, row_group_size=group.num_rows)
        yield from sink.drain()
    writer.close()
    yield from sink.drain()


def _groups(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    ahead: list[pa.RecordBatch] = []
    for batch in batches:
        ahead += [batch] if batch.num_rows else []
        if (
            sum(batch.num_rows for batch in ahead) >= _GROUP_ROWS
            or sum(batch.nbytes for batch in ahead) >= _GROUP_BYTES
        ):
            yield pa.Table.from_batches(ahead, schema)
            ahead = []
    if ahead:
        yield pa.Table.from_batches(ahead, schema)
