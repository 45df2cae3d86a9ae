"""`python -m training.curve`: what more trees or a bag of models buy in F1, and what they cost.

Cross-validated by registered domain over all sets that are trained on. Models of fewer trees are
the first trees of one of many; a bag is the mean of models that differ in their seed.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from detector.model import CONTENT_FILE
from detector.predictor import Predictor
from training.boosting import TrainingError, import_lightgbm
from training.corpora import TRAINABLE, CorpusError, training_pages
from training.crossfit import FOLDS, fold_of_pages
from training.fit import CONTENT_ROUNDS, Fitted, Prediction, Rows, fit, page_weight, predict
from training.scoring import cut_of_each, page_f1, slices_of, summary, text_of
from training.threads import in_threads
from training.train import build_rows

TREES: Final = (45, 90, 180, 360, 540)
BAGS: Final = (2, 3)
TIMED: Final = 300
"""Pages on which the forest is timed."""


class Point(NamedTuple):
    """One choice: its name, F1 by set, milliseconds of CPU a page in the forest."""

    name: str
    f1: Mapping[str, float]
    cost: float


def first_trees(fitted: Fitted, trees: int) -> Fitted:
    """The same model with the first of its block model's trees alone."""
    booster: Any = import_lightgbm().Booster(model_str=fitted.content)
    return replace(fitted, content=booster.model_to_string(num_iteration=trees))


def mean_of(predictions: Sequence[Sequence[Prediction]]) -> list[Prediction]:
    """A bag's predictions: the mean of its models' probabilities."""
    return [
        Prediction(np.mean([each.probability for each in page], axis=0), page[0].types)
        for page in zip(*predictions, strict=True)
    ]


def measure(rows: Rows, seed: int = 0) -> list[Point]:
    """Every number of `TREES`, then every bag of `BAGS` at the shipped number of trees."""
    fold = fold_of_pages(rows, seed)
    known = [np.flatnonzero(fold != number) for number in range(FOLDS)]
    fits = [(number, bag) for number in range(FOLDS) for bag in range(max(BAGS))]

    def one(task: tuple[int, int]) -> Fitted:
        number, bag = task
        return fit(rows, known[number], seed + bag, max(TREES) if bag == 0 else CONTENT_ROUNDS)

    models = dict(zip(fits, in_threads(one, fits, "models"), strict=True))
    points = []
    for trees in TREES:
        shorter = [first_trees(models[number, 0], trees) for number in range(FOLDS)]
        points.append(_point(f"{trees} trees", rows, fold, [[each] for each in shorter]))
    for size in BAGS:
        bags = [
            [first_trees(models[number, bag], CONTENT_ROUNDS) for bag in range(size)]
            for number in range(FOLDS)
        ]
        points.append(_point(f"{size} models of {CONTENT_ROUNDS}", rows, fold, bags))
    return points


def _point(name: str, rows: Rows, fold: np.ndarray[Any, Any], bags: list[list[Fitted]]) -> Point:
    """Score one choice, a bag of models for each fold; each fold's cut is chosen on the others."""
    found: dict[int, Prediction] = {}
    for number, bag in enumerate(bags):
        pages = np.flatnonzero(fold == number)
        said = mean_of([predict(fitted, rows, pages) for fitted in bag])
        found.update(zip(pages.tolist(), said, strict=True))
    weight = np.array([page_weight(page) for page in rows.pages])
    predictions = [found[page] for page in range(len(rows))]
    cuts = cut_of_each(rows.pages, predictions, weight, fold)
    scores = np.array(
        [
            page_f1(page.page, text_of(page, prediction, cut))
            for page, prediction, cut in zip(rows.pages, predictions, cuts, strict=True)
        ]
    )
    table = summary(scores, slices_of([page.page for page in rows.pages]))
    predictors = [Predictor(fitted.content, CONTENT_FILE) for fitted in bags[0]]
    f1 = {name: table[name]["f1"] for name in TRAINABLE if name in table}
    return Point(name, f1, _cost(predictors, rows))


def _cost(predictors: Sequence[Predictor], rows: Rows) -> float:
    """Milliseconds of CPU that the forests take, on average over pages spread over the sets."""
    pages = np.linspace(0, len(rows) - 1, min(TIMED, len(rows))).astype(int).tolist()
    matrices = [rows.static[rows.start[page] : rows.start[page + 1]] for page in pages]
    started = time.process_time()
    for matrix in matrices:
        for predictor in predictors:
            predictor.predict(matrix)
    return (time.process_time() - started) * 1e3 / len(pages)


def table(points: Sequence[Point]) -> str:
    """The points as a Markdown table."""
    sets = list(points[0].f1)
    lines = [
        "| block model | " + " | ".join(sets) + " | forest, ms of CPU a page |",
        "|---|" + "---|" * (len(sets) + 1),
    ]
    for point in points:
        f1 = " | ".join(f"{point.f1[name]:.4f}" for name in sets)
        lines.append(f"| {point.name} | {f1} | {point.cost:.2f} |")
    return "\n".join(lines)


def draw(points: Sequence[Point], path: Path) -> None:
    """F1 over CPU time, a line a set (matplotlib, extra `bench`)."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "detector", "svg.fonttype": "none", "font.size": 10})
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(6.4, 3.6))
    single = [point for point in points if point.name.endswith("trees")]
    bags = [point for point in points if point not in single]
    for name in points[0].f1:
        (line,) = axes.plot(
            [point.cost for point in single],
            [point.f1[name] for point in single],
            "o-",
            label=name,
        )
        axes.plot(
            [point.cost for point in bags],
            [point.f1[name] for point in bags],
            "s",
            color=line.get_color(),
            mfc="white",
        )
    axes.set_xlabel("Forest, ms of CPU a page (squares: bags)")
    axes.set_ylabel("Word F1, cross-validated")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    figure.savefig(path, metadata={"Date": None}, facecolor="white", bbox_inches="tight")
    plt.close(figure)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m training.curve", description=__doc__)
    parser.add_argument("--limit", type=int, help="pages of each set, for a taste")
    parser.add_argument("--svg", type=Path, help="draw a picture too")
    options = parser.parse_args(arguments)
    try:
        pages = list(training_pages(TRAINABLE))
        if options.limit:
            pages = [
                page
                for name in TRAINABLE
                for page in [each for each in pages if each.set == name][: options.limit]
            ]
        points = measure(Rows(build_rows(pages)))
    except (CorpusError, TrainingError) as error:
        print(f"curve: {error}", file=sys.stderr)
        return 1
    print(table(points))
    if options.svg:
        draw(points, options.svg)
    return 0


if __name__ == "__main__":
    sys.exit(main())
