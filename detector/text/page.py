"""A text -> `Page`: the same result that a web page gives, without what only markup has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from html import escape
from typing import Any

import numpy as np
import numpy.typing as npt

from detector.consent.banner import ConsentBanner, language_of
from detector.consent.roots import Kind
from detector.consent.wall import OTHER_WORDS, WALL_SHARE
from detector.document import PageWarning
from detector.lazy import cached_property
from detector.lexicon import load_matcher
from detector.page import CONSENT, CONTENT, LABELS, Block, Page
from detector.text.blocks import TextBlock, split_blocks
from detector.text.context import CONTROLS
from detector.text.model import TextModel, passages


@dataclass(frozen=True, eq=False)
class TextPage(Page):
    """A `Page` made from a text. Its blocks and banners have no tag, paths or buttons."""

    _parts: tuple[TextBlock, ...] = field(repr=False)
    _consent: npt.NDArray[np.float64] = field(repr=False)

    def __getstate__(self) -> dict[str, Any]:
        return {f.name: getattr(self, f.name) for f in fields(self)}

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """Every paragraph or line with a word in it, in order."""
        return tuple(
            Block(part.text, LABELS[label], probability, tag="")
            for part, label, probability in zip(
                self._parts, self._labels.tolist(), self._probabilities.tolist(), strict=True
            )
        )

    @cached_property
    def banners(self) -> tuple[ConsentBanner, ...]:
        """Every passage of consent UI, in order."""
        return tuple(self._passage(first, end) for first, end in passages(self._labels == CONSENT))

    @property
    def cmps(self) -> tuple[str, ...]:
        """No platforms: a text has no script, link or element to name one."""
        return ()

    def html(self) -> str:
        """The content as an HTML document of paragraphs."""
        paragraphs = "".join(f"<p>{escape(self._parts[n].text)}</p>\n" for n in self._chosen())
        return (
            '<!DOCTYPE html>\n<html>\n<head>\n<meta charset="utf-8">\n'
            f"<title></title>\n</head>\n<body>\n{paragraphs}</body>\n</html>\n"
        )

    def _passage(self, first: int, end: int) -> ConsentBanner:
        text = "\n".join(part.text for part in self._parts[first:end])
        spans = load_matcher().spans(text)
        kind: Kind = "banner" if any(role in CONTROLS for _, role, _ in spans) else "notice"
        return ConsentBanner(
            kind="wall" if self.is_consent_wall else kind,
            cmp=None,
            text=text,
            probability=float(np.average(self._consent[first:end], weights=self._words[first:end])),
            language=language_of([term for _, _, term in spans]),
            visible=True,
            buttons=(),
            xpath="",
            css="",
        )


def page_of_text(text: str, model: TextModel, *, max_chars: int, max_blocks: int) -> TextPage:
    """Label the blocks of a text. See `Detector.detect_text`."""
    # As of a page: what can't be encoded becomes a question mark, NULs are dropped.
    text = text.encode("utf-8", "replace").decode().replace("\0", "")
    warnings = []
    if len(text) > max_chars:
        size = f"the text has {len(text):,} characters"
        message = f"{size}; what follows the first {max_chars:,} was not read"
        warnings.append(PageWarning("truncated", message))
        text = text[:max_chars]
    blocks = split_blocks(text)
    if len(blocks) > max_blocks:
        message = f"the text has more than {max_blocks:,} blocks; the rest was not read"
        warnings.append(PageWarning("too_many_blocks", message))
        del blocks[max_blocks:]
    if not blocks:
        warnings.append(PageWarning("empty", "the text has no word"))
    labels, probabilities = model.label([block.text for block in blocks])
    words = np.array([len(block.text.split()) for block in blocks], np.float64)
    own = float(words[labels == CONSENT].sum())
    total = float(words.sum())
    return TextPage(
        text=kept_text(text, blocks, labels),
        title="",
        url=None,
        encoding=None,
        language="",
        warnings=tuple(warnings),
        is_consent_wall=own > 0 and own / total >= WALL_SHARE and total - own <= OTHER_WORDS,
        _source=None,
        _labels=labels,
        _probabilities=probabilities[:, CONTENT],
        _words=words,
        _parts=tuple(blocks),
        _consent=probabilities[:, CONSENT],
    )


def kept_text(text: str, blocks: Sequence[TextBlock], labels: npt.NDArray[np.int8]) -> str:
    """The content blocks, parted as they were: by a line's end, or by a blank line."""
    parts: list[str] = []
    last = 0
    paragraph = False
    for block, label in zip(blocks, labels, strict=True):
        gap = text[last : block.start].splitlines()
        paragraph = paragraph or any(not line.strip() for line in gap[1:])
        last = block.end
        if label == CONTENT:
            parts += ["\n\n" if paragraph else "\n", block.text] if parts else [block.text]
            paragraph = False
    return "".join(parts)
