"""Records as a Parquet file. It can't be appended to: parts lie beside it until all are there."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from detector.batch.outputs import Written
from detector.batch.records import Record
from detector.errors import DetectorError

_MOST_ROWS: Final = 1_000
_MOST_CHARACTERS: Final = 64 * 1024 * 1024


class Parquet:
    """One row a record; `error` is null for a page, and what says of the page for an error."""

    interval: float = 30.0

    def __init__(self, path: Path, fields: Sequence[str]) -> None:
        self._arrow, self._parquet = _pyarrow()
        self._path = path
        self._schema = schema(fields)
        self._parts = _parts_of(path)
        self._rows = _Rows()
        self.complete = path.exists()
        records = self._count(path) if self.complete else self._found()
        self.written = Written(records)

    def _found(self) -> int:
        self._parts.mkdir(parents=True, exist_ok=True)
        for cut in self._parts.glob("*.new"):
            cut.unlink()
        return sum(map(self._count, self._whole_parts()))

    def _count(self, path: Path) -> int:
        return int(self._parquet.read_metadata(path).num_rows)

    def _whole_parts(self) -> list[Path]:
        return sorted(self._parts.glob("*.parquet"))

    def write(self, record: Record) -> None:
        self._rows.add(record)
        if self._rows.full:
            self.flush()

    def flush(self) -> None:
        count = len(self._rows.records)
        if not count:
            return
        part = self._parts / f"{self.written.records:012}.parquet"
        new = part.with_suffix(".new")
        table = self._arrow.Table.from_pylist(self._rows.take(), schema=self._schema)
        self._parquet.write_table(table, new, compression="zstd")
        new.replace(part)
        self.written = Written(self.written.records + count)

    def finish(self) -> None:
        self.flush()
        if not self.complete:
            new = self._parts / "all.new"
            with self._parquet.ParquetWriter(new, self._schema, compression="zstd") as writer:
                for part in self._whole_parts():
                    writer.write_table(self._parquet.read_table(part, schema=self._schema))
            new.replace(self._path)
        shutil.rmtree(self._parts, ignore_errors=True)

    def close(self) -> None:
        if not self.complete:
            self.flush()

    def remove(self) -> None:
        shutil.rmtree(self._parts)


class _Rows:
    """Records that are written together: as many as memory is to hold."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self._characters = 0

    @property
    def full(self) -> bool:
        return len(self.records) >= _MOST_ROWS or self._characters >= _MOST_CHARACTERS

    def add(self, record: Record) -> None:
        self.records.append(record)
        self._characters += sum(len(value) for value in record.values() if isinstance(value, str))

    def take(self) -> list[Record]:
        records, self.records, self._characters = self.records, [], 0
        return records


def write_file(files: Any, path: str, fields: Sequence[str], records: Iterable[Record]) -> None:
    """Write records as one Parquet file.

    Args:
        files: the `pyarrow.fs.FileSystem` to write to.
        path: of the file, there.
        fields: of the records.
        records: taken as they are needed.
    """
    arrow, parquet = _pyarrow()
    form, rows = schema(fields), _Rows()
    with parquet.ParquetWriter(path, form, filesystem=files, compression="zstd") as writer:

        def flush() -> None:
            writer.write_table(arrow.Table.from_pylist(rows.take(), schema=form))

        for record in records:
            rows.add(record)
            if rows.full:
                flush()
        flush()


def _parts_of(path: Path) -> Path:
    return path.with_name(path.name + ".parts")


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        message = f"Parquet needs pyarrow ({error}): pip install 'detector[parquet]'"
        raise DetectorError(message) from error
    return pyarrow, pyarrow.parquet


def schema(fields: Sequence[str]) -> Any:
    """The Arrow schema of records with these fields."""
    arrow, _ = _pyarrow()
    string, number = arrow.string(), arrow.float64()

    def structs(**types: Any) -> Any:
        return arrow.list_(arrow.struct(list(types.items())))

    button = structs(role=string, text=string, probability=number, xpath=string, css=string)
    types = {
        "seconds": number,
        "is_consent_wall": arrow.bool_(),
        "cmps": arrow.list_(string),
        "warnings": structs(code=string, message=string),
        "blocks": structs(label=string, probability=number, text=string),
        "banners": structs(
            kind=string,
            cmp=string,
            text=string,
            probability=number,
            language=string,
            visible=arrow.bool_(),
            xpath=string,
            css=string,
            buttons=button,
        ),
    }
    error = arrow.struct([("kind", string), ("message", string)])
    names = dict.fromkeys(("place", "url", *fields))  # an error record has these two always
    return arrow.schema([*((name, types.get(name, string)) for name in names), ("error", error)])
