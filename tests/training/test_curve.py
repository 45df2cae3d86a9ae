"""What more trees and bags buy: on the project's own pages, which are too few to say it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from detector.predictor import Predictor
from training import curve
from training.fit import Prediction, Rows, fit
from training.own import own_labelled_pages
from training.train import build_rows


@pytest.fixture(scope="module")
def rows() -> Rows:
    return Rows(build_rows(own_labelled_pages()[::4]))


def test_fewer_trees_are_the_first_of_many(rows: Rows) -> None:
    pages = np.arange(len(rows))
    many = fit(rows, pages, 0, rounds=8)
    few = curve.first_trees(many, 3)
    assert few.content.count("\nTree=") == 3
    alone = fit(rows, pages, 0, rounds=3)
    expected = Predictor(alone.content, "three").predict(rows.static)
    assert np.allclose(Predictor(few.content, "first").predict(rows.static), expected)


def test_a_bag_says_what_its_models_say_on_average() -> None:
    types = np.ones(7) / 7
    bag = curve.mean_of([[Prediction(np.array([p]), types)] for p in (0.2, 0.6)])
    assert bag[0].probability == pytest.approx([0.4])


def test_each_choice_is_a_point(
    rows: Rows, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(curve, "TREES", (2, 6))
    monkeypatch.setattr(curve, "BAGS", (2,))
    monkeypatch.setattr(curve, "CONTENT_ROUNDS", 4)
    monkeypatch.setattr(curve, "TRAINABLE", ("own",))
    points = curve.measure(rows)
    assert [point.name for point in points] == ["2 trees", "6 trees", "2 models of 4"]
    assert all(0 < point.f1["own"] <= 1 for point in points)
    assert curve.table(points).count("\n") == 4
    pytest.importorskip("matplotlib")
    curve.draw(points, tmp_path / "curve.svg")
    assert "<svg" in (tmp_path / "curve.svg").read_text()
