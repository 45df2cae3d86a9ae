"""Write datasets/manifests anew from the sets' archives: which pages are used, and their digests.

    DETECTOR_MIRROR=FOLDER python -m training.manifests [SET ...]

Every page that the readers find in an archive goes into the manifest, so the archives decide
which pages are used: a part of an upstream archive gives a manifest of that part.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from training.corpora import read_entries
from training.corpora.page import CorpusError
from training.fetch import extract, find_archive, mirror_folder
from training.sources import (
    DATASETS,
    Row,
    Source,
    load_manifest,
    load_sources,
    manifest_path,
    manifest_text,
)


def make_manifest(source: Source, mirror: Path | None = None) -> list[Row]:
    """A row for each page of the set in its archive, sorted by id; CorpusError as for fetching."""
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch, "all")
        extract(find_archive(source, Path(scratch), mirror), root)
        return [
            Row(
                id=entry.page.id,
                html=entry.html_path,
                sha256=entry.page.sha256,
                gold=entry.gold_path,
                gold_sha256=entry.gold_sha256,
                site=entry.page.site,
            )
            for entry in read_entries(source.key, root)
        ]


def changes(old: Sequence[Row], new: Sequence[Row]) -> str:
    """How many rows were added, removed and changed, in words."""
    before, after = {row.id: row for row in old}, {row.id: row for row in new}
    changed = sum(before[name] != after[name] for name in before.keys() & after.keys())
    added, removed = len(after.keys() - before.keys()), len(before.keys() - after.keys())
    return f"{added} added, {removed} removed, {changed} changed"


def main(arguments: Sequence[str] | None = None, datasets: Path = DATASETS) -> int:
    """The command line; 1 when an archive can't be had or read."""
    parser = argparse.ArgumentParser(prog="python -m training.manifests", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("sets", nargs="*", metavar="SET", help="the sets; default: all")
    asked: list[str] = parser.parse_args(arguments).sets
    try:
        sources = load_sources(datasets)
        for key in asked or sources:
            if key not in sources:
                raise CorpusError(f"no page set is named {key!r}; there are {', '.join(sources)}")
            rows = make_manifest(sources[key], mirror_folder())
            path = manifest_path(key, datasets)
            old = load_manifest(key, datasets) if path.is_file() else []
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(manifest_text(rows), encoding="utf-8")
            print(f"{key}: {len(rows)} pages; {changes(old, rows)}")
    except CorpusError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
