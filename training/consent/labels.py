"""The project's own consent labels, `datasets/consent/`, and the pages that they speak of.

`real.jsonl` labels pages of the public sets, found by the SHA-256 of their bytes;
`rendered.jsonl` labels browser snapshots, which are not part of the repository.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from training.corpora import CorpusError, LabelledPage, read_corpus

FOLDER: Final = Path(__file__).parents[2] / "datasets" / "consent"
REAL_SETS: Final = ("wcxb", "waddle", "aeb", "traf")
"""Sets whose pages were read for consent UI; the rest of their pages have no label."""
FOLDS: Final = 5


@dataclass(frozen=True, slots=True)
class ButtonLabel:
    """A button of a root: its path and one of the six roles. `visible` is None where unknown."""

    xpath: str
    role: str
    visible: bool | None


@dataclass(frozen=True, slots=True)
class RootLabel:
    """A consent root: `kind` is banner, modal, preferences, notice or reopen."""

    xpath: str
    kind: str
    cmp: str | None
    lang: str | None
    visible: bool | None
    buttons: tuple[ButtonLabel, ...]


@dataclass(frozen=True, slots=True)
class ConsentLabels:
    """What was read on one page.

    `label` is banner, reopen_only, embed_only, negative (it has look-alikes) or rendered. `group`
    is what is never split: the site, or the tool that a snapshot shows. `fold` is the site's, 0 to
    4, and -1 for snapshots.
    """

    page: str
    sha256: str
    group: str
    lang: str
    fold: int
    label: str
    roots: tuple[RootLabel, ...]
    negatives: tuple[str, ...]
    embeds: tuple[str, ...]
    cmps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConsentPage:
    """A page's bytes and labels; `labels` is None for a page that was not found worth reading."""

    id: str
    set: str
    html: bytes
    url: str | None
    site: str
    encoding: str | None
    labels: ConsentLabels | None
    gold: str | None


def read_labels(name: str, folder: Path = FOLDER) -> list[ConsentLabels]:
    """The labels in `<name>.jsonl`: `real` or `rendered`.

    Raises CorpusError when the file is absent or malformed.
    """
    path = folder / f"{name}.jsonl"
    try:
        lines = path.read_text("utf-8").splitlines()
        return [_labels(json.loads(line)) for line in lines]
    except (OSError, ValueError, KeyError) as error:
        raise CorpusError(f"{path} can't be read: {error!r}") from error


def _labels(row: dict[str, Any]) -> ConsentLabels:
    rendered = "tool" in row
    return ConsentLabels(
        page=row["page"],
        sha256=row["sha256"],
        group=row["tool"] if rendered else row["site"],
        lang=row["lang"],
        fold=-1 if rendered else row["fold"],
        label="rendered" if rendered else row["label"],
        roots=tuple(_root(root) for root in row["roots"]),
        negatives=tuple(row.get("negatives", ())),
        embeds=tuple(row["placeholders"] if rendered else row["embeds"]),
        cmps=tuple(row.get("cmps", ())),
    )


def _root(row: dict[str, Any]) -> RootLabel:
    buttons = tuple(
        ButtonLabel(button["xpath"], button["role"], button.get("visible"))
        for button in row["buttons"]
    )
    return RootLabel(
        row["xpath"], row["kind"], row["cmp"], row["lang"], row.get("visible"), buttons
    )


def labels_digest(folder: Path = FOLDER) -> str:
    """SHA-256 over both files of labels, which name the pages by their digests."""
    files = (folder / f"{name}.jsonl" for name in ("real", "rendered"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def real_pages(cache: Path | None = None) -> Iterator[ConsentPage]:
    """All pages of `REAL_SETS`, each once, with labels where they were read."""
    labels = {each.sha256: each for each in read_labels("real")}
    seen: set[str] = set()
    for name in REAL_SETS:
        for page in read_corpus(name, cache):
            if page.sha256 not in seen:
                seen.add(page.sha256)
                yield _real(page, labels.get(page.sha256))


def _real(page: LabelledPage, labels: ConsentLabels | None) -> ConsentPage:
    return ConsentPage(
        id=page.id,
        set=page.set,
        html=page.html,
        url=page.url,
        site=page.site,
        encoding=page.encoding,
        labels=labels,
        gold=page.gold,
    )


def rendered_folder() -> Path:
    """The folder in DETECTOR_RENDERED, or where the shared material has it beside the checkout."""
    named = os.environ.get("DETECTOR_RENDERED")
    beside = Path(__file__).parents[3] / "shared" / "consent" / "rendered" / "pages"
    return Path(named) if named else beside


def rendered_pages(folder: Path | None = None) -> Iterator[ConsentPage]:
    """The labelled snapshots, `<name>.html.gz` in the folder.

    Raises CorpusError when one is absent or its bytes are not those that were labelled.
    """
    root = folder or rendered_folder()
    for labels in read_labels("rendered"):
        path = root / f"{labels.page.removeprefix('rendered/')}.html.gz"
        try:
            html = gzip.decompress(path.read_bytes())
        except OSError as error:
            raise CorpusError(f"{path} can't be read: {error}") from error
        if hashlib.sha256(html).hexdigest() != labels.sha256:
            raise CorpusError(f"{path} is not the page that was labelled")
        yield ConsentPage(
            id=labels.page,
            set="rendered",
            html=html,
            url=None,
            site=labels.group,
            encoding="utf-8",
            labels=labels,
            gold=None,
        )
