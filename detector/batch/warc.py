"""Pages of a WARC file, whatever state it is in.

A record that can't be read is a fault with its place; reading goes on at the next record that can
be found. https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/
"""

from __future__ import annotations

import io
import itertools
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from detector.batch.items import READ_BYTES, Fault, Item, sound
from detector.errors import DetectorError

if TYPE_CHECKING:
    from fastwarc.stream_io import WarcReader
    from fastwarc.warc import ArchiveIterator, WarcRecord

_HTML: Final = frozenset(("text/html", "application/xhtml+xml"))
_MEMBER: Final = b"\x1f\x8b\x08"  # how a gzip member starts
_RECORD: Final = b"WARC/"
_STARTS: Final = {
    True: re.compile(re.escape(_MEMBER)),
    False: re.compile(rb"WARC/\d\.\d\r?\n[A-Za-z-]+:"),
}
_STEP: Final = 1 << 20
_MOST_BREAKS: Final = 100  # an archive of lying lengths would be read over and over


@dataclass(slots=True)
class Skipped:
    """How many records that could have been pages are none."""

    count: int = 0


class _Broken(Exception):
    """The archive can't be read on."""


def read_warc(path: Path, name: str, skipped: Skipped) -> Iterator[Item]:
    """The HTML records of a WARC file, plain or gzipped, and a fault for each break in it.

    Args:
        path: the archive.
        name: what places call it.
        skipped: counts the responses and resources that are not HTML.

    Raises:
        DetectorError: fastwarc is not installed.
        OSError: the file can't be opened.
    """
    start: int | None = 0
    breaks = 0
    between: Item | None = None  # the fault of a break after a record, if it is none in the next
    with path.open("rb") as file:
        while start is not None:
            reader = _Reader(path, start, name, skipped)
            try:
                for item in reader.items():
                    if between is not None:
                        yield between
                        between = None
                    if item is not None:
                        yield item
                start = None
            except _Broken as broken:
                breaks += 1
                start = _next_record(file, reader.last + 1) if breaks < _MOST_BREAKS else None
                where = "nothing more was read" if start is None else f"went on at {start}"
                after = "after this record " if reader.whole else ""
                message = f"the archive is broken {after}({broken}); {where}"
                fault = Item(
                    place=reader.place,
                    page=Fault("BrokenArchive", message),
                    url=reader.url,
                    read=start or path.stat().st_size,
                )
                between = None
                if reader.whole and start is not None:
                    between = fault
                else:
                    yield fault


class _Reader:
    """Reads from one byte of the archive on, up to its end or a break."""

    def __init__(self, path: Path, start: int, name: str, skipped: Skipped) -> None:
        self._path = path
        self._start = start
        self._name = name
        self._skipped = skipped
        self.last = start  # where the latest record starts
        self.whole = False  # whether that was read to its end
        self.url: str | None = None  # its address
        self.place = f"{name}@{start}"

    def items(self) -> Iterator[Item | None]:
        """An item a record, None for one that is no page; raises `_Broken` at a break."""
        with self._path.open("rb") as file, self._path.open("rb") as beside:
            file.seek(self._start)
            records = _archive(file)
            for number in itertools.count():
                try:
                    record = next(records, None)
                    if record is None:
                        break
                    self._note(record, number, beside)
                    body = self._body(record)
                except OSError as error:  # what fastwarc raises
                    raise _Broken(str(error)) from error
                yield self._item(record, body)
            if not _ends_whole(beside, self.last):
                raise _Broken("it ends within the next record")

    def _note(self, record: WarcRecord, number: int, beside: IO[bytes]) -> None:
        self.whole = False
        self.last = record.stream_pos
        url = record.headers.get("WARC-Target-URI")
        self.url = sound(url.strip("<> ")) if url else None
        beside.seek(self.last)
        # Of an archive that is one gzip member no byte is a record's: number them.
        single = number and beside.read(3) not in (_MEMBER, _RECORD[:3])
        self.place = f"{self._name}#{number}" if single else f"{self._name}@{self.last}"
        if "Content-Length" not in record.headers:
            raise _Broken("the record's header can't be read")

    def _body(self, record: WarcRecord) -> bytes | None:
        """The body of a record that may be a page, HTTP headers behind it; None of others."""
        from fastwarc.warc import WarcRecordType

        body = None
        page = record.record_type in (WarcRecordType.response, WarcRecordType.resource)
        if page and record.is_http:
            record.parse_http(auto_decode="none")
        length = record.content_length
        if page:
            # fastwarc makes a buffer of the size that is asked for.
            body = record.reader.read(min(length, READ_BYTES))
        if len(body or b"") + record.reader.consume() < length:
            raise _Broken(f"it ends within a record of {length:,} bytes")
        self.whole = True
        return body

    def _item(self, record: WarcRecord, body: bytes | None) -> Item | None:
        if body is None:
            return None
        if not _is_html(record, body):
            self._skipped.count += 1
            return None
        charset = (record.http_charset or "").strip("\"' ") if record.is_http else ""
        page = _decoded(record, body) if record.is_http else body
        return Item(self.place, page, self.url, charset or None, self.last)


