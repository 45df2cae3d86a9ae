"""`python -m training.text`: the scores of the text recipe, as a Markdown table."""

from __future__ import annotations

import sys

from training.boosting import TrainingError
from training.corpora import CorpusError
from training.evaluate import table
from training.text.evaluate import evaluate_text


def main() -> int:
    """Run the command; returns the exit status."""
    try:
        report = evaluate_text()
    except (CorpusError, TrainingError) as error:
        print(f"text: {error}", file=sys.stderr)
        return 1
    print(table(report))
    return 0


if __name__ == "__main__":
    sys.exit(main())
