"""The files of data sets, and ranges of rows read from them.

A data set is a file or a folder of files of one kind: Parquet, CSV or `.npz`. Rows are counted over
the files in the order of their names. Only the rows of the wanted range are held in memory.
"""

from __future__ import annotations

import zipfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol

from .errors import ScaleError, missing_package

if TYPE_CHECKING:
    import numpy as np

Columns = dict[str, "np.ndarray[Any, Any]"]
SKIP_BYTES = 1 << 24


class Source(Protocol):
    """A file: its columns, its number of rows, and some of its rows."""

    path: Path
    names: list[str]
    rows: int

    def read(self, names: Sequence[str], start: int, stop: int) -> Columns: ...


@dataclass
class NpzSource:
    """Arrays `x`, `y`, `sample_weight`, or any names, with equal first axes."""

    path: Path
    names: list[str] = field(init=False)
    rows: int = field(init=False)

    def __post_init__(self) -> None:
        try:
            with zipfile.ZipFile(self.path) as archive:
                entries = [name for name in archive.namelist() if name.endswith(".npy")]
                self.names = [name[: -len(".npy")] for name in entries]
                lengths = {name: self._header(archive, name)[0] for name in self.names}
        except (zipfile.BadZipFile, ValueError, EOFError) as error:
            raise ScaleError("DATA", f"{self.path} is not an .npz file as numpy.savez writes it: {error}") from error
        if not lengths or len(set(lengths.values())) != 1:
            raise ScaleError("DATA", f"The arrays of {self.path} must have the same number of rows (the first axis), at least one array; they have {lengths}.")
        self.rows = next(iter(lengths.values()))

    def _open(self, archive: zipfile.ZipFile, name: str) -> tuple[IO[bytes], tuple[int, ...], bool, Any]:
        from numpy.lib import format as npy

        file = archive.open(f"{name}.npy")
        version = npy.read_magic(file)
        shape, fortran, dtype = npy.read_array_header_1_0(file) if version == (1, 0) else npy.read_array_header_2_0(file)
        return file, shape, fortran, dtype

    def _header(self, archive: zipfile.ZipFile, name: str) -> tuple[int, ...]:
        file, shape, fortran, dtype = self._open(archive, name)
        file.close()
        if not shape or (fortran and len(shape) > 1) or dtype.hasobject:
            raise ScaleError("DATA", f"The array {name} of {self.path} must have an axis of rows, the order C and numbers or strings; it has shape {shape} and type {dtype}. Save it by numpy.ascontiguousarray.")
        return shape

    def read(self, names: Sequence[str], start: int, stop: int) -> Columns:
        import numpy as np

        columns: Columns = {}
        with zipfile.ZipFile(self.path) as archive:
            for name in names:
                file, shape, _, dtype = self._open(archive, name)
                with file:
                    row = int(np.prod(shape[1:], dtype=np.int64)) * dtype.itemsize
                    skip = start * row
                    while skip > 0:
                        skip -= len(file.read(min(skip, SKIP_BYTES))) or skip
                    data = file.read((stop - start) * row)
                if len(data) != (stop - start) * row:
                    raise ScaleError("DATA", f"The array {name} of {self.path} ends too early: copy the file again.")
                columns[name] = np.frombuffer(data, dtype).reshape((stop - start, *shape[1:]))
        return columns


