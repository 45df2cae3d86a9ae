"""Learning to label texts without markup: texts, rows, fitting, scores."""

from __future__ import annotations

from training.text.recipe import fit_text

__all__ = ["fit_text"]
