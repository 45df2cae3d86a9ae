"""Get the labelled page sets into the cache, and check every page.

    python -m training.fetch            # all sets
    python -m training.fetch wcxb zh    # some

With DETECTOR_MIRROR=FOLDER the archives are taken from that folder (relative to the working
directory) instead of the network. DETECTOR_CACHE names another cache than datasets/.cache.
"""

from __future__ import annotations

import argparse
import http.client
import os
import shutil
import sys
import tarfile
import tempfile
import urllib.request
import zlib
from collections.abc import Collection, Sequence
from pathlib import Path

from training.corpora import cache_root, read_entries
from training.corpora.page import CorpusError, read_bytes, sha256
from training.sources import DATASETS, Row, Source, is_inside, load_manifest, load_sources

_TIMEOUT_SECONDS = 60
_CHUNK_BYTES = 1 << 20
_MAX_FILE_BYTES = 64 << 20
_SHOWN = 10


def fetch(source: Source, rows: Sequence[Row], cache: Path, mirror: Path | None = None) -> bool:
    """Bring the pages `rows` of a set into `cache`/<key>; False when they were there already.

    The set appears under its name only when every file has the digest the manifest gives.
    Raises CorpusError when the archive can't be had or a page is missing or differs.
    """
    target = cache / source.key
    if target.is_dir() and not problems(source, rows, target):
        return False
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{source.key}-", dir=cache) as scratch:
        fresh, archive = Path(scratch, "fresh"), find_archive(source, Path(scratch), mirror)
        extract(
            archive, fresh, {p for row in rows for p in (row.html, row.gold)} | set(source.also)
        )
        found = problems(source, rows, fresh)
        if found:
            more = f"\n  and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
            listed = "".join(f"\n  {line}" for line in found[:_SHOWN])
            raise CorpusError(f"{archive.name} does not hold what the manifest says:{listed}{more}")
        if target.is_dir():
            target.rename(Path(scratch, "old"))
        fresh.rename(target)
    return True


def find_archive(source: Source, scratch: Path, mirror: Path | None) -> Path:
    """The set's archive: in `mirror` if one is given, else downloaded into `scratch`."""
    if mirror is None:
        return download(source.url, scratch / source.archive)
    path = mirror / source.archive
    if not path.is_file():
        raise CorpusError(f"there is no {source.archive} in {mirror}")
    return path


def download(url: str, target: Path) -> Path:
    """Write what `url` serves to `target`, with progress when stderr is a terminal."""
    shown = sys.stderr.isatty()
    done = 0
    try:
        with (
            urllib.request.urlopen(url, timeout=_TIMEOUT_SECONDS) as response,
            target.open("wb") as out,
        ):
            while chunk := response.read(_CHUNK_BYTES):
                out.write(chunk)
                done += len(chunk)
                if shown:
                    print(f"\r{url}  {done / 1e6:.1f} MB", end="", file=sys.stderr, flush=True)
    except (OSError, http.client.HTTPException) as error:
        raise CorpusError(f"cannot download {url}: {error}") from error
    finally:
        if shown:
            print(file=sys.stderr)
    return target


def extract(archive: Path, into: Path, wanted: Collection[str] | None = None) -> None:
    """Write the archive's regular files below its top folder to `into`; only `wanted`, if given.

    Links and other special members are passed over, so that nothing can lead out of `into`.
    Raises CorpusError for a broken archive, a file over 64 MiB, and a path that leads out.
    """
    into.mkdir(parents=True, exist_ok=True)
    try:
        with tarfile.open(archive, "r:gz") as tar:
            for member in tar:
                path = member.name.partition("/")[2]
                if not member.isreg() or (wanted is not None and path not in wanted):
                    continue
                if not is_inside(path):
                    raise CorpusError(
                        f"{archive.name} holds a path that leads out: {member.name!r}"
                    )
                if member.size > _MAX_FILE_BYTES:
                    raise CorpusError(f"{archive.name}: {path} is over 64 MiB")
                data = tar.extractfile(member)
                assert data is not None  # a regular member has data
                target = into / path
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("wb") as out:
                    shutil.copyfileobj(data, out)
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise CorpusError(f"cannot unpack {archive}: {error}") from error


def problems(source: Source, rows: Sequence[Row], root: Path) -> list[str]:
    """What keeps the folder `root` from being the set that the manifest describes, by page."""
    missing = [
        f"{row.id}: {path} is missing"
        for row in rows
        for path in (row.html, row.gold)
        if not (root / path).is_file()
    ]
    for path, digest in source.also.items():
        if not (root / path).is_file():
            missing.append(f"{path} is missing")
        elif sha256(read_bytes(root / path)) != digest:
            missing.append(f"{path} differs")
    if missing:
        return missing
    try:
        entries = {entry.page.id: entry for entry in read_entries(source.key, root)}
    except CorpusError as error:
        return [str(error)]
    found = []
    for row in rows:
        entry = entries.pop(row.id, None)
        if entry is None:
            found.append(f"{row.id}: has no gold in {row.gold}")
        elif entry.page.sha256 != row.sha256:
            found.append(f"{row.id}: {row.html} differs")
        elif entry.gold_sha256 != row.gold_sha256:
            found.append(f"{row.id}: its gold in {row.gold} differs")
    return found + [f"{name}: is not in the manifest" for name in entries]


def mirror_folder() -> Path | None:
    """The folder that DETECTOR_MIRROR names, if it is set."""
    named = os.environ.get("DETECTOR_MIRROR")
    return Path(named) if named else None


def main(arguments: Sequence[str] | None = None, datasets: Path = DATASETS) -> int:
    """The command line; 0 when every set asked for is complete, else 1."""
    parser = argparse.ArgumentParser(prog="python -m training.fetch", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("sets", nargs="*", metavar="SET", help="the sets to fetch; default: all")
    asked: list[str] = parser.parse_args(arguments).sets
    failed = False
    try:
        sources = load_sources(datasets)
    except CorpusError as error:
        print(error, file=sys.stderr)
        return 1
    for key in asked or sources:
        try:
            if key not in sources:
                raise CorpusError(f"no such set; there are {', '.join(sources)}")
            rows = load_manifest(key, datasets)
            fetched = fetch(sources[key], rows, cache_root(), mirror_folder())
        except CorpusError as error:
            print(f"{key}: {error}", file=sys.stderr)
            failed = True
        else:
            print(f"{key}: {len(rows)} pages {'fetched' if fetched else 'there already'}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
