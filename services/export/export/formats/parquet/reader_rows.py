"""Rows of Parquet files, in batches."""

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
from pyarrow.parquet import ParquetFile

from export.parsing.reasons import ReaderError

_ROWS_AT_ONCE = 4096
# The uncompressed size that the file declares; other programs write groups of a million rows.
_LARGEST_GROUP = 1 << 30
_DAMAGED = (pa.ArrowException, OSError, MemoryError, TypeError, KeyError, NotImplementedError, OverflowError)


class ParquetRows:
    """The rows of a file.

    Raises:
        ValueError: the data does not follow the format.
    """

    def __init__(self, content: bytes) -> None:
        # Arrow's own allocators hold on to tens of megabytes of freed memory.
        pa.set_memory_pool(pa.system_memory_pool())
        try:
            self._file = ParquetFile(pa.BufferReader(content), pre_buffer=False)
            self.columns: Sequence[str] = self._file.schema_arrow.names
            groups = [self._file.metadata.row_group(at).total_byte_size for at in range(self._file.num_row_groups)]
        except _DAMAGED as error:
            raise ReaderError("parquet_invalid") from error
        if max(groups, default=0) > _LARGEST_GROUP:
            raise ReaderError("parquet_row_group_too_large")

    def read(self, *columns: str) -> Iterator[tuple[int, dict[str, Any]]]:
        """The rows with these columns (default: all), numbered from 1.

        Raises:
            ValueError: the data does not follow the format.
        """
        number = 0
        wanted = [name for name in self.columns if name in columns] if columns else None
        try:
            for batch in self._file.iter_batches(_ROWS_AT_ONCE, columns=wanted, use_threads=False):
                for row in batch.to_pylist():
                    number += 1
                    yield number, row
        except _DAMAGED as error:
            raise ReaderError("parquet_damaged", row=number) from error
