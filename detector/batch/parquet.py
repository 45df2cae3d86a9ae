"""Records as a Parquet file. It can't be appended to: parts lie beside it until all are there."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Self

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
        self._rows: list[Record] = []
        self._characters = 0
        self.complete = path.exists()
        records = self._count(path) if self.complete else self._found()
        self.written = Written(records)

    @classmethod
    def fresh(cls, path: Path, fields: Sequence[str]) -> Self:
        """One that goes on with nothing: what another run has left is removed."""
        shutil.rmtree(_parts_of(path), ignore_errors=True)
        return cls(path, fields)

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
        self._rows.append(record)
        self._characters += sum(len(value) for value in record.values() if isinstance(value, str))
        if len(self._rows) >= _MOST_ROWS or self._characters >= _MOST_CHARACTERS:
            self.flush()

    def flush(self) -> None:
        if not self._rows:
            return
        table = self._arrow.Table.from_pylist(self._rows, schema=self._schema)
        part = self._parts / f"{self.written.records:012}.parquet"
        new = part.with_suffix(".new")
        self._parquet.write_table(table, new, compression="zstd")
        new.replace(part)
        self.written = Written(self.written.records + len(self._rows))
        self._rows.clear()
        self._characters = 0

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
