"""What a first look at a text says of a block's neighbours: columns of the second look.

Consent UI is a passage: whether a plain line is part of it shows in what stands before and after.
Two models in a row on sequences are known as stacked sequential learning (Cohen and Carvalho,
IJCAI 2005): the second learns from what the first says of texts that it has not seen.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from detector.page import CONSENT, CONTENT
from detector.text.context import shift, window
from detector.text.features import TEXT_COLUMNS

_CONSENT_STEPS: Final = (-4, -3, -2, -1, 0, 1, 2, 3, 4)
_CONTENT_STEPS: Final = (-2, -1, 1, 2)
_RADII: Final = (2, 5, 15)

NEIGHBOUR_DOCS: Final = {
    **{
        f"consent_{by:+d}": f"Probability of consent of the block {by:+d}." for by in _CONSENT_STEPS
    },
    **{
        f"consent_within_{radius}": f"Its mean within {radius} blocks, the block itself included."
        for radius in _RADII
    },
    **{
        f"content_{by:+d}": f"Probability of content of the block {by:+d}." for by in _CONTENT_STEPS
    },
    "consent_most": "The text's highest probability of consent.",
    "consent_sum": "Sum of the text's probabilities of consent.",
}
"""What the second look has besides `TEXT_COLUMNS`."""
PASSAGE_COLUMNS: Final = (*TEXT_COLUMNS, *NEIGHBOUR_DOCS)


def with_neighbours(
    matrix: npt.NDArray[np.float32], probabilities: npt.NDArray[np.floating]
) -> npt.NDArray[np.float32]:
    """The second look's matrix, float32, shape (b, PASSAGE_COLUMNS).

    Args:
        matrix: (b, TEXT_COLUMNS).
        probabilities: (b, LABELS), of the first look.
    """
    consent = probabilities[:, CONSENT].astype(np.float64)
    content = probabilities[:, CONTENT].astype(np.float64)
    ones = np.ones(len(consent))
    columns = [
        *(shift(consent, by) if by else consent for by in _CONSENT_STEPS),
        *(window(consent, radius) / window(ones, radius) for radius in _RADII),
        *(shift(content, by) for by in _CONTENT_STEPS),
        np.full(len(consent), consent.max(initial=0.0)),
        np.full(len(consent), consent.sum()),
    ]
    return np.concatenate((matrix, np.stack(columns, axis=1).astype(np.float32)), axis=1)
