"""trafilatura's evaluation pages: snippets that must and must not come out, many languages."""

from __future__ import annotations

import re
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
from training.domains import leading_domain, registered_domain

_GOLD = "tests/evaldata.json"
# Keys are addresses, a few with a stray letter in front, or labels such as "hard::<file>".
_ADDRESS = re.compile(r"https?://\S+")


def entries(root: Path) -> Iterator[Entry]:
    """The pages of evaldata.json whose HTML is under `root`."""
    for key, record in sorted(read_json(root / _GOLD).items(), key=lambda item: item[1]["file"]):
        name = record["file"]
        # The second folder is searched only for what the first lacks, as upstream does.
        paths = [f"tests/{folder}/{name}" for folder in ("cache", "eval")]
        html_path = next((path for path in paths if (root / path).is_file()), None)
        if html_path is None:
            continue
        html = read_bytes(root / html_path)
        found = _ADDRESS.search(key)
        page = LabelledPage(
            set="traf",
            id=f"traf/{name}",
            html=html,
            url=found[0] if found else None,
            site=registered_domain(found[0]) if found else leading_domain(name),
            lang=declared_language(html, "und"),
            page_type=None,
            gold=None,
            with_=tuple(record["with"]),
            without=tuple(record["without"]),
            sha256=sha256(html),
        )
        yield Entry(page, html_path, _GOLD, sha256(canonical_json(record)))
