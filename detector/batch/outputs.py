"""Where records go: JSON Lines, gzipped or not. A killed run's output can be gone on with.

What has been flushed stays; what a kill has cut in two is removed when the file is opened again.
"""

from __future__ import annotations

import gzip
import json
import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Protocol

from detector.batch.records import Record

_STEP: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Written:
    """How much of an output is safe: whole records, and the bytes that hold them."""

    records: int = 0
    size: int = 0


class Output(Protocol):
    """A file of records.

    Attributes:
        written: what was safe at the latest flush; a new object says what it has found.
        complete: whether the file was found to be finished.
        interval: seconds between two flushes that suit it.
    """

    written: Written
    complete: bool
    interval: float

    def write(self, record: Record) -> None:
        """Take a record; it is safe after the next flush."""

    def flush(self) -> None:
        """Make all records safe."""

    def finish(self) -> None:
        """Make the file what it is to be in the end, and close it."""

    def close(self) -> None:
        """Leave the file as it is, to be gone on with."""

    def remove(self) -> None:
        """Remove a file that holds nothing, after `close`."""


class JsonLines:
    """One JSON object a line."""

    interval: float = 1.0
    complete = False

    def __init__(self, path: Path, known: Written) -> None:
        self._path = path
        self._file = path.open("ab")
        self._lines = 0
        self.written = self._found(path, known)
        self._file.truncate(self.written.size)

    def _found(self, path: Path, known: Written) -> Written:
        """The whole lines of the file, those of a known part not counted again."""
        with path.open("rb") as file:
            records, size = _known(file, known)
            position = size
            while chunk := file.read(_STEP):
                count = chunk.count(b"\n")
                if count:
                    records += count
                    size = position + chunk.rindex(b"\n") + 1
                position += len(chunk)
        return Written(records, size)

    def write(self, record: Record) -> None:
        self._file.write(_line(record))
        self._lines += 1

    def flush(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self.written = Written(self.written.records + self._lines, self._file.tell())
        self._lines = 0

    def finish(self) -> None:
        self.flush()
        self._file.close()

    def close(self) -> None:
        self.flush()
        self._file.close()

    def remove(self) -> None:
        self._path.unlink()


class GzippedLines(JsonLines):
    """The same, gzipped: each flush ends a gzip member, so that what it holds can be read."""

    interval = 10.0

    def __init__(self, path: Path, known: Written) -> None:
        super().__init__(path, known)
        self._member: gzip.GzipFile | None = None

    def _found(self, path: Path, known: Written) -> Written:
        with path.open("rb") as file:
            records, size = _known(file, known)
            file.seek(size)
            while (member := _member(file)) is not None:
                records += member.records
                size += member.size
                file.seek(size)
        return Written(records, size)

    def write(self, record: Record) -> None:
        if self._member is None:
            self._member = gzip.GzipFile(fileobj=self._file, mode="wb", filename="", mtime=0)
        self._member.write(_line(record))
        self._lines += 1

    def flush(self) -> None:
        if self._member is not None:
            self._member.close()
            self._member = None
        super().flush()


def _line(record: Record) -> bytes:
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace") + b"\n"


def _known(file: IO[bytes], known: Written) -> tuple[int, int]:
    """The known part, with the file at its end; nothing if the file is shorter than that."""
    if file.seek(0, os.SEEK_END) < known.size:
        known = Written()
    file.seek(known.size)
    return known.records, known.size


def _member(file: IO[bytes]) -> Written | None:
    """Lines and bytes of the gzip member that starts here, or None if it is not whole."""
    inflater = zlib.decompressobj(wbits=31)
    lines = size = 0
    data = b""
    while not inflater.eof:
        if not data:
            data = file.read(_STEP)
            size += len(data)
        try:
            out = inflater.decompress(data, _STEP)
        except zlib.error:
            return None
        if not (out or data or inflater.eof):
            return None
        lines += out.count(b"\n")
        data = inflater.unconsumed_tail
    return Written(lines, size - len(inflater.unused_data))
