"""A labelled page set of one's own: a folder of `<name>.html`, each with its labels beside it.

Labels are `<name>.txt`, the gold text alone, or `<name>.json`; `docs/retrain.md` has their form.
The project's own pages, `datasets/pages`, have it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, get_args

from detector.consent.banner import Role
from detector.page import LABELS
from detector.page_types import PAGE_TYPES
from training.consent.labels import ButtonLabel, ConsentLabels, ConsentPage, RootLabel
from training.consent.rows import KIND_CLASS
from training.corpora import CorpusError, LabelledPage
from training.corpora.page import declared_language, read_bytes
from training.domains import registered_domain

FIELDS: Final = ("url", "type", "language", "encoding", "gold", "blocks", "consent")


@dataclass(frozen=True, slots=True)
class SetPage:
    """A page of a set.

    Attributes:
        page: as the other sets' pages are; `gold` is None where only its consent UI is labelled.
        blocks: pairs of a label and a block's text, where blocks were labelled.
        consent: its consent UI, None where that was not looked at.
    """

    page: LabelledPage
    blocks: tuple[tuple[str, str], ...]
    consent: ConsentPage | None


def read_page_set(folder: Path, weight: float | None = None) -> list[SetPage]:
    """The pages of a set, in the order of their names.

    Args:
        folder: the set.
        weight: of each page in training, beside pages of weight 1 and less; None for that of any
            set that is not known.

    Raises:
        CorpusError: there is no such folder or no page in it, or a page's labels can't be used.
    """
    return [read_page(path, weight) for path in page_paths(folder)]


def page_paths(folder: Path) -> list[Path]:
    """The HTML files of a set. Raises CorpusError where there is none."""
    if not folder.is_dir():
        raise CorpusError(f"{folder} is no folder")
    paths = sorted(folder.glob("*.html"))
    if not paths:
        raise CorpusError(f"{folder} holds no page: no file in it ends in .html")
    return paths


def read_page(path: Path, weight: float | None = None) -> SetPage:
    """One page and the labels beside it. Raises CorpusError where they can't be used."""
    html = read_bytes(path)
    fields = _fields(path)
    url = fields.get("url")
    blocks = tuple((label, text) for label, text in fields.get("blocks", ()))
    gold = fields.get("gold")
    if blocks:
        gold = "\n\n".join(text for label, text in blocks if label == "content")
    page = LabelledPage(
        set="added",
        id=f"{path.parent.name}/{path.stem}",
        html=html,
        url=url,
        # Pages without an address may be of one site: they are never on both sides of a split.
        site=registered_domain(url) if url else path.parent.name,
        lang=fields.get("language") or declared_language(html, "und"),
        page_type=fields.get("type"),
        gold=gold,
        with_=(),
        without=(),
        sha256=hashlib.sha256(html).hexdigest(),
        encoding=fields.get("encoding"),
        weight=weight,
    )
    consent = fields.get("consent")
    return SetPage(page, blocks, None if consent is None else _consent(page, consent))


def _fields(path: Path) -> dict[str, Any]:
    labels, text = path.with_suffix(".json"), path.with_suffix(".txt")
    fields: dict[str, Any] = {}
    if labels.exists():
        try:
            fields = json.loads(labels.read_text("utf-8"))
        except ValueError as error:
            raise CorpusError(f"{labels}: no JSON in UTF-8: {error}") from error
    if text.exists():
        if isinstance(fields, dict) and ({"gold", "blocks"} & fields.keys()):
            raise CorpusError(f"{path}: its gold stands in {text.name} and in {labels.name}")
        try:
            fields = {**fields, "gold": text.read_text("utf-8")}
        except UnicodeDecodeError as error:
            raise CorpusError(f"{text}: not UTF-8: {error}") from error
    if wrong := form_fault(fields):
        raise CorpusError(f"{labels}: {wrong}")
    if not {"gold", "blocks", "consent"} & fields.keys():
        raise CorpusError(f"{path}: no labels: neither {text.name} nor gold, blocks or consent")
    return fields


def form_fault(fields: Any) -> str:
    """What is wrong with the form of a page's labels; "" if nothing."""
    if not isinstance(fields, dict):
        return "not an object"
    if unknown := sorted(fields.keys() - set(FIELDS)):
        return f"unknown field {unknown[0]!r}; there are {', '.join(FIELDS)}"
    for name in ("url", "type", "language", "encoding", "gold"):
        if not isinstance(fields.get(name, ""), str):
            return f"{name} is no string"
    if fields.get("type", "article") not in PAGE_TYPES:
        return f"type {fields['type']!r} is none of {', '.join(PAGE_TYPES)}"
    if "gold" in fields and "blocks" in fields:
        return "both gold and blocks: one of them says what is content"
    return _wrong_blocks(fields.get("blocks", [])) or _wrong_roots(fields.get("consent", []))


def _wrong_blocks(blocks: Any) -> str:
    if not isinstance(blocks, list) or not all(
        isinstance(each, list) and len(each) == 2 and all(isinstance(v, str) for v in each)
        for each in blocks
    ):
        return "blocks is no list of pairs of a label and a text"
    for label, _ in blocks:
        if label not in LABELS:
            return f"label {label!r} is none of {', '.join(LABELS)}"
    return ""


def _wrong_roots(roots: Any) -> str:
    if not isinstance(roots, list) or not all(isinstance(root, dict) for root in roots):
        return "consent is no list of objects"
    for root in roots:
        if not isinstance(root.get("xpath"), str):
            return "a root of consent has no xpath"
        if root.get("kind") not in KIND_CLASS:
            return f"kind {root.get('kind')!r} is none of {', '.join(KIND_CLASS)}"
        for button in root.get("buttons", []):
            if not isinstance(button, Mapping) or not isinstance(button.get("xpath"), str):
                return "a button has no xpath"
            if button.get("role") not in get_args(Role):
                return f"role {button.get('role')!r} is none of {', '.join(get_args(Role))}"
    return ""


def _consent(page: LabelledPage, roots: list[dict[str, Any]]) -> ConsentPage:
    labels = ConsentLabels(
        page=page.id,
        sha256=page.sha256,
        group=page.site,
        lang=page.lang,
        fold=-1,
        label="banner" if roots else "negative",
        roots=tuple(
            RootLabel(
                root["xpath"],
                root["kind"],
                root.get("cmp"),
                root.get("lang"),
                root.get("visible"),
                tuple(
                    ButtonLabel(button["xpath"], button["role"], button.get("visible"))
                    for button in root.get("buttons", ())
                ),
            )
            for root in roots
        ),
        negatives=(),
        embeds=(),
        cmps=(),
    )
    return ConsentPage(
        page.id, page.set, page.html, page.url, page.site, page.encoding, labels, page.gold
    )
