"""Chinese financial news of five sites: HTML and the text that annotators took from it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from training.corpora.page import Entry, LabelledPage, read_bytes, sha256

SITES = {
    "cjw": "caijing.com.cn",
    "hexun": "hexun.com",
    "jjgc": "eeo.com.cn",
    "people": "people.com.cn",
    "qq": "qq.com",
}


def entries(root: Path) -> Iterator[Entry]:
    """The pages of the five sites whose HTML and text are both under `root`."""
    for folder, site in SITES.items():
        for html_path in sorted((root / "source_html" / folder).glob("*.html")):
            gold_path = root / "label_content" / folder / f"{html_path.stem}.txt"
            html, label = read_bytes(html_path), read_bytes(gold_path)
            page = LabelledPage(
                set="zh",
                id=f"zh/{folder}/{html_path.stem}",
                html=html,
                url=None,
                site=site,
                lang="zh",
                page_type="article",
                gold=label.decode("utf-8-sig"),
                with_=(),
                without=(),
                sha256=sha256(html),
                encoding="utf-8",  # all were saved so, though many declare gb2312
            )
            yield Entry(
                page,
                html_path.relative_to(root).as_posix(),
                gold_path.relative_to(root).as_posix(),
                sha256(label),
            )
