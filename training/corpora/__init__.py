"""Labelled page sets: one reader each, and which of their pages may be trained on."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from training.corpora import aeb, traf, waddle, wcxb, zh
from training.corpora.page import CorpusError, Entry, LabelledPage

__all__ = [
    "HELD_OUT",
    "SETS",
    "TRAINABLE",
    "CorpusError",
    "Entry",
    "LabelledPage",
    "cache_root",
    "held_out_sites",
    "read_corpus",
    "read_entries",
    "training_pages",
    "url_key",
]

_READERS: dict[str, Callable[[Path], Iterator[Entry]]] = {
    "aeb": aeb.entries,
    "traf": traf.entries,
    "waddle": waddle.entries,
    "wcxb": wcxb.entries,
    "zh": zh.entries,
}
SETS = tuple(_READERS)
HELD_OUT = ("aeb", "traf")
TRAINABLE = ("wcxb", "waddle", "zh")


def cache_root(cache: Path | None = None) -> Path:
    """`cache`, or the folder in DETECTOR_CACHE, or datasets/.cache beside this package."""
    if cache is not None:
        return cache
    named = os.environ.get("DETECTOR_CACHE")
    return Path(named) if named else Path(__file__).parents[2] / "datasets" / ".cache"


def read_entries(name: str, root: Path) -> Iterator[Entry]:
    """The pages of the set `name` in the folder `root`, with their files, sorted by id.

    Raises CorpusError for an unknown name and for files that can't be read.
    """
    if name not in _READERS:
        raise CorpusError(f"no page set is named {name!r}; there are {', '.join(SETS)}")
    try:
        entries = list(_READERS[name](root))
    except (KeyError, TypeError, AttributeError, UnicodeDecodeError) as error:
        raise CorpusError(f"{root} does not have the form of {name}: {error!r}") from error
    yield from sorted(entries, key=lambda entry: entry.page.id)


def read_corpus(name: str, cache: Path | None = None) -> Iterator[LabelledPage]:
    """The pages of a set in the cache (see `cache_root`), sorted by id.

    Raises CorpusError when the set is unknown, not in the cache, or unreadable.
    """
    root = cache_root(cache) / name
    if name in _READERS and not root.is_dir():
        raise CorpusError(f"{root} does not exist; run: python -m training.fetch {name}")
    for entry in read_entries(name, root):
        yield entry.page


def url_key(url: str) -> str:
    """An address as duplicates are looked for: no scheme, `www.`, fragment or final slash.

    >>> url_key("https://www.Example.com/a/?q=1#top")
    'example.com/a?q=1'
    """
    parts = urlsplit(url)
    key = parts.netloc.lower().removeprefix("www.") + parts.path.rstrip("/")
    return f"{key}?{parts.query}" if parts.query else key


def training_pages(
    names: Iterable[str] = TRAINABLE, cache: Path | None = None
) -> list[LabelledPage]:
    """The pages of the sets `names` that may be trained on, in the order of `names` and ids.

    Left out are pages whose bytes or address also stand in a held-out set, and pages without a
    gold text. Raises CorpusError for a held-out set among `names`.
    """
    asked = list(names)
    for name in asked:
        if name not in TRAINABLE:
            raise CorpusError(f"{name!r} is not a set to train on; those are {TRAINABLE}")
    digests: set[str] = set()
    addresses: set[str] = set()
    for held_out in HELD_OUT:
        for page in read_corpus(held_out, cache):
            digests.add(page.sha256)
            if page.url:
                addresses.add(url_key(page.url))
    return [
        page
        for name in asked
        for page in read_corpus(name, cache)
        if page.gold is not None
        and page.sha256 not in digests
        and not (page.url and url_key(page.url) in addresses)
    ]


def held_out_sites(cache: Path | None = None) -> frozenset[str]:
    """The registered domains of the held-out sets."""
    return frozenset(page.site for name in HELD_OUT for page in read_corpus(name, cache))
