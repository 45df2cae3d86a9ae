"""Web Content eXtraction Benchmark, development part: seven page types, mostly English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from training.corpora.page import (
    Entry,
    LabelledPage,
    declared_language,
    read_bytes,
    read_json,
    sha256,
)
from training.domains import registered_domain

_LINK = re.compile(
    rb"<link\b[^>]*\brel=[\"']?canonical\b[^>]*|<meta\b[^>]*\bproperty=[\"']og:url[\"'][^>]*",
    re.IGNORECASE,
)
_ADDRESS = re.compile(rb"(?:href|content)=[\"'](https?://[^\"'\s>]+)", re.IGNORECASE)


def entries(root: Path) -> Iterator[Entry]:
    """The pages whose HTML and ground truth are both under `root`."""
    for html_path in sorted((root / "dev/html").glob("*.html.gz")):
        name = html_path.name.removesuffix(".html.gz")
        gold_path = root / "dev/ground-truth" / f"{name}.json"
        html = read_bytes(html_path)
        record = read_json(gold_path)
        truth = record["ground_truth"]
        # A few records have no address; the page's own canonical one stands in.
        url = record.get("url") or canonical_url(html)
        page = LabelledPage(
            set="wcxb",
            id=f"wcxb/{name}",
            html=html,
            url=url,
            site=registered_domain(url) if url else f"wcxb-{name}.invalid",
            lang=declared_language(html, "en"),
            page_type=record["_internal"]["page_type"]["primary"],
            gold=truth.get("main_content"),
            with_=tuple(truth["with"]),
            without=tuple(truth["without"]),
            sha256=sha256(html),
        )
        yield Entry(
            page,
            html_path.relative_to(root).as_posix(),
            gold_path.relative_to(root).as_posix(),
            sha256(read_bytes(gold_path)),
        )


def canonical_url(html: bytes) -> str | None:
    """The absolute address in the page's canonical link or og:url, if it states one."""
    for tag in _LINK.finditer(html):
        address = _ADDRESS.search(tag[0])
        if address:
            return address[1].decode("utf-8", "replace")
    return None
