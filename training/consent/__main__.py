"""`python -m training.consent`: the scores of the consent recipe, as a Markdown table."""

from __future__ import annotations

import sys

from training.boosting import TrainingError
from training.consent.evaluate import evaluate
from training.corpora import CorpusError


def main() -> int:
    """Run the command; returns the exit status."""
    try:
        report = evaluate()
    except (CorpusError, TrainingError) as error:
        print(f"consent: {error}", file=sys.stderr)
        return 1
    print("| measure | value | 95% interval | counts |")
    print("|---|---|---|---|")
    for name, row in report.items():
        value, low, high = (f"{row[key]:.4f}" for key in ("value", "low", "high"))
        print(f"| {name} | {value} | {low} to {high} | {row['hits']:g} of {row['among']:g} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
