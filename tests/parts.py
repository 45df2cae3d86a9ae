"""The compiled parts beside the Python that they stand for, for the tests that compare them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from lxml import etree

from detector import Detector, compiled
from detector import blocks as blocks_module
from detector import chars as chars_module
from detector import decide as decide_module
from detector import document as document_module
from detector import encoding as encoding_module
from detector import forest as forest_module
from detector import measures as measures_module
from detector import names as names_module
from detector import render as render_module
from detector import selectors as selectors_module
from detector import trees as trees_module
from detector import words as words_module
from detector.blocks import BlockTable, walk
from detector.columns import NUMBER
from detector.consent import candidates as candidates_module
from detector.consent import controls as controls_module
from detector.consent import evidence as evidence_module
from detector.consent import features as features_module
from detector.consent import names as consent_names_module
from detector.document import parse
from detector.features import ancestors as ancestors_module
from detector.features import block as block_module
from detector.features import climb as climb_module
from detector.features import context as context_module
from detector.features import featurise, featurise_page
from detector.features import page as page_module
from detector.features import position as position_module
from detector.features import region as region_module
from detector.features import repetition as repetition_module
from detector.features import scores as scores_module
from detector.features import topic as topic_module
from detector.features.context import Context
from detector.lexicon import folding as folding_module
from detector.lexicon import matcher as matcher_module
from detector.metadata import read_metadata

PARTS = {
    "WALK": (blocks_module,),
    "BLOCKS": (blocks_module, render_module),
    "BYTES": (encoding_module, document_module),
    "TEXT": (chars_module, measures_module, position_module),
    "NAMES": (names_module,),
    "TREE": (context_module, climb_module, region_module),
    "MATRIX": (block_module, ancestors_module, region_module, position_module, page_module),
    "WORDS": (words_module, context_module),
    "TOPIC": (topic_module,),
    "REPETITION": (repetition_module,),
    "SCORES": (scores_module,),
    "FOREST": (forest_module, trees_module),
    "DECIDE": (decide_module,),
    "LEXICON": (folding_module, matcher_module),
    "CONSENT": (consent_names_module, evidence_module, controls_module),
    "CANDIDATES": (candidates_module, features_module),
    "ATTRIBUTES": (controls_module, features_module, selectors_module),
}

needs_all = pytest.mark.skipif(
    any(getattr(compiled, part) is None for part in PARTS), reason="not everything is compiled here"
)


def without(part: str, work: Callable[[], Any]) -> Any:
    """What Python does in the place of a compiled part."""
    return in_python(work, part)


def in_python(work: Callable[[], Any], *parts: str) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        for part in parts or PARTS:
            for module in PARTS[part]:
                patch.setattr(module, part, None)
        return work()


def assert_same_tables(table: BlockTable, expected: BlockTable) -> None:
    for field in dataclasses.fields(BlockTable):
        found, wanted = getattr(table, field.name), getattr(expected, field.name)
        if field.name == "head":  # the compiled walk leaves out what says nothing
            assert {*found} <= {*wanted}
        elif isinstance(wanted, np.ndarray):
            assert found.dtype == wanted.dtype == NUMBER
            assert found.tolist() == wanted.tolist(), field.name
        else:
            assert type(found) is type(wanted) or field.name == "elements"
            assert list(found) == list(wanted) if field.name != "cut" else found is wanted


def assert_walks_the_same(root: etree._Element, max_blocks: int = 50_000) -> BlockTable:
    expected = without("WALK", lambda: walk(root, max_blocks=max_blocks))
    metadata = read_metadata(root, None)
    for owned in (False, True):
        table = walk(root, max_blocks=max_blocks, owned=owned)
        assert_same_tables(table, expected)
        assert read_metadata(root, None, table.head) == metadata
    return walk(root, max_blocks=max_blocks)


@dataclasses.dataclass(frozen=True)
class Seen:
    """All that is made of a page."""

    table: BlockTable
    measures: tuple[npt.NDArray[Any], ...]
    labels: npt.NDArray[Any]
    probabilities: npt.NDArray[np.float64]
    text: str
    consent: dict[str, Any]


def see(detector: Detector, html: bytes) -> Seen:
    document = parse(html)
    table = walk(document.root)
    metadata = read_metadata(document.root, None, table.head)
    context = Context(table, metadata, detector.model.names)
    page = detector.detect(html)
    return Seen(
        table=table,
        measures=(
            context.node_chars,
            context.node_words,
            context.block_sums,
            context.element_sums,
            context.classes,
            context.last_class,
            context.text_id,
            context.element_groups,
            context.element_scores,
            featurise(context),
            featurise_page(context),
        ),
        labels=page._labels,
        probabilities=page._probabilities,
        text=page.text,
        consent=page.consent_dict(),
    )


def assert_same_pages(pages: Iterable[bytes], detector: Detector) -> None:
    slow = in_python(Detector)
    for html in pages:
        assert_same_page(html, detector, slow)


def assert_same_page(html: bytes, detector: Detector, slow: Detector) -> None:
    found, expected = see(detector, html), in_python(partial(see, slow, html))
    # The elements of two parses of the page are not the same ones.
    assert len(found.table.elements) == len(expected.table.elements)
    none: list[etree._Element] = []
    assert_same_tables(
        dataclasses.replace(found.table, elements=none, head=none),
        dataclasses.replace(expected.table, elements=none, head=none),
    )
    for one, other in zip(found.measures, expected.measures, strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)
    np.testing.assert_allclose(found.probabilities, expected.probabilities, rtol=0, atol=1e-9)
    assert found.labels.tolist() == expected.labels.tolist()
    assert (found.text, found.consent) == (expected.text, expected.consent)
