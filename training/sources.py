"""What datasets/sources.toml and datasets/manifests say about the labelled page sets."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath

from training.corpora.page import CorpusError

DATASETS = Path(__file__).parents[1] / "datasets"


@dataclass(frozen=True, slots=True)
class Source:
    """One upstream repository at one commit.

    `archive` is the file name of its source archive in a mirror; `also` maps files that belong to
    no single page to their SHA-256.
    """

    key: str
    name: str
    owner: str
    repository: str
    commit: str
    archive: str
    labels_licence: str
    pages_licence: str
    role: str
    also: Mapping[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The address of the source archive."""
        return f"https://codeload.github.com/{self.owner}/{self.repository}/tar.gz/{self.commit}"


@dataclass(frozen=True, slots=True)
class Row:
    """One page in a manifest: its files, relative to the archive's top folder, and digests.

    `sha256` is that of the HTML (unzipped), `gold_sha256` that of the gold file or, where one
    file holds the gold of all pages, of the page's record in canonical JSON.
    """

    id: str
    html: str
    sha256: str
    gold: str
    gold_sha256: str
    site: str


def load_sources(datasets: Path = DATASETS) -> dict[str, Source]:
    """The sets in `datasets`/sources.toml by key; CorpusError when the file is not as expected."""
    path = datasets / "sources.toml"
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        return {key: Source(key=key, **table) for key, table in tables.items()}
    except (OSError, tomllib.TOMLDecodeError, TypeError) as error:
        raise CorpusError(f"cannot read {path}: {error}") from error


def manifest_path(key: str, datasets: Path = DATASETS) -> Path:
    """Where the manifest of the set `key` stands."""
    return datasets / "manifests" / f"{key}.jsonl"


def load_manifest(key: str, datasets: Path = DATASETS) -> list[Row]:
    """The rows of a set's manifest, in its order.

    Raises CorpusError when there is no manifest, a line is no row, two rows have one id, or a
    path leads out of the set's folder.
    """
    path = manifest_path(key, datasets)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise CorpusError(
            f"cannot read {path}: {error}; run: python -m training.manifests"
        ) from error
    rows: list[Row] = []
    seen: set[str] = set()
    for number, line in enumerate(lines, 1):
        try:
            row = Row(**json.loads(line))
        except (ValueError, TypeError) as error:
            raise CorpusError(f"{path}, line {number}: {error}") from error
        if row.id in seen:
            raise CorpusError(f"{path}, line {number}: {row.id} stands there twice")
        for inner in (row.html, row.gold):
            if not is_inside(inner):
                raise CorpusError(f"{path}, line {number}: {inner!r} leads out of the set's folder")
        seen.add(row.id)
        rows.append(row)
    return rows


def manifest_text(rows: Iterable[Row]) -> str:
    """The manifest of `rows`: a line of JSON each, sorted by id."""
    ordered = sorted(rows, key=lambda row: row.id)
    return "".join(json.dumps(asdict(row), ensure_ascii=False) + "\n" for row in ordered)


def is_inside(path: str) -> bool:
    """Whether a relative path with slashes stays below the folder it is joined to."""
    pure = PurePosixPath(path)
    return (
        bool(pure.parts) and not pure.is_absolute() and ".." not in pure.parts and "\\" not in path
    )
