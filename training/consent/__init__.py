"""Learning to tell consent UI: labels, rows, fitting, scores."""

from __future__ import annotations

from training.consent.evaluate import evaluate
from training.consent.recipe import fit_consent

__all__ = ["evaluate", "fit_consent"]
