"""The consent models of a bundle."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from detector.bundle import Bundle
from detector.consent.buttons import BUTTON_COLUMNS, BUTTON_DOCS
from detector.consent.features import FEATURES
from detector.errors import BundleError
from detector.predictor import Predictor

ROOT_FILE: Final = "consent-roots.txt"
BUTTON_FILE: Final = "consent-buttons.txt"
ROOT_CLASSES: Final = ("none", "banner", "preferences", "reopen")
REOPEN: Final = ROOT_CLASSES.index("reopen")
ROOT_COLUMNS: Final = tuple(feature.name for feature in FEATURES)
DEFINITIONS: Final = (
    *((feature.name, feature.group, feature.doc) for feature in FEATURES),
    *((name, "button", doc) for name, doc in BUTTON_DOCS.items()),
)
"""Name, group and meaning of all columns of both models."""
THRESHOLDS: Final = ("consent_banner", "consent_reopen", "consent_button")


class ConsentModel(NamedTuple):
    """What predicts.

    Attributes:
        roots: a candidate's row -> probabilities of `ROOT_CLASSES`.
        buttons: a control's row -> probabilities of no role, and of `buttons.ROLES`.
        banner: probability of being consent UI from which a banner or preference centre is one.
        reopen: the same for re-open controls.
        button: probability from which a button is given its role.
    """

    roots: Predictor
    buttons: Predictor
    banner: float
    reopen: float
    button: float

    @classmethod
    def from_files(cls, files: dict[str, str], decision: dict[str, float]) -> ConsentModel:
        """From what `training.consent.fit_consent` returns."""
        # Many pages have no candidate for either.
        roots = Predictor(files[ROOT_FILE], ROOT_FILE, waits=True)
        buttons = Predictor(files[BUTTON_FILE], BUTTON_FILE, waits=True)
        for predictor, columns in ((roots, ROOT_COLUMNS), (buttons, BUTTON_COLUMNS)):
            if predictor.feature_names != columns:
                raise BundleError(
                    f"{predictor.name} was made for other features than this version's"
                )
        return cls(roots, buttons, *(float(decision[name]) for name in THRESHOLDS))

    @classmethod
    def from_bundle(cls, bundle: Bundle) -> ConsentModel:
        """From a bundle.

        Raises:
            BundleError: it has no consent models, or those of another version.
        """
        decision = {name: bundle.number(name) for name in THRESHOLDS}
        return cls.from_files(
            {name: bundle.text(name) for name in (ROOT_FILE, BUTTON_FILE)}, decision
        )

    def root_probabilities(self, matrix: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """(c, ROOT_CLASSES)."""
        return self.roots.predict(matrix).reshape(-1, len(ROOT_CLASSES))
