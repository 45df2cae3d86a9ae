"""What every reader of a labelled page set yields."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_LANG = re.compile(
    rb"<html\b[^>]*?[\s\"'](?:xml:)?lang\s*=\s*[\"']?\s*([a-z]{2,3})(?![a-z])", re.IGNORECASE
)
_HEAD_BYTES = 65_536
_MAX_BYTES = 64 << 20


class CorpusError(Exception):
    """A page set is absent, incomplete or not what the manifest says; the message names it."""


@dataclass(frozen=True, slots=True)
class LabelledPage:
    """One page of a labelled set.

    `id` is `<set>/<name>`; `site` the registered domain; `lang` a language code of two or three
    letters or 'und'; `gold` the text that annotators kept, None when the set has none for the
    page; `with_` and `without` are snippets that must and must not stand in the output; `sha256`
    is that of `html`, the bytes as published (unzipped); `encoding` is known where the set's makers
    saved its pages in one encoding, whatever the pages declare; `weight` is the page's in training,
    None for that of its set.
    """

    set: str
    id: str
    html: bytes
    url: str | None
    site: str
    lang: str
    page_type: str | None
    gold: str | None
    with_: tuple[str, ...]
    without: tuple[str, ...]
    sha256: str
    encoding: str | None = None
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A page and where it came from.

    `html_path` and `gold_path` are relative to the set's folder; `gold_sha256` is the digest of
    the gold file, or of `canonical_json` of the page's own record in a file for all pages.
    """

    page: LabelledPage
    html_path: str
    gold_path: str
    gold_sha256: str


def declared_language(html: bytes, otherwise: str) -> str:
    """The primary language subtag on the <html> element, in lower case.

    >>> declared_language(b'<!doctype html><html class=a lang="pt-BR">', 'und')
    'pt'
    """
    found = _LANG.search(html[:_HEAD_BYTES])
    return found[1].decode("ascii").lower() if found else otherwise


def sha256(data: bytes) -> str:
    """The hexadecimal SHA-256 of `data`."""
    return hashlib.sha256(data).hexdigest()


def canonical_json(record: Any) -> bytes:
    """The one spelling of a JSON record that digests are made of: sorted keys, no spaces, UTF-8."""
    text = json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8")


def read_bytes(path: Path) -> bytes:
    """The file's bytes, unzipped when its name ends in .gz.

    Raises CorpusError when that can't be done or gives more than 64 MiB.
    """
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise CorpusError(f"cannot read {path}: {error}") from error
    if len(data) > _MAX_BYTES:
        raise CorpusError(f"{path} holds more than 64 MiB")
    return data


def read_json(path: Path) -> Any:
    """The file's JSON value; CorpusError when the file is absent or no JSON."""
    try:
        return json.loads(read_bytes(path))
    except ValueError as error:
        raise CorpusError(f"{path} is not JSON: {error}") from error
