"""The files of a batch, in order, and what is in them."""

from __future__ import annotations

import gzip
import json
import os
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from detector.batch.items import READ_BYTES, Fault, Item, sound
from detector.batch.warc import Skipped, read_warc

_WARC: Final = (".warc", ".warc.gz")
_LINES: Final = (".jsonl", ".jsonl.gz")
_HTML: Final = (".html", ".htm", ".xhtml")
_LONGEST_LINE: Final = 4 * READ_BYTES  # JSON writes some characters with six
STANDARD_INPUT: Final = "-"


@dataclass(frozen=True, slots=True)
class Position:
    """A place between two items: `within` items of file number `file` are behind it."""

    file: int = 0
    within: int = 0


def files_of(inputs: Iterable[str], listed: Iterable[bytes]) -> Iterator[str]:
    """The files to read: archives and pages in a folder, sorted; what is listed for "-"."""
    for name in inputs:
        names = (os.fsdecode(line.strip()) for line in listed) if name == STANDARD_INPUT else [name]
        for each in names:
            if each and Path(each).is_dir():
                yield from _within(each)
            elif each:
                yield each


def _within(folder: str) -> Iterator[str]:
    # A folder at a time is in memory, never the whole tree.
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        yield folder  # reading it will say why
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _within(entry.path)
        elif entry.name.lower().endswith((*_HTML, *_WARC)):
            yield entry.path


def read(
    files: Iterable[str], start: Position, skipped: Skipped
) -> Iterator[tuple[Position, int, Item]]:
    """The items of the files from a position on.

    Yields the position behind each item, the bytes of the files behind its own, and the item. A
    file that can't be read gives one item, which says so.
    """
    behind = 0
    for number, name in enumerate(files):
        if number >= start.file:
            begin = start.within if number == start.file else 0
            for within, item in enumerate(_items(name, skipped), 1):
                if within > begin:
                    yield Position(number, within), behind + item.read, item
        behind += size_of(name)


def size_of(name: str) -> int:
    """Bytes of a file, 0 if it can't be had."""
    try:
        return Path(name).stat().st_size
    except OSError:
        return 0


def _items(name: str, skipped: Skipped) -> Iterator[Item]:
    path = Path(name)
    shown = sound(name)
    reader = _reader(path.name.lower())
    try:
        yield from reader(path, shown, skipped)
    except OSError as error:
        fault = Fault(type(error).__name__, error.strerror or str(error))
        yield Item(shown, fault, read=size_of(name))


def _reader(name: str) -> Callable[[Path, str, Skipped], Iterator[Item]]:
    if name.endswith(_WARC):
        return read_warc
    return _read_lines if name.endswith(_LINES) else _read_page


def _read_page(path: Path, name: str, skipped: Skipped) -> Iterator[Item]:
    with path.open("rb") as file:
        html = file.read(READ_BYTES)
    yield Item(name, html, read=len(html))


def _read_lines(path: Path, name: str, skipped: Skipped) -> Iterator[Item]:
    """JSON Lines: an object a line, its page in `html`, the page's address in `url`."""
    with path.open("rb") as raw:
        zipped = path.suffix.lower() == ".gz"
        lines = gzip.GzipFile(fileobj=raw) if zipped else raw
        number = 0
        try:
            while line := lines.readline(_LONGEST_LINE):
                number += 1
                whole = len(line) < _LONGEST_LINE
                while not whole and (rest := lines.readline(_LONGEST_LINE)):
                    whole = rest.endswith(b"\n")
                    line = b""
                if line.strip() or not line:
                    yield _of_line(line, f"{name}:{number}", raw.tell())
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            fault = Fault("BrokenArchive", f"{error}; nothing more can be read")
            yield Item(f"{name}:{number + 1}", fault, read=size_of(str(path)))


def _of_line(line: bytes, place: str, read: int) -> Item:
    if not line:
        return Item(place, Fault("BadLine", f"longer than {_LONGEST_LINE:,} bytes"), read=read)
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        return Item(place, Fault("BadLine", f"not JSON: {error}"), read=read)
    url = value.get("url") if isinstance(value, dict) else None
    url = sound(url) if isinstance(url, str) else None
    if not isinstance(value, dict) or not isinstance(value.get("html"), str):
        return Item(
            place, Fault("BadLine", "not an object with a string named html"), url, read=read
        )
    return Item(place, value["html"], url, read=read)