@dataclass
class TableSource:
    """A Parquet or CSV file. Columns of numbers are float64; lists must have equal lengths."""

    path: Path
    kind: str
    names: list[str] = field(init=False)
    rows: int = field(init=False)

    def __post_init__(self) -> None:
        try:
            import pyarrow as pa
            import pyarrow.dataset as ds
        except ImportError as error:
            raise missing_package("pyarrow", "jax") from error
        try:
            data = ds.dataset(self.path, format=self.kind)
            if self.kind == "csv":
                # The first block may hold whole numbers only, and later ones decimals.
                fields = [f.with_type(pa.float64()) if pa.types.is_integer(f.type) or pa.types.is_null(f.type) else f for f in data.schema]
                data = ds.dataset(self.path, format=self.kind, schema=pa.schema(fields))
            self.names = list(data.schema.names)
            self.rows = data.count_rows()
        except (pa.ArrowException, OSError) as error:
            raise ScaleError("DATA", f"{self.path} cannot be read as {self.kind}: {error}") from error
        self._data = data

    def read(self, names: Sequence[str], start: int, stop: int) -> Columns:
        import numpy as np
        import pyarrow as pa

        try:
            table = pa.Table.from_batches(list(self._batches(list(names), start, stop)), schema=pa.schema([self._data.schema.field(name) for name in names]))
        except (pa.ArrowException, OSError) as error:
            raise ScaleError("DATA", f"{self.path} cannot be read as {self.kind}: {error}") from error
        columns: Columns = {}
        for name in names:
            column = table.column(name)
            if column.null_count:
                row = start + int(np.flatnonzero(column.is_null().to_numpy())[0])
                raise ScaleError("DATA", f"Row {row + 1} of {self.path} has no value in column {name}: fill it or leave the row out.")
            columns[name] = self._array(name, column.combine_chunks())
        return columns

    def _batches(self, names: list[str], start: int, stop: int) -> Iterator[Any]:
        first = 0
        for fragment in self._data.get_fragments():
            pieces = fragment.split_by_row_group() if self.kind == "parquet" else [fragment]
            for piece in pieces:
                if self.kind == "parquet":
                    rows = piece.count_rows()
                    if first + rows <= start or first >= stop:
                        first += rows
                        continue
                for batch in piece.to_batches(schema=self._data.schema, columns=names):
                    low, high = max(start - first, 0), min(stop - first, batch.num_rows)
                    if low < high:
                        yield batch.slice(low, high - low)
                    first += batch.num_rows
                    if first >= stop:
                        return

    def _array(self, name: str, column: Any) -> np.ndarray[Any, Any]:
        import numpy as np
        import pyarrow as pa

        rows = len(column)
        shape = [rows]
        if isinstance(column, pa.ChunkedArray):
            column = column.chunk(0) if column.num_chunks else pa.array([], column.type)
        while pa.types.is_list(column.type) or pa.types.is_large_list(column.type) or pa.types.is_fixed_size_list(column.type):
            values = column.flatten()
            size, rest = divmod(len(values), max(len(column), 1))
            if rest or any(length != size for length in np.diff(_offsets(column, size))):
                raise ScaleError("DATA", f"The lists of column {name} of {self.path} must have equal lengths: pad them, as Backtime's padSequences does.")
            shape.append(size)
            column = values
        if column.null_count:
            raise ScaleError("DATA", f"The lists of column {name} of {self.path} have empty places: fill them.")
        array: np.ndarray[Any, Any] = column.to_numpy(zero_copy_only=False)
        return array.reshape(shape)


def _offsets(column: Any, size: int) -> Any:
    import numpy as np

    return np.asarray(column.offsets) if hasattr(column, "offsets") else np.arange(len(column) + 1) * size


KINDS = {".npz": "npz", ".parquet": "parquet", ".csv": "csv"}


@dataclass
class DataSet:
    """The files of a path, as one run of rows."""

    path: str
    sources: list[Source] = field(init=False)
    names: list[str] = field(init=False)
    rows: int = field(init=False)

    def __post_init__(self) -> None:
        root = Path(self.path)
        if not root.exists():
            raise ScaleError("DATA", f"{self.path} does not exist. Name a file or a folder of .parquet, .csv or .npz files that every machine can read.")
        files = [root] if root.is_file() else sorted(file for file in root.iterdir() if file.suffix in KINDS)
        kinds = {KINDS.get(file.suffix) for file in files}
        if len(kinds) != 1 or None in kinds:
            raise ScaleError("DATA", f"{self.path} must hold files of one kind: .parquet, .csv or .npz; it holds {sorted(file.suffix for file in files) or 'none'}.")
        self.sources = [NpzSource(file) if file.suffix == ".npz" else TableSource(file, KINDS[file.suffix]) for file in files]
        self.names = self.sources[0].names
        for source in self.sources[1:]:
            if sorted(source.names) != sorted(self.names):
                raise ScaleError("DATA", f"{source.path} must have the columns of {files[0]}: {self.names}; it has {source.names}.")
        self.rows = sum(source.rows for source in self.sources)
        if self.rows == 0:
            raise ScaleError("DATA", f"{self.path} has no rows.")

    def read(self, names: Sequence[str], start: int, stop: int, texts: Collection[str] = ()) -> Columns:
        """The rows `start` to `stop` of the columns.

        Raises ScaleError when a column is missing, or a value is missing or not a number.
        """
        import numpy as np

        for name in names:
            if name not in self.names:
                raise ScaleError("DATA", f"{self.path} has no column {name}; it has {self.names}.")
        parts: list[Columns] = []
        first = 0
        for source in self.sources:
            low, high = max(start - first, 0), min(stop - first, source.rows)
            if low < high:
                part = source.read(names, low, high)
                for name, values in part.items():
                    _check_values(source.path, name, values, low, name in texts)
                parts.append(part)
            first += source.rows
        return {name: parts[0][name] if len(parts) == 1 else np.concatenate([part[name] for part in parts]) for name in names}


def _check_values(path: Path, name: str, values: np.ndarray[Any, Any], first: int, texts: bool) -> None:
    import numpy as np

    if values.dtype.kind == "f" and not np.isfinite(values).all():
        row = first + int(np.argwhere(~np.isfinite(values))[0][0])
        raise ScaleError("DATA", f"Row {row + 1} of {path} has a number that is not finite in column {name}: fill it or leave the row out.")
    if values.dtype.kind not in ("fiubOUS" if texts else "fiub"):
        raise ScaleError("DATA", f"Column {name} of {path} must hold numbers; it holds {values.dtype}. Leave it out by --features, or write its classes as numbers.")
