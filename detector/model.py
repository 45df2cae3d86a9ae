"""A model in memory: the bundle's parts, and a page's context -> probabilities of content."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from detector.bundle import Bundle, Manifest, feature_digest, load_bundle
from detector.compiled import MATRIX
from detector.consent.model import DEFINITIONS, ConsentModel
from detector.decide import Cut
from detector.errors import BundleError
from detector.features import FEATURES, featurise_page, use_words, write_features
from detector.features.context import Context
from detector.names import NameTable
from detector.page_types import PAGE_TYPES
from detector.predictor import Predictor
from detector.text.model import DEFINITIONS as TEXT_DEFINITIONS
from detector.text.model import TextModel

COLUMNS: Final = (*(row.name for row in FEATURES), *(f"type_{name}" for name in PAGE_TYPES))
"""Columns of the block model's matrix: the features, then the page's probable types."""

DEFAULT_BUNDLE: Final = Path(__file__).parent / "models" / "base"
CONTENT_FILE: Final = "content.txt"
PAGE_TYPE_FILE: Final = "page_type.txt"
TOKEN_FILE: Final = "tokens.tsv"


def digest() -> str:
    """Digest of the definitions of all columns of all models, which a bundle must match."""
    rows = [(row.name, row.group, row.doc) for row in FEATURES]
    types = [("type_" + name, "type", "page type") for name in PAGE_TYPES]
    return feature_digest([*rows, *types, *DEFINITIONS, *TEXT_DEFINITIONS])


class Model(NamedTuple):
    """What predicts: the bundle's models and learned scores, and its decision's number."""

    manifest: Manifest
    page_type: Predictor
    content: Predictor
    consent: ConsentModel
    text: TextModel
    names: NameTable
    cut: Cut

    def type_probabilities(self, context: Context) -> npt.NDArray[np.float64]:
        """Probability of each of `PAGE_TYPES`, shape (1, len(PAGE_TYPES))."""
        if MATRIX is not None:  # what reading words takes is given back before the rest is made
            use_words(context)
        return self.page_type.predict(featurise_page(context)).reshape(1, -1)

    def probabilities(
        self, context: Context, types: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.float64]:
        """Probability that each block is content, shape (n_blocks,)."""
        found = np.empty(context.n)
        for start, matrix in block_rows(context, types):
            found[start : start + len(matrix)] = self.content.predict(matrix)
        return found


_ROWS: Final = 3072
_PARTS: Final = 16
"""Rows that a matrix has at least, and matrices that a page is cut into at most: what is summed up
over the page's blocks is summed up again for each of them."""


def block_rows(
    context: Context, types: npt.NDArray[np.float64]
) -> Iterator[tuple[int, npt.NDArray[np.float32]]]:
    """`block_matrix` in parts, each with its first block's number; the next overwrites it.

    The whole of it is the largest thing that a large page would have made.
    """
    size = max(_ROWS, -(-context.n // _PARTS))
    if MATRIX is None:  # numpy makes columns, all of each
        size = max(context.n, 1)
    room = np.empty((min(context.n, size), len(COLUMNS)), np.float32)
    room[:, len(FEATURES) :] = types
    for start in range(0, context.n, size):
        matrix = room[: context.n - start]
        write_features(context, matrix, start)
        yield start, matrix


def block_matrix(context: Context, types: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """The block model's matrix, float32, shape (n_blocks, len(COLUMNS))."""
    matrix = np.empty((context.n, len(COLUMNS)), np.float32)
    write_features(context, matrix)
    matrix[:, len(FEATURES) :] = types
    return matrix


def load_model(path: str | Path | None = None) -> Model:
    """Load and verify a bundle; without a path, the one that is shipped.

    Raises:
        BundleError: it is missing, damaged, or made for other features than this version's.
    """
    bundle = load_bundle(
        Path(path) if path is not None else DEFAULT_BUNDLE,
        expected_features=COLUMNS,
        feature_digest=digest(),
    )
    return Model(
        manifest=bundle.manifest,
        page_type=Predictor(bundle.text(PAGE_TYPE_FILE), PAGE_TYPE_FILE),
        content=Predictor(bundle.text(CONTENT_FILE), CONTENT_FILE),
        consent=ConsentModel.from_bundle(bundle),
        text=TextModel.from_bundle(bundle),
        names=_names(bundle),
        cut=Cut(*map(bundle.number, Cut._fields)),
    )


def _names(bundle: Bundle) -> NameTable:
    try:
        return NameTable(bundle.text(TOKEN_FILE))
    except ValueError:
        raise BundleError(f"{bundle.path}: {TOKEN_FILE} must map tokens to numbers") from None
