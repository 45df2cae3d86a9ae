"""The project's own pages: `datasets/pages/<name>.html` and the labels of its blocks beside it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from training.corpora import LabelledPage
from training.domains import registered_domain

FOLDER: Final = Path(__file__).parents[1] / "datasets" / "pages"


@dataclass(frozen=True, slots=True)
class OwnBanner:
    """What should be found first on a page: its kind, and its buttons as pairs of role and text."""

    kind: str
    buttons: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class OwnPage:
    """A page that we wrote, every block with a word in it labelled.

    `blocks` are pairs of a label (content, boilerplate or consent) and the block's text. `banner`
    is None on pages without consent UI, and on those that only its blocks are labelled on.
    """

    name: str
    html: bytes
    url: str
    page_type: str
    language: str
    blocks: tuple[tuple[str, str], ...]
    banner: OwnBanner | None

    @property
    def gold(self) -> str:
        """What the page was made to say."""
        return "\n\n".join(text for label, text in self.blocks if label == "content")

    def labelled(self) -> LabelledPage:
        """The page as the other sets' pages are."""
        return LabelledPage(
            set="own",
            id=f"own/{self.name}",
            html=self.html,
            url=self.url,
            site=registered_domain(self.url),
            lang=self.language,
            page_type=self.page_type,
            gold=self.gold,
            with_=(),
            without=(),
            sha256=hashlib.sha256(self.html).hexdigest(),
        )


def own_pages(folder: Path = FOLDER) -> Iterator[OwnPage]:
    """All own pages, in the order of their names."""
    for path in sorted(folder.glob("*.html")):
        labels = json.loads(path.with_suffix(".json").read_text("utf-8"))
        yield OwnPage(
            name=path.stem,
            html=path.read_bytes(),
            url=labels["url"],
            page_type=labels["type"],
            language=labels["language"],
            blocks=tuple((label, text) for label, text in labels["blocks"]),
            banner=_banner(labels.get("banner")),
        )


def _banner(row: dict[str, Any] | None) -> OwnBanner | None:
    if row is None:
        return None
    return OwnBanner(row["kind"], tuple((role, text) for role, text in row["buttons"]))


def own_labelled_pages() -> list[LabelledPage]:
    """All own pages, as the other sets' pages are."""
    return [page.labelled() for page in own_pages()]
