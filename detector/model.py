"""A model in memory: the bundle's parts, and a page's context -> probabilities of content."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from detector.bundle import Bundle, Manifest, feature_digest, load_bundle
from detector.errors import BundleError
from detector.features import FEATURES, featurise, featurise_page
from detector.features.context import Context
from detector.names import TokenScores
from detector.predictor import Predictor

PAGE_TYPES: Final = (
    "article",
    "documentation",
    "service",
    "forum",
    "product",
    "collection",
    "listing",
)
"""Types of page, in the order of the page-type model's classes; WCXB's."""

COLUMNS: Final = (*(row.name for row in FEATURES), *(f"type_{name}" for name in PAGE_TYPES))
"""Columns of the block model's matrix: the features, then the page's probable types."""

DEFAULT_BUNDLE: Final = Path(__file__).parent / "models" / "base"
PAGE_TYPE_FILE: Final = "page_type.txt"
TOKEN_FILE: Final = "tokens.json"


def digest() -> str:
    """Digest of the definitions of all columns, which a bundle must match."""
    rows = [(row.name, row.group, row.doc) for row in FEATURES]
    return feature_digest([*rows, *(("type_" + name, "type", "page type") for name in PAGE_TYPES)])


@dataclass(frozen=True, slots=True)
class Model:
    """What predicts. `content` is a bag of models whose probabilities are averaged."""

    manifest: Manifest
    page_type: Predictor
    content: tuple[Predictor, ...]
    tokens: TokenScores
    least_words: float

    def type_probabilities(self, context: Context) -> npt.NDArray[np.float64]:
        """Probability of each of `PAGE_TYPES`, shape (1, len(PAGE_TYPES))."""
        return self.page_type.predict(featurise_page(context)).reshape(1, -1)

    def probabilities(self, context: Context) -> npt.NDArray[np.float64]:
        """Probability that each block is content, shape (n_blocks,)."""
        if not context.n:
            return np.zeros(0)
        matrix = block_matrix(context, self.type_probabilities(context))
        bag = [predictor.predict(matrix) for predictor in self.content]
        return np.asarray(np.mean(bag, axis=0), np.float64)


def block_matrix(context: Context, types: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """The block model's matrix, float32, shape (n_blocks, len(COLUMNS))."""
    repeated = np.repeat(types.astype(np.float32), context.n, axis=0)
    return np.ascontiguousarray(np.concatenate((featurise(context), repeated), axis=1))


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
    decision = bundle.manifest.decision
    return Model(
        manifest=bundle.manifest,
        page_type=Predictor(bundle.text(PAGE_TYPE_FILE), PAGE_TYPE_FILE),
        content=tuple(
            Predictor(bundle.text(name), name) for name in content_files(bundle.manifest.files)
        ),
        tokens=_tokens(bundle),
        least_words=_number(bundle, decision, "least_words"),
    )


def content_files(names: Iterable[str]) -> Sequence[str]:
    """The names of the block models among a bundle's files, in order."""
    return sorted(name for name in names if name.startswith("content-"))


def _number(bundle: Bundle, decision: Mapping[str, object], name: str) -> float:
    value = decision.get(name)
    if isinstance(value, (int, float)):
        return float(value)
    raise BundleError(f"{bundle.path}: the manifest's decision has no number {name!r}")


def _tokens(bundle: Bundle) -> TokenScores:
    table = bundle.json(TOKEN_FILE)
    if isinstance(table, dict) and all(isinstance(score, float) for score in table.values()):
        return table
    raise BundleError(f"{bundle.path}: {TOKEN_FILE} must map tokens to numbers")
