"""scrapinghub's article-extraction-benchmark: news and blog articles, for measuring only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from training.corpora.page import (
    Entry,
    LabelledPage,
    canonical_json,
    declared_language,
    read_bytes,
    read_json,
    sha256,
)
from training.domains import registered_domain

_GOLD = "ground-truth.json"


def entries(root: Path) -> Iterator[Entry]:
    """The pages of ground-truth.json whose HTML is under `root`."""
    for name, record in sorted(read_json(root / _GOLD).items()):
        html_path = f"html/{name}.html.gz"
        if not (root / html_path).is_file():
            continue
        html = read_bytes(root / html_path)
        page = LabelledPage(
            set="aeb",
            id=f"aeb/{name}",
            html=html,
            url=record["url"],
            site=registered_domain(record["url"]),
            lang=declared_language(html, "en"),
            page_type="article",
            gold=record["articleBody"],
            with_=(),
            without=(),
            sha256=sha256(html),
        )
        yield Entry(page, html_path, _GOLD, sha256(canonical_json(record)))
