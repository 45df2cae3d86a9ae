"""`Page` -> the record that a batch writes of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from detector.batch.items import Fault, Item
from detector.decide import Mode
from detector.detector import Detector
from detector.page import Label, Page

Record = dict[str, Any]

FIELDS: Final[Mapping[str, Callable[[Page], Any]]] = {
    "title": lambda page: page.title,
    "text": lambda page: page.text,
    "html": lambda page: page.html(),
    "boilerplate": lambda page: _text_of(page, "boilerplate"),
    "consent": lambda page: _text_of(page, "consent"),
    "blocks": lambda page: [
        {"label": block.label, "probability": round(block.probability, 4), "text": block.text}
        for block in page.blocks
    ],
    "language": lambda page: page.language,
    "encoding": lambda page: page.encoding,
    "banners": lambda page: [banner.to_dict() for banner in page.banners],
    "cmps": lambda page: list(page.cmps),
    "is_consent_wall": lambda page: page.is_consent_wall,
    "warnings": lambda page: [
        {"code": warning.code, "message": warning.message} for warning in page.warnings
    ],
}
"""What a record can say of a page, and how."""

ABOUT: Final = ("place", "url", "bundle", "seconds")
"""What a record can say besides: where the page came from, what model saw it, and how long."""

DEFAULT_FIELDS: Final = (
    "place",
    "url",
    "title",
    "text",
    "language",
    "banners",
    "is_consent_wall",
    "warnings",
    "bundle",
    "seconds",
)


def _text_of(page: Page, label: Label) -> str:
    return "\n\n".join(block.text for block in page.blocks if block.label == label)


@dataclass(frozen=True, slots=True)
class Recorder:
    """Makes records of items; pickled once for each process that does.

    Attributes:
        detector: detects them.
        fields: what a record says, of `FIELDS` and `ABOUT`, in order.
        mode: see `Detector.detect`.
    """

    detector: Detector
    fields: Sequence[str]
    mode: Mode = "balanced"

    @property
    def bundle(self) -> str:
        """Name and version of the model bundle."""
        manifest = self.detector.model.manifest
        return f"{manifest.name} {manifest.version}"

    def __call__(self, item: Item) -> Record:
        """The record of an item; one with an `error` of its kind and message if it has no page."""
        if isinstance(item.page, Fault):
            return self.error(item, item.page)
        started = time.perf_counter()
        try:
            page = self.detector.detect(
                item.page, url=item.url, encoding=item.encoding, mode=self.mode
            )
            said = {name: FIELDS[name](page) for name in self.fields if name in FIELDS}
        except Exception as error:  # this boundary owns every error: a batch outlives any page
            return self.error(item, Fault(type(error).__name__, str(error)))
        said |= self._about(item) | {"seconds": round(time.perf_counter() - started, 6)}
        return {name: said[name] for name in self.fields}

    def error(self, item: Item, fault: Fault) -> Record:
        """The record that stands for an item without a page: it has an `error`."""
        return self._about(item) | {"error": {"kind": fault.kind, "message": fault.message}}

    def _about(self, item: Item) -> Record:
        return {"place": item.place, "url": item.url, "bundle": self.bundle}