def _archive(file: IO[bytes]) -> ArchiveIterator:
    try:
        from fastwarc.warc import ArchiveIterator
    except ImportError as error:
        message = f"WARC files need fastwarc ({error}): pip install 'detector[warc]'"
        raise DetectorError(message) from error
    return ArchiveIterator(file, parse_http=False, auto_decode="none")


def _is_html(record: WarcRecord, body: bytes) -> bool:
    """By the type that was said; where none was, by whether it starts as markup does."""
    said = record.http_content_type if record.is_http else record.headers.get("Content-Type")
    said = said or record.headers.get("WARC-Identified-Payload-Type") or ""
    kind = said.partition(";")[0].strip().lower()
    return kind in _HTML if kind else body.lstrip()[:1] == b"<"


def _decoded(record: WarcRecord, body: bytes) -> bytes:
    """The body without its transfer and content codings, as far as they are what they say."""
    from fastwarc.stream_io import BrotliReader, ChunkedReader, GzipReader, ZstdReader

    readers: dict[str, Callable[[io.BytesIO], WarcReader]] = {
        "chunked": ChunkedReader,
        "gzip": GzipReader,
        "x-gzip": GzipReader,
        "deflate": lambda stream: GzipReader(stream, zlib=True),
        "br": BrotliReader,
        "zstd": ZstdReader,
    }
    headers = record.http_headers
    for name in ("Transfer-Encoding", "Content-Encoding"):
        said = (headers and headers.get(name)) or ""
        for coding in reversed(said.lower().split(",")):
            reader = readers.get(coding.strip())
            if reader is not None:
                try:
                    body = reader(io.BytesIO(body)).read(READ_BYTES)
                except OSError:  # many archives hold the decoded body behind the old headers
                    continue
    return body


def _ends_whole(file: IO[bytes], member: int) -> bool:
    """Whether the last gzip member is whole: fastwarc is silent of one that is cut early.

    True for a plain archive and for one that is a single member: a cut leaves half a record.
    """
    file.seek(member)
    data = file.read(_STEP)
    if not data or not data.startswith(_MEMBER[: len(data)]):
        return True
    inflater = zlib.decompressobj(wbits=31)
    while data:
        inflater.decompress(data, _STEP)
        data = inflater.unconsumed_tail
        while not data and inflater.decompress(b"", _STEP):
            pass
        if inflater.eof:
            data = inflater.unused_data or file.read(_STEP)
            if not data:
                return True
            inflater = zlib.decompressobj(wbits=31)
        data = data or file.read(_STEP)
    return False


def _next_record(file: IO[bytes], after: int) -> int | None:
    """Where the next record starts, from a byte on; None if there is none."""
    file.seek(0)
    gzipped = file.read(3) == _MEMBER
    overlap = 64
    position = after
    while True:
        file.seek(position)
        data = file.read(_STEP)
        for found in _STARTS[gzipped].finditer(data):
            if not gzipped or _holds_record(file, position + found.start()):
                return position + found.start()
        if len(data) < _STEP:
            return None
        position += _STEP - overlap


def _holds_record(file: IO[bytes], member: int) -> bool:
    file.seek(member)
    try:
        return zlib.decompressobj(wbits=31).decompress(file.read(4096), 5) == _RECORD
    except zlib.error:
        return False
