"""Outputs that were paid for: a file of JSON lines for each extractor and version.

A line is one page. Lines are only ever added, so a run that was stopped goes on where it was.
The outputs are kept and not their scores: labels and measures may change, the peers do not.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from training.benchmark.extractors import Extractor
from training.corpora import LabelledPage, cache_root


@dataclass(frozen=True, slots=True)
class Output:
    """What an extractor gave for the page `id` with the digest `sha256`."""

    id: str
    sha256: str
    text: str
    failure: str | None


class Lines:
    """A file of JSON lines, added to line by line; a last line that was cut short is dropped."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Iterator[dict[str, Any]]:
        """All whole lines."""
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            for line in file:
                if line.endswith(b"\n"):
                    yield json.loads(line)

    def add(self, record: dict[str, Any]) -> None:
        """Write one line."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps(record, ensure_ascii=False).encode() + b"\n"
        with self.path.open("a+b") as file:
            if file.tell():
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":
                    self._drop_rest()
            file.write(line)

    def _drop_rest(self) -> None:
        whole = self.path.read_bytes().rpartition(b"\n")
        os.truncate(self.path, len(whole[0]) + len(whole[1]))


class Store:
    """The outputs of one extractor in one version."""

    def __init__(self, extractor: Extractor, folder: Path | None = None) -> None:
        self._lines = Lines((folder or store_folder()) / f"{file_name(extractor)}.jsonl")
        self._known = {(output.id, output.sha256) for output in self.outputs()}

    def __contains__(self, page: LabelledPage) -> bool:
        return (page.id, page.sha256) in self._known

    def outputs(self) -> Iterator[Output]:
        """All that is there, read off the disk."""
        return (Output(**record) for record in self._lines.read())

    def add(self, output: Output) -> None:
        """Remember, on disk."""
        self._known.add((output.id, output.sha256))
        self._lines.add(asdict(output))


def store_folder() -> Path:
    """`benchmark` in the cache of the page sets, which git ignores."""
    return cache_root() / "benchmark"


def version_of(extractor: Extractor) -> str:
    """The version that outputs are kept under: this project's is a digest of its code and model."""
    return code_digest() if extractor.package == "detector" else extractor.version() or ""


def file_name(extractor: Extractor) -> str:
    """A name for the extractor's files."""
    return re.sub(r"[^\w.]+", "-", f"{extractor.name} {version_of(extractor)}")


@cache
def code_digest() -> str:
    """Digest of everything in the library that can change what it gives, its model included."""
    folder = Path(__file__).parents[2] / "detector"
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            total.update(str(path.relative_to(folder)).encode() + b"\0")
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:16]
